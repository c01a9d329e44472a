"""Plain pictures of an object on white, for a model that judges how it looks."""

from __future__ import annotations

from math import radians

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.cameras import Camera, bounding_sphere, ring
from partworks.geometry.image_sampling import linear_to_srgb
from partworks.geometry.mesh import Mesh
from partworks.geometry.texture import Surface
from partworks.geometry.visibility import EmbreeCaster

UInt8 = NDArray[np.uint8]

ELEVATION = radians(20.0)
AMBIENT = 0.35


def object_views(mesh: Mesh, *, count: int, size: int) -> list[UInt8]:
    """`count` pictures (size, size, 3) uint8 sRGB from all around, a little from above.

    Base colour under a lamp at the camera, on white. The first camera stands a quarter of a step
    off the front, since objects show most of themselves there.
    """
    center, radius = bounding_sphere(mesh.vertices[np.unique(mesh.faces)])
    cameras = ring(
        count,
        elevation=ELEVATION,
        center=center,
        radius=radius,
        size=size,
        azimuth_offset=np.pi / (2 * count),
    )
    caster = EmbreeCaster(mesh.vertices, mesh.faces)
    surface = Surface(mesh)
    return [_view(camera, caster, surface) for camera in cameras]


def _view(camera: Camera, caster: EmbreeCaster, surface: Surface) -> UInt8:
    seen = caster.cast(camera)
    hit = seen.hit
    slant = np.abs(np.einsum("nc,nc->n", seen.normal[hit], camera.rays()[hit]))
    footprint = seen.depth[hit] / camera.focal / np.maximum(slant, 0.1)
    color = surface.base_color(seen.face_id[hit], seen.barycentric[hit], footprint=footprint)
    lit = color[:, :3] * (AMBIENT + (1 - AMBIENT) * slant)[:, None]
    image = np.ones((*hit.shape, 3), np.float32)
    image[hit] = lit
    pixels: UInt8 = np.rint(linear_to_srgb(np.clip(image, 0, 1)) * 255).astype(np.uint8)
    return pixels
