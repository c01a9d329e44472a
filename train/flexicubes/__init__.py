"""Meshes that can be differentiated (Shen et al. 2023, FlexiCubes)."""
