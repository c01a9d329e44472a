"""Which groups are likely one part: what is seen of two groups, a model, a ranked list."""
