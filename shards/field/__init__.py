"""Signed distances around the parts of an object, where a sign can be trusted."""
