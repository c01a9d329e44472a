"""The quick renderer: rays to the surface, its colour, a light at the camera; no shadows.

It needs no graphics card and no Blender, and its pixels are those of the passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.parts import Parts
from partworks.geometry.cameras import Camera
from partworks.geometry.mesh import Mesh
from partworks.geometry.texture import Surface, linear_to_srgb
from partworks.geometry.visibility import EmbreeCaster, Hits, Visibility
from render.antialias import expose
from render.backend import Picture, Shot
from render.config import RasterConfig
from render.layers import between_pixels, peel
from render.shading import shade
from render.subject import Subject

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

MOST_POINTS = 1 << 18
"""Vertices that are looked for between the rays; where there are more, they lie close together."""

_PRIME = 1_000_003
"""Makes one number of several faces behind one another; int64 may wrap around."""


class RasterBackend:
    """See `render.backend.Backend`."""

    name = "raster"

    def __init__(self, config: RasterConfig) -> None:
        self._config = config

    def tools(self) -> Mapping[str, str]:
        """Name -> version of what decides the pixels."""
        return {name: version(name) for name in ("embreex", "numpy", "pillow")}

    def photograph(self, mesh: Mesh, parts: Parts, subjects: Sequence[Subject]) -> Iterator[Shot]:
        """See `Backend.photograph`."""
        surface = Surface(mesh)
        for subject in subjects:
            caster = SubsetCaster(mesh, subject.faces)
            for view, camera in enumerate(subject.cameras):
                light = self._light(mesh, surface, caster, camera)
                yield Shot(subject=subject, view=view, picture=_to_bytes(light))

    def _light(self, mesh: Mesh, surface: Surface, caster: SubsetCaster, camera: Camera) -> Float32:
        """(H, W, 4) float32 linear light multiplied by alpha."""

        def trace(x: Float64, y: Float64, factor: int) -> tuple[Int64, Float32]:
            faces = np.zeros(len(x), np.int64)
            light = np.zeros((len(x), 4), np.float32)
            for layer in peel(
                mesh,
                surface,
                between_pixels(caster, camera, x, y),
                rays=len(x),
                focal=camera.focal * factor,
                most=self._config.layers,
            ):
                rays = layer.hits.rays
                reaches = (1 - light[rays, 3]) * layer.color[:, 3]
                color = shade(surface, layer, camera, config=self._config)
                light[rays, :3] += reaches[:, None] * color
                light[rays, 3] += reaches
                there = reaches > 0
                seen = rays[there]
                faces[seen] = faces[seen] * _PRIME + layer.hits.face_id[there] + 1
            return faces, light

        return expose(
            trace,
            height=camera.height,
            width=camera.width,
            factor=self._config.supersample,
            occupied=_pixels_of(caster.points, camera),
        )


class SubsetCaster:
    """Casts rays against some faces of a mesh; ids are those of the whole mesh.

    Args:
        mesh: the whole.
        faces: (F,) bool, the faces that are there.

    Attributes:
        points: (N, 3) float32, the vertices of these faces, some of them if there are very many.
    """

    def __init__(self, mesh: Mesh, faces: NDArray[np.bool_]) -> None:
        self._ids = np.flatnonzero(faces).astype(np.int32)
        if len(self._ids) == mesh.face_count:
            vertices, subset = mesh.vertices, mesh.faces
        else:
            used, flat = np.unique(mesh.faces[self._ids], return_inverse=True)
            vertices, subset = mesh.vertices[used], flat.reshape(-1, 3)
        self._caster = EmbreeCaster(vertices, subset)
        chosen = np.zeros(len(vertices), bool)
        chosen[subset] = True
        self.points = vertices[chosen][:: len(vertices) // MOST_POINTS + 1]

    def cast(self, camera: Camera, *, beyond: Float32 | None = None) -> Visibility:
        """See `Caster.cast`."""
        seen = self._caster.cast(camera, beyond=beyond)
        face_id = seen.face_id.copy()
        face_id[seen.hit] = self._ids[face_id[seen.hit]]
        return replace(seen, face_id=face_id)

    def shoot(
        self, camera: Camera, x: Float64, y: Float64, *, beyond: Float32 | None = None
    ) -> Hits:
        """See `RayCaster.shoot`."""
        hits = self._caster.shoot(camera, x, y, beyond=beyond)
        return replace(hits, face_id=self._ids[hits.face_id])


def _pixels_of(points: NDArray[Any], camera: Camera) -> Int64:
    """(N,) int64 flat indices of the pixels that points, (M, 3), in the frame fall into."""
    x, y, _ = camera.project(points).T
    inside = (x >= 0) & (x < camera.width) & (y >= 0) & (y < camera.height)
    pixels: Int64 = y[inside].astype(np.int64) * camera.width + x[inside].astype(np.int64)
    return pixels


def _to_bytes(premultiplied: Float32) -> Picture:
    """(H, W, 4) 8-bit sRGB with straight alpha from linear light multiplied by alpha."""
    picture = np.zeros(premultiplied.shape, np.uint8)
    there = np.flatnonzero(premultiplied[..., 3] > 0)
    light = premultiplied.reshape(-1, 4).take(there, axis=0)
    alpha = light[:, 3:]
    straight = [linear_to_srgb((light[:, :3] / alpha).clip(0, 1)), alpha.clip(0, 1)]
    picture.reshape(-1, 4)[there] = np.rint(np.concatenate(straight, axis=1) * 255)
    return picture
