"""Cuts an object into segments that never straddle two parts, with a merge tree over them."""
