"""What suggestions need to know of an object, gathered once and summed up for any grouping."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from annotate.review.base import Base
from annotate.review.mirror import MirrorPlane, find_mirror_planes
from annotate.review.surface import ReviewSurface
from partworks.geometry.sampling import sample_surface, surface_points

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

POINTS = 6000
NEIGHBOURS = 24


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ObjectFacts:
    """An object as suggestions see it.

    Attributes:
        base, surface: of the object.
        planes: its planes of symmetry.
        point_face: (N,) int64 faces of points spread over the surface, the middle of each segment's
            largest face among them.
        near: (N, K) int64 the nearest points to each. gap: (N, K) float64 how far they are.
        moments: (F, 10) float64: area, and integrals of x and of x xᵀ over each face.
    """

    base: Base
    surface: ReviewSurface
    planes: tuple[MirrorPlane, ...]
    point_face: Int64
    near: Int64
    gap: Float64
    moments: Float64


def gather_facts(
    base: Base, surface: ReviewSurface, *, generator: np.random.Generator
) -> ObjectFacts:
    """Look at an object; a second for 200,000 faces."""
    face, weights = sample_surface(
        surface.vertices, surface.faces, count=POINTS, generator=generator
    )
    largest = _largest_face(base, surface)
    points = np.concatenate(
        [surface_points(surface.vertices, surface.faces, face, weights), surface.centroids[largest]]
    )
    tree = cKDTree(points, balanced_tree=False, compact_nodes=False)
    gap, near = tree.query(points, k=np.arange(2, min(NEIGHBOURS + 2, len(points) + 1)))
    return ObjectFacts(
        base=base,
        surface=surface,
        planes=find_mirror_planes(surface, generator=generator),
        point_face=np.concatenate([face, largest]),
        near=np.asarray(near, np.int64),
        gap=np.asarray(gap, np.float64),
        moments=_moments(surface),
    )


def _largest_face(base: Base, surface: ReviewSurface) -> Int64:
    order = np.lexsort((-surface.areas, base.atom_of_face))
    _, first = np.unique(base.atom_of_face[order], return_index=True)
    largest: Int64 = order[first]
    return largest


def _moments(surface: ReviewSurface) -> Float64:
    """(F, 10): ∫1, ∫x and the six entries of ∫x xᵀ, exact for triangles."""
    corners = surface.vertices.astype(np.float64)[surface.faces]
    total = corners.sum(axis=1)
    square = np.einsum("fia,fib->fab", corners, corners) + np.einsum("fa,fb->fab", total, total)
    upper = square[:, (0, 0, 0, 1, 1, 2), (0, 1, 2, 1, 2, 2)] / 12
    columns = [np.ones((len(total), 1)), surface.centroids, upper]
    moments: Float64 = np.concatenate(columns, axis=1) * surface.areas[:, None]
    return moments
