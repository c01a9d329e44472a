"""The part VAE: a set of latent tokens per part, as in 3DShape2VecSet, for a truncated UDF."""
