"""Pinhole cameras and the rigs that place them around a bounding sphere.

Axes are OpenGL's: x right, y up, the camera looks down its -z. Matrices are camera-to-world, as
NeRF's `transforms.json` keeps them. A pixel's centre lies at half-integers; row 0 is the top.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import atan, cos, pi, radians, sin, sqrt, tan
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float64 = NDArray[np.float64]

DEFAULT_FOV = radians(40.0)
"""The field of view of PartVerse's and TRELLIS' rigs."""

MARGIN = 1.05
"""The distance is fitted to a sphere that is larger by this factor, so that no edge is cut."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Camera:
    """A pinhole camera with square pixels and its principal point in the middle.

    Attributes:
        camera_to_world: (4, 4) float64, OpenGL axes, rotation and translation only.
        fov_y: vertical field of view in radians.
        width: pixels.
        height: pixels.
    """

    camera_to_world: Float64
    fov_y: float
    width: int
    height: int

    def __post_init__(self) -> None:
        if not 0 < self.fov_y < pi:
            raise ValueError(f"fov_y must lie in (0, π) radians, found {self.fov_y}")
        if self.width < 1 or self.height < 1:
            raise ValueError(f"a camera needs pixels, found {self.width} × {self.height}")
        assert self.camera_to_world.shape == (4, 4)

    @property
    def position(self) -> Float64:
        """(3,) float64: the centre of projection in the world."""
        return self.camera_to_world[:3, 3]

    @property
    def rotation(self) -> Float64:
        """(3, 3) float64: its columns are the camera's right, up and backward axes in the world."""
        return self.camera_to_world[:3, :3]

    @property
    def forward(self) -> Float64:
        """(3,) float64: the unit direction that the camera looks in."""
        return -self.camera_to_world[:3, 2]

    @cached_property
    def focal(self) -> float:
        """The focal length in pixels."""
        return self.height / (2 * tan(self.fov_y / 2))

    @property
    def fov_x(self) -> float:
        """The horizontal field of view in radians."""
        return 2 * atan(self.width / (2 * self.focal))

    def rays(self) -> Float64:
        """(H, W, 3) float64: the unit direction through the centre of each pixel, in the world."""
        rows, columns = np.indices((self.height, self.width))
        return self.directions(columns + 0.5, rows + 0.5)

    def directions(self, x: Float64, y: Float64) -> Float64:
        """(…, 3) float64: the unit directions, in the world, through points of the image.

        `x` and `y`, (…,), are in pixels from the top left corner.
        """
        right = (x - self.width / 2) / self.focal
        up = (self.height / 2 - y) / self.focal
        local = np.stack([right, up, np.full_like(right, -1.0)], axis=-1)
        local /= np.sqrt(right * right + up * up + 1)[..., None]
        turned: Float64 = local @ self.rotation.T
        return turned

    def project(self, points: NDArray[Any]) -> Float64:
        """(N, 3) float64: pixel x, pixel y and planar depth of world points, (N, 3).

        The top left corner of the image is (0, 0). Depth is positive in front of the camera; x and
        y of points that are not in front of it are NaN.
        """
        local = (np.asarray(points, np.float64) - self.position) @ self.rotation
        depth = -local[:, 2]
        inverse = np.divide(self.focal, depth, out=np.full_like(depth, np.nan), where=depth > 0)
        x = self.width / 2 + local[:, 0] * inverse
        y = self.height / 2 - local[:, 1] * inverse
        return np.stack([x, y, depth], axis=1)

    def resized(self, factor: int) -> Camera:
        """The same view with `factor` times as many pixels along each side."""
        return replace(self, width=self.width * factor, height=self.height * factor)


def bounding_sphere(vertices: NDArray[Any]) -> tuple[Float64, float]:
    """Centre, (3,) float64, and radius of a sphere that holds all vertices, (V, 3).

    The centre is that of the bounding box: it moves little when a mesh changes little. An empty
    mesh gets the origin and radius 0.
    """
    if not len(vertices):
        return np.zeros(3), 0.0
    points = np.asarray(vertices, np.float64)
    center = (points.min(axis=0) + points.max(axis=0)) / 2
    return center, float(np.linalg.norm(points - center, axis=1).max())


def fit_distance(
    radius: float, fov_y: float, *, aspect: float = 1.0, margin: float = MARGIN
) -> float:
    """The distance from which a sphere of `radius` lies wholly inside the frame.

    Args:
        radius: of the sphere, world units.
        fov_y: vertical field of view, radians.
        aspect: width over height; the narrower side decides.
        margin: factor on the radius.
    """
    half = atan(tan(fov_y / 2) * min(aspect, 1.0))
    return margin * radius / sin(half)


def look_at(
    position: ArrayLike, target: ArrayLike, *, up: tuple[float, float, float] = (0.0, 1.0, 0.0)
) -> Float64:
    """(4, 4) float64 camera-to-world of a camera at `position` that looks at `target`.

    Where the view is along `up`, the camera's up is -z (seen from above) or +z (from below), the
    limit of tilting a camera that stands at azimuth 0.
    """
    eye = np.asarray(position, np.float64)
    backward = eye - np.asarray(target, np.float64)
    length = np.linalg.norm(backward)
    if not length > 0:
        raise ValueError("a camera cannot look at its own position; move it away from the target")
    backward /= length
    right = np.cross(up, backward)
    if np.linalg.norm(right) < 1e-6:
        right = np.array([1.0, 0.0, 0.0])
        right -= backward * (right @ backward)
    right /= np.linalg.norm(right)
    matrix = np.eye(4)
    matrix[:3, 0] = right
    matrix[:3, 1] = np.cross(backward, right)
    matrix[:3, 2] = backward
    matrix[:3, 3] = eye
    return matrix


def _on_sphere(
    directions: Iterable[Sequence[float] | Float64],
    *,
    fov_y: float,
    center: ArrayLike,
    radius: float,
    size: int,
    nearest: float = 0.0,
) -> tuple[Camera, ...]:
    """Cameras in the given unit directions from `center`, each as far off as the sphere needs.

    None stands nearer to `center` than `nearest`.
    """
    middle = np.asarray(center, np.float64)
    # A part of no extent still gets a camera that can look at it.
    distance = max(fit_distance(radius, fov_y), nearest) if radius > 0 else 1.0
    return tuple(
        Camera(
            camera_to_world=look_at(middle + distance * np.asarray(direction), middle),
            fov_y=fov_y,
            width=size,
            height=size,
        )
        for direction in directions
    )


def direction(azimuth: float, elevation: float) -> Float64:
    """(3,) float64 unit vector: azimuth 0 is +z and grows to +x, elevation grows to +y; radians."""
    level = cos(elevation)
    return np.array([sin(azimuth) * level, sin(elevation), cos(azimuth) * level])


def ring(
    count: int,
    *,
    elevation: float = radians(30.0),
    fov_y: float = DEFAULT_FOV,
    center: ArrayLike = (0.0, 0.0, 0.0),
    radius: float = 1.0,
    size: int = 512,
    azimuth_offset: float = 0.0,
    nearest: float = 0.0,
) -> tuple[Camera, ...]:
    """`count` square cameras at equal azimuths and one elevation; angles in radians.

    They stand `nearest` from `center`, or as far as the sphere of `radius` needs. With 8 cameras at
    30° and `nearest` twice the longest side it is PartVerse's rig, save that no corner is cut off.
    """
    azimuths = azimuth_offset + 2 * pi * np.arange(count) / max(count, 1)
    return _on_sphere(
        [direction(azimuth, elevation) for azimuth in azimuths],
        fov_y=fov_y,
        center=center,
        radius=radius,
        size=size,
        nearest=nearest,
    )


def hammersley(
    count: int,
    *,
    fov_y: float = DEFAULT_FOV,
    center: ArrayLike = (0.0, 0.0, 0.0),
    radius: float = 1.0,
    size: int = 512,
    offset: tuple[float, float] = (0.0, 0.0),
    nearest: float = 0.0,
) -> tuple[Camera, ...]:
    """`count` square cameras spread evenly over the sphere, by Hammersley's sequence as in TRELLIS.

    They stand `nearest` from `center`, or as far as the sphere of `radius` needs. `offset` in
    [0, 1)² shifts the sequence; draw it from a generator to vary the views of objects.
    """
    return _on_sphere(
        _hammersley_directions(count, offset),
        fov_y=fov_y,
        center=center,
        radius=radius,
        size=size,
        nearest=nearest,
    )


def _hammersley_directions(count: int, offset: tuple[float, float]) -> list[Float64]:
    index = np.arange(count)
    height = ((index + 0.5) / max(count, 1) + offset[0]) % 1.0
    azimuth = 2 * pi * ((_radical_inverse(index) + offset[1]) % 1.0)
    elevation = np.arcsin(1 - 2 * height)
    return [direction(a, e) for a, e in zip(azimuth, elevation, strict=True)]


def _radical_inverse(index: NDArray[np.int64]) -> Float64:
    """Van der Corput's sequence: the binary digits of `index` mirrored at the point."""
    result = np.zeros(len(index))
    digit, rest = 0.5, index.copy()
    while rest.any():
        result += digit * (rest & 1)
        rest >>= 1
        digit /= 2
    return result


def icosahedron(
    *,
    fov_y: float = DEFAULT_FOV,
    center: ArrayLike = (0.0, 0.0, 0.0),
    radius: float = 1.0,
    size: int = 512,
) -> tuple[Camera, ...]:
    """12 square cameras at the corners of a regular icosahedron, none of them on the up axis."""
    golden = (1 + sqrt(5)) / 2
    corners = [
        np.roll((0.0, a, b * golden), shift) / sqrt(1 + golden * golden)
        for shift in range(3)
        for a in (1.0, -1.0)
        for b in (1.0, -1.0)
    ]
    return _on_sphere(corners, fov_y=fov_y, center=center, radius=radius, size=size)


def random_fov(
    count: int,
    *,
    generator: np.random.Generator,
    fov_range: tuple[float, float] = (radians(10.0), radians(70.0)),
    center: ArrayLike = (0.0, 0.0, 0.0),
    radius: float = 1.0,
    size: int = 512,
) -> tuple[Camera, ...]:
    """`count` square cameras for image conditions, as TRELLIS has them: any direction, any lens.

    Directions follow a shifted Hammersley sequence. Apparent sizes are alike, for each distance is
    fitted to its field of view; the inverse squares of the distances are spread evenly, so that
    strong perspective is not rare.
    """
    near, far = (fit_distance(1.0, fov) for fov in (max(fov_range), min(fov_range)))
    inverse_square = generator.uniform(1 / far**2, 1 / near**2, count)
    offset = (float(generator.random()), float(generator.random()))
    fields = 2 * np.arcsin(MARGIN * np.sqrt(inverse_square))
    directions = _hammersley_directions(count, offset)
    return tuple(
        _on_sphere([towards], fov_y=float(field), center=center, radius=radius, size=size)[0]
        for towards, field in zip(directions, fields, strict=True)
    )


def transforms_table(
    cameras: Sequence[Camera], file_paths: Sequence[str], **extra: Any
) -> dict[str, Any]:
    """The content of a `transforms.json` as NeRF tools read it.

    All cameras must have one size. Every frame has its own `camera_angle_x`; the table has one too
    where all fields of view are equal. `extra` adds further top-level entries.
    """
    sizes = {(camera.width, camera.height) for camera in cameras}
    if len(sizes) != 1:
        raise ValueError(f"cameras of one transforms.json must have one size, found {sizes}")
    ((width, height),) = sizes
    frames = [
        {
            "file_path": path,
            "camera_angle_x": camera.fov_x,
            "transform_matrix": camera.camera_to_world.tolist(),
        }
        for camera, path in zip(cameras, file_paths, strict=True)
    ]
    angles = {frame["camera_angle_x"] for frame in frames}
    shared = {"camera_angle_x": cameras[0].fov_x} if len(angles) == 1 else {}
    return {**shared, "w": width, "h": height, "frames": frames, **extra}


def read_transforms(table: dict[str, Any]) -> tuple[Camera, ...]:
    """The cameras of a `transforms_table`, in order."""
    width, height = int(table["w"]), int(table["h"])
    return tuple(
        Camera(
            camera_to_world=np.asarray(frame["transform_matrix"], np.float64),
            fov_y=2 * atan(tan(_angle_x(frame, table) / 2) * height / width),
            width=width,
            height=height,
        )
        for frame in table["frames"]
    )


def _angle_x(frame: dict[str, Any], table: dict[str, Any]) -> float:
    return float(frame.get("camera_angle_x", table.get("camera_angle_x", 0.0)))
