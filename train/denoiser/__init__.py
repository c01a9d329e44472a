"""Training of the joint part denoisers on latents that `python -m train encode` has written."""
