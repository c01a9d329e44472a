"""Meshes with texture and face identity, adjacency, cameras and visibility."""
