"""Captions as reviewers see and edit them."""
