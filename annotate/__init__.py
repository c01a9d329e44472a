"""Turns segments into parts: accepted automatically, or merged and split by reviewers."""
