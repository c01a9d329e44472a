"""Surfaces behind one another: which of them are seen, and how transparent each is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.cameras import Camera
from partworks.geometry.mesh import Mesh
from partworks.geometry.texture import Surface, alpha_meaning
from partworks.geometry.visibility import Caster, Visibility

Float32 = NDArray[np.float32]

FAINT = 1 / 20
"""Blended surfaces below this alpha are taken for invisible helpers, not for glass."""

CLOSED = 1 / 512
"""When less light than half a step of 8 bits gets through, nothing behind can change the pixel."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """Surfaces that some pixels see, at most one each.

    Attributes:
        pixels: (N,) int64, flat indices of the pixels, ascending.
        face_id: (N,) int32.
        barycentric: (N, 3) float32.
        normal: (N, 3) float32 unit face normal, towards the camera.
        footprint: (N,) float32, what a pixel covers there, in units of the object's frame.
        color: (N, 4) float32 linear RGBA, straight; alpha is 0 or 1 where a cutoff decides.
    """

    pixels: NDArray[np.int64]
    face_id: NDArray[np.int32]
    barycentric: Float32
    normal: Float32
    footprint: Float32
    color: Float32


def peel(
    mesh: Mesh, surface: Surface, caster: Caster, camera: Camera, *, most: int
) -> Iterator[tuple[Visibility, Layer]]:
    """Layers from front to back, until each pixel is opaque, empty, or `most` layers are done."""
    cutoffs = _cutoffs(mesh)
    through = np.ones(camera.height * camera.width, np.float32)
    beyond: Float32 | None = None
    for _ in range(most):
        seen = caster.cast(camera, beyond=beyond)
        layer = _layer(seen, surface, cutoffs, camera)
        yield seen, layer
        through[layer.pixels] *= 1 - layer.color[:, 3]
        open_ = layer.pixels[through[layer.pixels] > CLOSED]
        if not len(open_):
            return
        beyond = np.full((camera.height, camera.width), np.inf, np.float32)
        beyond.reshape(-1)[open_] = seen.depth.reshape(-1)[open_]


def _layer(seen: Visibility, surface: Surface, cutoffs: Float32, camera: Camera) -> Layer:
    pixels = np.flatnonzero(seen.hit)
    face_id = seen.face_id.reshape(-1)[pixels]
    barycentric = seen.barycentric.reshape(-1, 3)[pixels]
    footprint = seen.depth.reshape(-1)[pixels] / np.float32(camera.focal)
    color = surface.base_color(face_id, barycentric, footprint=footprint)
    cutoff = cutoffs[face_id]
    cut = np.isfinite(cutoff)
    color[cut, 3] = color[cut, 3] >= cutoff[cut]
    return Layer(
        pixels=pixels,
        face_id=face_id,
        barycentric=barycentric,
        normal=seen.normal.reshape(-1, 3)[pixels],
        footprint=footprint,
        color=color,
    )


def first_visible(
    mesh: Mesh, surface: Surface, caster: Caster, camera: Camera, *, most: int
) -> Visibility:
    """The nearest surface that a person would say is there: no cut-out hole, nothing faint."""
    shape = (camera.height, camera.width)
    result = Visibility(
        face_id=np.full(shape, -1, np.int32),
        depth=np.full(shape, np.inf, np.float32),
        normal=np.zeros((*shape, 3), np.float32),
        barycentric=np.zeros((*shape, 3), np.float32),
    )
    for seen, layer in peel(mesh, surface, caster, camera, most=most):
        pixels = layer.pixels[layer.color[:, 3] >= FAINT]
        there = np.unravel_index(pixels[~result.hit.reshape(-1)[pixels]], shape)
        for name in ("face_id", "depth", "normal", "barycentric"):
            getattr(result, name)[there] = getattr(seen, name)[there]
    return result


def _cutoffs(mesh: Mesh) -> Float32:
    """(F,) the alpha below which a face is cut away, NaN where there is no cutoff."""
    table = [
        material.alpha_cutoff if alpha_meaning(material) == "MASK" else np.nan
        for material in mesh.materials
    ]
    return np.array([*table, np.nan], np.float32)[mesh.face_material]
