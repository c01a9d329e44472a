"""Checks of captions against what is known without a model: pixels, twins, lengths."""
