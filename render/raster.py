"""The quick renderer: rays to the surface, its colour, a light at the camera; no shadows.

It needs no graphics card and no Blender, and its pixels are those of the passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.parts import Parts
from partworks.geometry.cameras import Camera
from partworks.geometry.mesh import Mesh
from partworks.geometry.texture import Surface, linear_to_srgb
from partworks.geometry.visibility import Caster, EmbreeCaster, Visibility
from render.backend import Picture
from render.config import RenderConfig
from render.layers import Layer, peel
from render.subject import Subject

Float32 = NDArray[np.float32]

AMBIENT = 0.35
"""The light that reaches a surface seen edge on; one that faces the lamp gets 1, so none clips."""

GLOSS = 0.04
"""What every surface returns, whatever its colour, as plastic does: black things keep a shape."""

LAMP = (-0.25, 0.4, 1.0)
"""Where the lamp stands, in the camera's axes: over its left shoulder, so that the two sides of an
edge differ in brightness."""


class RasterBackend:
    """See `render.backend.Backend`."""

    name = "raster"

    def __init__(self, config: RenderConfig) -> None:
        self._config = config

    def tools(self) -> Mapping[str, str]:
        """Name -> version of what decides the pixels."""
        return {name: version(name) for name in ("embreex", "numpy", "pillow")}

    def photograph(
        self, mesh: Mesh, parts: Parts, subjects: Sequence[Subject]
    ) -> Iterator[tuple[Subject, list[Picture]]]:
        """See `Backend.photograph`."""
        surface = Surface(mesh)
        for subject in subjects:
            caster = SubsetCaster(mesh, subject.faces)
            yield (
                subject,
                [self._picture(mesh, surface, caster, camera) for camera in subject.cameras],
            )

    def _picture(self, mesh: Mesh, surface: Surface, caster: Caster, camera: Camera) -> Picture:
        fine = camera.resized(self._config.supersample)
        light = np.zeros((fine.height * fine.width, 4), np.float32)
        for _, layer in peel(mesh, surface, caster, fine, most=self._config.layers):
            reaches = (1 - light[layer.pixels, 3]) * layer.color[:, 3]
            light[layer.pixels, :3] += reaches[:, None] * self._shaded(surface, layer, fine)
            light[layer.pixels, 3] += reaches
        image = light.reshape(fine.height, fine.width, 4)
        return _to_bytes(_averaged(image, self._config.supersample))

    def _shaded(self, surface: Surface, layer: Layer, camera: Camera) -> Float32:
        """(N, 3) the linear light that comes from what is seen, at most 1."""
        color = layer.color[:, :3]
        if self._config.shading == "headlight":
            color = (GLOSS + (1 - GLOSS) * color) * _brightness(surface, layer, camera)[:, None]
        emitted = surface.emission(layer.face_id, layer.barycentric, footprint=layer.footprint)
        return np.minimum(color + emitted, 1)


class SubsetCaster:
    """Casts rays against some faces of a mesh; ids are those of the whole mesh.

    Args:
        mesh: the whole.
        faces: (F,) bool, the faces that are there.
    """

    def __init__(self, mesh: Mesh, faces: NDArray[np.bool_]) -> None:
        self._ids = np.flatnonzero(faces).astype(np.int32)
        used, subset = np.unique(mesh.faces[faces], return_inverse=True)
        self._caster = EmbreeCaster(mesh.vertices[used], subset.reshape(-1, 3))

    def cast(self, camera: Camera, *, beyond: Float32 | None = None) -> Visibility:
        """See `Caster.cast`."""
        seen = self._caster.cast(camera, beyond=beyond)
        face_id = seen.face_id.copy()
        face_id[seen.hit] = self._ids[face_id[seen.hit]]
        return replace(seen, face_id=face_id)


def _brightness(surface: Surface, layer: Layer, camera: Camera) -> Float32:
    """(N,) float32 in [AMBIENT, 1]: how much of the lamp's light each surface returns."""
    smooth = surface.normal(layer.face_id, layer.barycentric)
    # A smooth normal counts on the side that is seen; without one, the face's own does.
    side = np.sign(np.einsum("nc,nc->n", smooth, layer.normal))[:, None]
    normal = np.where(side == 0, layer.normal, smooth * side)
    lamp = camera.rotation @ (np.asarray(LAMP) / np.linalg.norm(LAMP))
    facing = np.clip(normal @ lamp.astype(np.float32), 0, 1)
    brightness: Float32 = AMBIENT + (1 - AMBIENT) * facing
    return brightness


def _averaged(image: Float32, factor: int) -> Float32:
    """The means of blocks of `factor` × `factor` pixels."""
    total = np.zeros_like(image[::factor, ::factor])
    for row in range(factor):
        for column in range(factor):
            total += image[row::factor, column::factor]
    return total / np.float32(factor * factor)


def _to_bytes(premultiplied: Float32) -> Picture:
    """8-bit sRGB with straight alpha from linear light multiplied by alpha."""
    alpha = premultiplied[..., 3:]
    color = np.divide(
        premultiplied[..., :3], alpha, out=np.zeros_like(premultiplied[..., :3]), where=alpha > 0
    )
    straight = np.concatenate([linear_to_srgb(color.clip(0, 1)), alpha.clip(0, 1)], axis=-1)
    picture: Picture = np.rint(straight * 255).astype(np.uint8)
    return picture
