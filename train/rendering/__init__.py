"""Depth, normals and masks of triangle meshes, differentiable with respect to their vertices."""
