"""What a camera sees of a mesh: face ids, depth, normals and barycentric coordinates per pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
from numpy.typing import NDArray

from partworks.geometry.cameras import Camera
from partworks.geometry.coincident import CoincidentFaces
from partworks.geometry.measures import face_normals

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]

STEP = 1e-5
"""How far behind a surface the next layer may begin, as a share of the scene's half extent."""

NUDGE = (0.0011, 0.0007)
"""Pixels by which rays miss the centres of pixels, to the right and down. In float32 a ray exactly
through a corner may slip between the faces around it; symmetric objects and views have many."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Visibility:
    """The surface seen through the centre of each pixel.

    Attributes:
        face_id: (H, W) int32, -1 = background.
        depth: (H, W) float32 planar camera z, > 0, infinite in the background.
        normal: (H, W, 3) float32 unit face normal in the world, turned to face the camera; 0 in the
            background.
        barycentric: (H, W, 3) float32 weights of the face's three corners, ≥ 0 with sum 1; 0 in the
            background.
    """

    face_id: Int32
    depth: Float32
    normal: Float32
    barycentric: Float32

    @property
    def hit(self) -> NDArray[np.bool_]:
        """(H, W) bool: the pixels that see a face."""
        return self.face_id >= 0


class Caster(Protocol):
    """Finds what cameras see of one mesh; a rasteriser on a GPU can stand in for rays."""

    def cast(self, camera: Camera, *, beyond: Float32 | None = None) -> Visibility:
        """The nearest surface through each pixel.

        Args:
            camera: where to look from.
            beyond: (H, W) float32 planar depth; only what lies farther than it counts, and pixels
                with infinity are left as background. For peeling layers of transparent surfaces.
        """
        ...


class EmbreeCaster:
    """Casts rays with Embree against vertices and faces as they are numbered in the mesh.

    Faces that lie exactly on one another (the two sides of a leaf, modelled twice) count as one:
    it is seen as the first of them whose front faces the camera, else as the first of all. Faces
    without area are never seen. The result does not depend on the number of threads.

    Args:
        vertices: (V, 3) float32 or float64, any unit.
        faces: (F, 3) int.

    Raises:
        ValueError: a vertex of a face is not finite, or an index is out of range.
    """

    def __init__(self, vertices: NDArray[Any], faces: NDArray[Any]) -> None:
        _check(vertices, faces)
        self._normals = face_normals(vertices, faces).astype(np.float32)
        self._groups = CoincidentFaces(vertices, faces)
        used = vertices[faces.reshape(-1)].astype(np.float64).reshape(-1, 3)
        low, high = (used.min(axis=0), used.max(axis=0)) if len(used) else (np.zeros(3),) * 2
        self._box = np.stack(np.meshgrid(*np.stack([low, high], axis=1)), axis=-1).reshape(-1, 3)
        # Rays are float32: a scene around the origin with a half extent of 1 keeps them exact.
        self._center = (low + high) / 2
        self._scale = float((high - low).max() / 2) or 1.0
        self._scene = None
        if len(faces):
            placed = (vertices.astype(np.float64) - self._center) / self._scale
            kept = faces[self._groups.first].astype(np.int32)
            # Robust: rays through an edge that two faces share must not slip between them.
            self._scene = EmbreeScene(None, True)
            # Vertices that no face uses may lie anywhere, but Embree bounds what it is given.
            unused = np.ones(len(vertices), bool)
            unused[faces] = False
            placed[unused] = 0.0
            self._mesh = TriangleMesh(self._scene, placed.astype(np.float32), kept)

    def cast(self, camera: Camera, *, beyond: Float32 | None = None) -> Visibility:
        """See `Caster.cast`."""
        shape = (camera.height, camera.width)
        floor = np.zeros(shape, np.float32) if beyond is None else beyond
        pixels = np.flatnonzero(np.isfinite(floor) & self._in_frame(camera))
        rows, columns = np.divmod(pixels, camera.width)
        directions = camera.directions(columns + 0.5 + NUDGE[0], rows + 0.5 + NUDGE[1])
        step = 0.0 if beyond is None else STEP * self._scale
        start = floor.reshape(-1)[pixels] / (directions @ camera.forward) + step
        hit, group, distance, corners = self._nearest(camera.position, directions, start)
        pixels, directions, distance = pixels[hit], directions[hit], distance[hit]
        face = self._groups.first[group[hit]]
        away = _dot(self._normals[face], directions) > 0
        face, corners = self._groups.facing(face, corners[hit], away)
        normal = self._normals[face]
        normal = np.where(_dot(normal, directions)[:, None] > 0, -normal, normal)
        return Visibility(
            face_id=_image(shape, pixels, face.astype(np.int32), -1),
            depth=_image(shape, pixels, (distance * (directions @ camera.forward)), np.inf),
            normal=_image(shape, pixels, normal, 0.0),
            barycentric=_image(shape, pixels, corners, 0.0),
        )

    def _in_frame(self, camera: Camera) -> NDArray[np.bool_]:
        """(H, W) bool: pixels that can see the scene's bounding box; the others need no ray."""
        inside = np.ones((camera.height, camera.width), bool)
        pixel = camera.project(self._box)
        if np.isnan(pixel[:, 0]).any():  # the camera stands inside or beside the box
            return inside
        left, top = np.floor(pixel[:, :2].min(axis=0)) - 1
        right, bottom = np.ceil(pixel[:, :2].max(axis=0)) + 1
        columns, rows = np.arange(camera.width), np.arange(camera.height)
        inside &= (columns >= left) & (columns < right)
        inside &= ((rows >= top) & (rows < bottom))[:, None]
        return inside

    def _nearest(
        self, origin: Float64, directions: Float64, start: Float64
    ) -> tuple[NDArray[np.bool_], Int32, Float64, Float32]:
        """Per ray: hit or not, group of faces, distance from `origin`, barycentric coordinates."""
        count = len(directions)
        if self._scene is None or not count:
            nothing = np.zeros(count, np.int32)
            return np.zeros(count, bool), nothing, np.zeros(count), np.zeros((count, 3), np.float32)
        placed = (origin - self._center + start[:, None] * directions) / self._scale
        found = self._scene.run(
            placed.astype(np.float32), directions.astype(np.float32), output=True
        )
        first, second = found["u"], found["v"]
        corners = np.stack([1 - first - second, first, second], axis=1).clip(0, 1)
        corners /= (corners[:, 0] + corners[:, 1] + corners[:, 2])[:, None]
        distance = start + found["tfar"].astype(np.float64) * self._scale
        return found["primID"] >= 0, found["primID"], distance, corners


def _dot(first: NDArray[Any], second: NDArray[Any]) -> NDArray[Any]:
    """(N,) the inner products of rows; a plain sum over so short an axis is slow."""
    product: NDArray[Any] = np.einsum("nc,nc->n", first, second)
    return product


def _check(vertices: NDArray[Any], faces: NDArray[Any]) -> None:
    if vertices.ndim != 2 or vertices.shape[1] != 3 or faces.ndim != 2 or faces.shape[1] != 3:
        raise ValueError(
            f"expected vertices (V, 3) and faces (F, 3), found {vertices.shape} and {faces.shape}"
        )
    if not len(faces):
        return
    if faces.min() < 0 or faces.max() >= len(vertices):
        raise ValueError(
            f"faces index vertices {faces.min()}…{faces.max()}, but there are {len(vertices)}"
        )
    wrong = np.unique(faces)[~np.isfinite(vertices[np.unique(faces)]).all(axis=1)]
    if len(wrong):
        raise ValueError(
            f"{len(wrong)} vertices that faces use are not finite, the first is vertex {wrong[0]}; "
            "remove their faces before casting"
        )


def _image(
    shape: tuple[int, int], pixels: NDArray[np.int64], values: NDArray[Any], background: float
) -> NDArray[Any]:
    """(H, W, …) image with `values` at the flat `pixels` and `background` elsewhere."""
    kind = np.int32 if values.dtype == np.int32 else np.float32
    image = np.full((shape[0] * shape[1], *values.shape[1:]), background, kind)
    image[pixels] = values
    return image.reshape(*shape, *values.shape[1:])
