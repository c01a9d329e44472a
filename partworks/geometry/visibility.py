"""What a camera sees of a mesh: face ids, depth, normals and barycentric coordinates per pixel."""

from __future__ import annotations

from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hits:
    """The surface met by some of the rays through points of an image.

    Attributes:
        rays: (N,) int64, the numbers of the rays that meet a face, ascending.
        face_id: (N,) int32.
        depth: (N,) float32 planar camera z, > 0.
        normal: (N, 3) float32 unit face normal in the world, turned to face the camera.
        barycentric: (N, 3) float32 weights of the face's three corners, ≥ 0 with sum 1.
    """

    rays: NDArray[np.int64]
    face_id: Int32
    depth: Float32
    normal: Float32
    barycentric: Float32


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


class RayCaster(Caster, Protocol):
    """A caster that can also look through points between the centres of pixels."""

    def shoot(
        self, camera: Camera, x: Float64, y: Float64, *, beyond: Float32 | None = None
    ) -> Hits:
        """The nearest surface through each of some points of the image.

        Args:
            camera: where to look from.
            x: (R,) float64, pixels from the left side of the image.
            y: (R,) float64, pixels from its upper side.
            beyond: (R,) float32 planar depth; only what lies farther than it counts.
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
        closed = True if beyond is None else np.isfinite(beyond)
        pixels = np.flatnonzero(closed & self._in_frame(camera))
        rows, columns = np.divmod(pixels, camera.width)
        floor = None if beyond is None else beyond.reshape(-1)[pixels]
        seen = self._hits(camera, columns + 0.5, rows + 0.5, floor)
        pixels = pixels[seen.rays]
        return Visibility(
            face_id=_image(shape, pixels, seen.face_id, -1),
            depth=_image(shape, pixels, seen.depth, np.inf),
            normal=_image(shape, pixels, seen.normal, 0.0),
            barycentric=_image(shape, pixels, seen.barycentric, 0.0),
        )

    def shoot(
        self, camera: Camera, x: Float64, y: Float64, *, beyond: Float32 | None = None
    ) -> Hits:
        """See `RayCaster.shoot`."""
        left, top, right, bottom = self._frame(camera)
        inside = np.flatnonzero((x >= left) & (x < right) & (y >= top) & (y < bottom))
        seen = self._hits(camera, x[inside], y[inside], None if beyond is None else beyond[inside])
        return replace(seen, rays=inside[seen.rays])

    def _hits(self, camera: Camera, x: Float64, y: Float64, beyond: Float32 | None) -> Hits:
        directions = camera.directions(x + NUDGE[0], y + NUDGE[1])
        forward = directions @ camera.forward
        start = np.zeros(len(x)) if beyond is None else beyond / forward + STEP * self._scale
        hit, group, distance, shares = self._nearest(camera.position, directions, start)
        rays = np.flatnonzero(hit)
        # `take` gathers rows several times as quickly as an index does.
        directions = directions.take(rays, axis=0)
        face = self._groups.first[group[rays]]
        away = _dot(self._normals.take(face, axis=0), directions) > 0
        face, corners = self._groups.facing(face, _barycentric(shares, rays), away)
        normal = self._normals.take(face, axis=0)
        normal[_dot(normal, directions) > 0] *= -1
        return Hits(
            rays=rays,
            face_id=face.astype(np.int32),
            depth=(distance[rays] * forward[rays]).astype(np.float32),
            normal=normal,
            barycentric=corners.astype(np.float32),
        )

    def trace(
        self, origins: NDArray[Any], directions: NDArray[Any]
    ) -> tuple[Int32, NDArray[np.float64]]:
        """The first face along rays from anywhere, such as from the surface inwards.

        Args:
            origins: (N, 3) float, in the unit of the vertices.
            directions: (N, 3) float unit vectors.

        Returns:
            face: (N,) int32, -1 where a ray meets nothing; the first of coincident faces.
            distance: (N,) float64 from the origin, infinite where a ray meets nothing.
        """
        towards = directions.astype(np.float64)
        hit, group, distance, _ = self._nearest(origins, towards, np.zeros(len(origins)))
        face = np.full(len(origins), -1, np.int32)
        face[hit] = self._groups.first[group[hit]]
        return face, np.where(hit, distance, np.inf)

    def _in_frame(self, camera: Camera) -> NDArray[np.bool_]:
        """(H, W) bool: pixels that can see the scene's bounding box; the others need no ray."""
        left, top, right, bottom = self._frame(camera)
        columns, rows = np.arange(camera.width), np.arange(camera.height)
        across = (columns >= left) & (columns < right)
        inside: NDArray[np.bool_] = across & ((rows >= top) & (rows < bottom))[:, None]
        return inside

    def _frame(self, camera: Camera) -> tuple[float, float, float, float]:
        """Left, top, right and bottom, in pixels, of where the scene's bounding box is seen."""
        pixel = camera.project(self._box)
        if np.isnan(pixel[:, 0]).any():  # the camera stands inside or beside the box
            return -np.inf, -np.inf, np.inf, np.inf
        left, top = np.floor(pixel[:, :2].min(axis=0)) - 1
        right, bottom = np.ceil(pixel[:, :2].max(axis=0)) + 1
        return left, top, right, bottom

    def _nearest(
        self, origin: Float64, directions: Float64, start: Float64
    ) -> tuple[NDArray[np.bool_], Int32, Float64, tuple[Float32, Float32]]:
        """Per ray: hit or not, group of faces, distance from `origin`, weights of two corners."""
        count = len(directions)
        if self._scene is None or not count:
            nothing = np.zeros(count, np.float32)
            return np.zeros(count, bool), np.zeros(count, np.int32), np.zeros(count), (nothing,) * 2
        ahead = start[:, None] * directions if start.any() else np.zeros_like(directions)
        placed = (origin - self._center + ahead) / self._scale
        found = self._scene.run(
            placed.astype(np.float32), directions.astype(np.float32), output=True
        )
        distance = start + found["tfar"].astype(np.float64) * self._scale
        return found["primID"] >= 0, found["primID"], distance, (found["u"], found["v"])


def _barycentric(shares: tuple[Float32, Float32], rays: NDArray[np.int64]) -> Float32:
    """(N, 3) weights of the three corners at some rays, ≥ 0 with sum 1."""
    first, second = (share[rays] for share in shares)
    corners: Float32 = np.stack([1 - first - second, first, second], axis=1).clip(0, 1)
    corners /= (corners[:, 0] + corners[:, 1] + corners[:, 2])[:, None]
    return corners


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
