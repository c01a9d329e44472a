"""CraftsMan's denoisers of geometry latents: the diffusion transformer and the first release's."""
