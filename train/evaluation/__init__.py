"""What a generator makes of the objects of a split, beside the true ones."""
