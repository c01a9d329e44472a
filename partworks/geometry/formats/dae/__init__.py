"""COLLADA, parsed by pycollada behind limits of our own: one node per primitive met on the walk."""
