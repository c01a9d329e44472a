"""How far two renderers agree on what a camera sees of a mesh: mask, depth and normals.

Blender samples a pixel anywhere within a hundredth of a pixel of its centre, in float32; the ray
caster misses the centre by its nudge. So two sound renderers differ where something ends or bends
within that distance. Each pixel that differs is cast again through 25 points around its centre, and
counts as unexplained unless the surface seen through one of them is what Blender saw. Where three
surfaces meet, a sliver can slip between these points, so that a pixel in a hundred thousand may.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from partworks.geometry.cameras import Camera, bounding_sphere
from partworks.geometry.mesh import Mesh
from partworks.geometry.texture import Surface
from partworks.geometry.visibility import Caster, EmbreeCaster, Visibility
from render.layers import first_visible

Bool = NDArray[np.bool_]

TOLERANCE = 1e-3
"""Of depth, in radii of the bounding sphere."""

PARALLEL = 0.999
"""The least inner product of two normals that count as equal: 2.6 degrees."""

REACH = 0.01
"""Pixels around a centre within which the renderers may look."""

STEPS = (0.0, -REACH, REACH, -REACH / 2, REACH / 2)
"""Where between, along each axis, a pixel that differs is looked through again."""

LAYERS = 8


class Seen(Protocol):
    """What the other renderer saw."""

    @property
    def depth(self) -> NDArray[np.float32]:
        """(H, W) planar, infinite where nothing is."""
        ...

    @property
    def normal(self) -> NDArray[np.float32]:
        """(H, W, 3) in the world."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Agreement:
    """Over all views of an object.

    Attributes:
        common: (H, W) pixels that both see, summed.
        union: pixels that either sees.
        depth: (N,) differences at common pixels, in radii of the bounding sphere.
        cosine: (N,) inner products of the normals there.
        unexplained: pixels that differ in mask or depth and at whose place no other surface lies
            within `REACH`.
        unexplained_normals: the same for normals at common pixels.
    """

    common: int
    union: int
    depth: NDArray[np.float64]
    cosine: NDArray[np.float64]
    unexplained: int
    unexplained_normals: int

    @property
    def iou(self) -> float:
        """Of the masks."""
        return self.common / self.union

    def __str__(self) -> str:
        return (
            f"IoU {self.iou:.6f}, depth median {np.median(self.depth):.1e}, 99.9 % "
            f"{np.percentile(self.depth, 99.9):.1e}, max {self.depth.max():.1e}, "
            f"off {(self.depth > TOLERANCE).mean():.1e}, normals off "
            f"{(self.cosine < PARALLEL).mean():.1e}, unexplained {self.unexplained} and "
            f"{self.unexplained_normals} normals of {self.union} pixels"
        )


def compare(mesh: Mesh, cameras: Sequence[Camera], others: Sequence[Seen]) -> Agreement:
    """The ray caster against another renderer, which was given the mesh without smooth normals."""
    surface, caster = Surface(mesh), EmbreeCaster(mesh.vertices, mesh.faces)
    _, radius = bounding_sphere(mesh.vertices)
    depths, cosines, counts = [], [], []
    for camera, other in zip(cameras, others, strict=True):
        ours = first_visible(mesh, surface, caster, camera, most=LAYERS)
        there = np.isfinite(other.depth)
        both = there & ours.hit
        depths.append(np.abs(other.depth[both].astype(float) - ours.depth[both]) / radius)
        cosines.append(np.einsum("nc,nc->n", other.normal[both], ours.normal[both]).astype(float))
        near = _agrees(ours, other, camera, TOLERANCE * radius)
        alike = near & (_cosine(ours, other) >= PARALLEL)
        alike |= ~there & ~ours.hit
        for at in _around(camera):
            if alike.all():
                break
            again = first_visible(mesh, surface, _Window(caster, ~alike), at, most=LAYERS)
            close = _agrees(again, other, camera, TOLERANCE * radius) & ~alike
            near |= close
            alike |= close & ((_cosine(again, other) >= PARALLEL) | ~there)
        counts.append([both.sum(), (there | ours.hit).sum(), (~near).sum(), (near & ~alike).sum()])
    common, union, unexplained, normals = np.sum(counts, axis=0).tolist()
    return Agreement(
        common=common,
        union=union,
        depth=np.concatenate(depths),
        cosine=np.concatenate(cosines),
        unexplained=unexplained,
        unexplained_normals=normals,
    )


def _agrees(ours: Visibility, other: Seen, camera: Camera, tolerance: float) -> Bool:
    """(H, W) pixels where both see nothing, or surfaces at one depth.

    A surface seen at a grazing angle gets as much more as its depth changes within `REACH`.
    """
    toward = -np.einsum("hwc,hwc->hw", ours.normal, camera.rays())
    slope = np.sqrt(np.clip(1 - toward**2, 0, 1)) / np.maximum(toward, 1e-3)
    with np.errstate(invalid="ignore"):
        slack = tolerance + ours.depth / camera.focal * slope * REACH
        close: Bool = np.abs(other.depth - ours.depth) <= slack
    return close | (np.isinf(other.depth) & ~ours.hit)


def _cosine(ours: Visibility, other: Seen) -> NDArray[Any]:
    cosine: NDArray[Any] = np.einsum("hwc,hwc->hw", ours.normal, other.normal)
    return cosine


def _around(camera: Camera) -> list[Camera]:
    """The camera turned so that its rays pass the centres of pixels by up to `REACH`."""
    turned = []
    for x in STEPS:
        for y in STEPS:
            turn = np.eye(4)
            turn[:3, :3] = Rotation.from_euler(
                "xy", [y / camera.focal, x / camera.focal]
            ).as_matrix()
            turned.append(replace(camera, camera_to_world=camera.camera_to_world @ turn))
    return turned


class _Window:
    """A caster that looks through some pixels only.

    Args:
        caster: of all pixels.
        pixels: (H, W) bool.
    """

    def __init__(self, caster: Caster, pixels: Bool) -> None:
        self._caster = caster
        self._pixels = pixels

    def cast(self, camera: Camera, *, beyond: NDArray[np.float32] | None = None) -> Visibility:
        """See `Caster.cast`."""
        floor = np.zeros(self._pixels.shape, np.float32) if beyond is None else beyond
        closed = np.where(self._pixels, floor, np.float32(np.inf))
        return self._caster.cast(camera, beyond=closed)
