"""PixArt-alpha, the denoiser of image latents: `diffusers`' network, run block by block."""
