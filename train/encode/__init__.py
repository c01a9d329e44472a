"""Latents of a whole training set, written as shards again, for the denoisers."""
