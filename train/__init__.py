"""Fits part models on the shards."""
