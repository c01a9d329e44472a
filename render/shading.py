"""The light that a surface sends to the camera: a lamp beside it, no shadows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.cameras import Camera
from partworks.geometry.texture import Surface
from render.config import RasterConfig
from render.layers import Layer

Float32 = NDArray[np.float32]

AMBIENT = 0.35
"""The light that reaches a surface seen edge on; one that faces the lamp gets 1, so none clips."""

GLOSS = 0.04
"""What every surface returns, whatever its colour, as plastic does: black things keep a shape."""

LAMP = (-0.25, 0.4, 1.0)
"""Where the lamp stands, in the camera's axes: over its left shoulder, so that the two sides of an
edge differ in brightness."""


def shade(surface: Surface, layer: Layer, camera: Camera, *, config: RasterConfig) -> Float32:
    """(N, 3) float32 linear light, at most 1, that comes from what is seen, whatever its alpha."""
    hits, color = layer.hits, layer.color[:, :3]
    if config.shading == "headlight":
        normal = _normal(surface, layer, bumps=config.normal_maps)
        color = (GLOSS + (1 - GLOSS) * color) * _brightness(normal, camera)[:, None]
    if surface.glows:
        emitted = surface.emission(hits.face_id, hits.barycentric, footprint=layer.footprint)
        color = np.minimum(color + emitted, 1)
    return color


def _normal(surface: Surface, layer: Layer, *, bumps: bool) -> Float32:
    """(N, 3) unit: the smooth or bent normal, on the side that is seen; else the face's own."""
    hits = layer.hits
    if bumps:
        normal = surface.bumped_normal(hits.face_id, hits.barycentric, footprint=layer.footprint)
    else:
        normal = surface.normal(hits.face_id, hits.barycentric)
    side = np.sign(np.einsum("nc,nc->n", normal, hits.normal))[:, None]
    return np.where(side == 0, hits.normal, normal * side)


def _brightness(normal: Float32, camera: Camera) -> Float32:
    """(N,) float32 in [AMBIENT, 1]: how much of the lamp's light surfaces of a normal return."""
    lamp = camera.rotation @ (np.asarray(LAMP) / np.linalg.norm(LAMP))
    facing = np.clip(normal @ lamp.astype(np.float32), 0, 1)
    brightness: Float32 = AMBIENT + (1 - AMBIENT) * facing
    return brightness
