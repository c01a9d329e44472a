"""Autoencoders on a set of latent tokens: 3DShape2VecSet and its descendants, one network."""
