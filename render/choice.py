"""The backend that the settings name."""

from __future__ import annotations

from render.backend import Backend
from render.config import RenderConfig


def make_backend(config: RenderConfig, *, seed: int) -> Backend:
    """The backend that the config names; heavy imports happen here."""
    if config.backend == "blender":
        from render.blender.backend import BlenderBackend

        return BlenderBackend(
            config.blender,
            lighting=config.chosen.lighting,
            layers=config.raster.layers,
            seed=seed,
        )
    from render.raster import RasterBackend

    return RasterBackend(config.raster)
