"""The backend that the settings name."""

from __future__ import annotations

from render.backend import Backend
from render.config import RenderConfig


def make_backend(config: RenderConfig, *, seed: int) -> Backend:
    """The backend that the config names; heavy imports happen here."""
    if config.backend == "blender":
        from render.blender import BlenderBackend

        return BlenderBackend(config, seed=seed)
    from render.raster import RasterBackend

    return RasterBackend(config)
