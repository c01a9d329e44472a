"""Surfaces behind one another: which of them are seen, and how transparent each is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.cameras import Camera
from partworks.geometry.mesh import Mesh
from partworks.geometry.texture import Surface, alpha_meaning
from partworks.geometry.visibility import Caster, Hits, RayCaster, Visibility

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

FAINT = 1 / 20
"""Blended surfaces below this alpha are taken for invisible helpers, not for glass."""

CLOSED = 1 / 512
"""When less light than half a step of 8 bits gets through, nothing behind can change the pixel."""


Shoot = Callable[[NDArray[np.int64], Float32 | None], Hits]
"""Casts the rays of the given numbers, beyond a planar depth each, if there is one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """Surfaces that some rays meet, one each.

    Attributes:
        hits: which rays, and where they meet which face.
        footprint: (N,) float32, what a ray stands for there, in units of the object's frame.
        color: (N, 4) float32 linear RGBA, straight; alpha is 0 or 1 where a cutoff decides.
    """

    hits: Hits
    footprint: Float32
    color: Float32


def peel(
    mesh: Mesh, surface: Surface, shoot: Shoot, *, rays: int, focal: float, most: int
) -> Iterator[Layer]:
    """Layers from front to back, until each ray is closed or misses, or `most` layers are done.

    Args:
        mesh: the object.
        surface: its look.
        shoot: casts rays.
        rays: how many there are.
        focal: focal length in units of the distance between rays.
        most: layers.
    """
    cutoffs = _cutoffs(mesh)
    through = np.ones(rays, np.float32)
    numbers, beyond = np.arange(rays), None
    for _ in range(most):
        hits = shoot(numbers, beyond)
        layer = _layer(hits, mesh, surface, cutoffs, focal)
        yield layer
        through[hits.rays] *= 1 - layer.color[:, 3]
        open_ = through[hits.rays] > CLOSED
        if not open_.any():
            return
        numbers, beyond = hits.rays[open_], hits.depth[open_]


def between_pixels(caster: RayCaster, camera: Camera, x: Float64, y: Float64) -> Shoot:
    """For `peel`: rays through points of the image, (R,) `x` and `y` in pixels."""

    def shoot(numbers: NDArray[np.int64], beyond: Float32 | None) -> Hits:
        hits = caster.shoot(camera, x[numbers], y[numbers], beyond=beyond)
        return replace(hits, rays=numbers[hits.rays])

    return shoot


def through_pixels(caster: Caster, camera: Camera) -> Shoot:
    """For `peel`: a ray through the centre of each pixel, numbered row by row."""
    shape = (camera.height, camera.width)

    def shoot(numbers: NDArray[np.int64], beyond: Float32 | None) -> Hits:
        floor = None
        if beyond is not None:
            floor = np.full(shape, np.inf, np.float32)
            floor.reshape(-1)[numbers] = beyond
        seen = caster.cast(camera, beyond=floor)
        pixels = np.flatnonzero(seen.hit)
        return Hits(
            rays=pixels,
            face_id=seen.face_id.reshape(-1)[pixels],
            depth=seen.depth.reshape(-1)[pixels],
            normal=seen.normal.reshape(-1, 3)[pixels],
            barycentric=seen.barycentric.reshape(-1, 3)[pixels],
        )

    return shoot


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
    shoot = through_pixels(caster, camera)
    rays = camera.height * camera.width
    for layer in peel(mesh, surface, shoot, rays=rays, focal=camera.focal, most=most):
        hits = layer.hits
        solid = layer.color[:, 3] >= FAINT
        solid &= ~result.hit.reshape(-1)[hits.rays]
        there = np.unravel_index(hits.rays[solid], shape)
        for name in ("face_id", "depth", "normal", "barycentric"):
            getattr(result, name)[there] = getattr(hits, name)[solid]
    return result


def _layer(hits: Hits, mesh: Mesh, surface: Surface, cutoffs: Float32, focal: float) -> Layer:
    footprint = hits.depth / np.float32(focal)
    color = surface.base_color(hits.face_id, hits.barycentric, footprint=footprint)
    cutoff = cutoffs[mesh.face_material[hits.face_id]]
    cut = np.isfinite(cutoff)
    color[cut, 3] = color[cut, 3] >= cutoff[cut]
    return Layer(hits=hits, footprint=footprint, color=color)


def _cutoffs(mesh: Mesh) -> Float32:
    """(M + 1,) the alpha below which a material is cut away, NaN for no cutoff and no material."""
    table = [
        material.alpha_cutoff if alpha_meaning(material) == "MASK" else np.nan
        for material in mesh.materials
    ]
    return np.array([*table, np.nan], np.float32)
