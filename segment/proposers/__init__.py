"""Mask proposers: from images of an object to ranked masks of what may be its parts."""
