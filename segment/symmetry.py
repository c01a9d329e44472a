"""Mirror twins: what an object has on both sides of a plane, so that both get the same treatment.

Candidates are the three planes through the middle of the bounding box, since objects stand upright
and face an axis. A plane counts where most of the surface meets itself when it is reflected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from partworks.geometry.adjacency import number_by_first
from partworks.geometry.measures import face_normals
from partworks.geometry.sampling import sample_surface, surface_points
from segment.graph import LENGTH, RegionGraph, totals
from segment.surface import Surface

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

NEAR = 0.01
"""How far a point may lie from its reflection's nearest neighbour, as a share of the diagonal."""

NORMAL_WEIGHT = 0.02
"""What the largest difference of two unit normals, 2, counts as, in halves of the diagonal."""

MOST_TURN = 0.8
"""The least cosine between a reflected normal and that of the surface found."""

LEAST_SHARE = 0.6
MUTUAL = 0.5
ACROSS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mirror:
    """A plane of symmetry.

    Attributes:
        twin: (F,) int64 the face that each face is reflected to, -1 where nothing is there.
        side: (F,) float64 signed distance of each face's middle from the plane.
        share: of the area that has a twin.
    """

    twin: Int64
    side: Float64
    share: float


def find_mirrors(
    surface: Surface, *, samples: int, generator: np.random.Generator
) -> tuple[Mirror, ...]:
    """The planes of symmetry across x, y and z through the middle of the box, best first."""
    if surface.diagonal <= 0 or surface.total_area <= 0:
        return ()
    used = surface.vertices[np.unique(surface.faces)].astype(np.float64)
    middle = (used.min(axis=0) + used.max(axis=0)) / 2
    face, weights = sample_surface(
        surface.vertices, surface.faces, count=samples, generator=generator
    )
    spread = surface_points(surface.vertices, surface.faces, face, weights)
    normal = face_normals(surface.vertices, surface.faces) * surface.sign[:, None]
    faces = np.concatenate([face, np.arange(len(surface.faces))])
    points = (np.concatenate([spread, surface.centroids]) - middle) / surface.diagonal
    normals = normal[faces]
    tree = cKDTree(
        np.concatenate([points, NORMAL_WEIGHT * normals], axis=1),
        balanced_tree=False,
        compact_nodes=False,
    )
    mirrors = []
    own = slice(len(face), None)
    for axis in range(3):
        flip = np.where(np.arange(3) == axis, -1.0, 1.0)
        reflected = np.concatenate([points[own] * flip, NORMAL_WEIGHT * normals[own] * flip], 1)
        _, nearest = tree.query(reflected)
        off = np.linalg.norm(points[nearest] - points[own] * flip, axis=1)
        turn = np.einsum("fc,fc->f", normals[nearest], normals[own] * flip)
        met = (off < NEAR) & (turn > MOST_TURN)
        share = float(surface.areas[met].sum() / surface.total_area)
        if share >= LEAST_SHARE:
            twin = np.where(met, faces[nearest], -1)
            mirrors.append(Mirror(twin=twin, side=points[own][:, axis], share=share))
    return tuple(sorted(mirrors, key=lambda mirror: -mirror.share))


def mirror_patches(labels: Int32, before: Int32, surface: Surface, mirror: Mirror) -> Int32:
    """(F,) int32: `labels` with their patches on one side as those on the other, reflected.

    Only faces in regions that were cut into patches take part: there `labels` is finer than
    `before`. A patch that lies across the plane stays one.
    """
    count = int(labels.max()) + 1
    pieces = np.unique(np.stack([before, labels], axis=1), axis=0)
    was_cut = np.bincount(pieces[:, 0]) > 1
    twin = np.maximum(mirror.twin, 0)
    follows = (mirror.side < 0) & (mirror.twin >= 0) & was_cut[before] & was_cut[before[twin]]
    area = surface.areas
    left = np.bincount(labels, area * (mirror.side < 0), minlength=count)
    whole = np.bincount(labels, area, minlength=count)
    across = np.minimum(left, whole - left) > ACROSS * whole
    source = labels[twin].astype(np.int64)
    # One id for both sides of a patch across the plane, another for the reflection of the rest.
    reflected = np.where(across[source], source, source + count)
    # What was one region before must not be joined with another one.
    mixed = np.where(follows, reflected, labels) * (int(before.max()) + 1) + before
    return number_by_first(mixed)


def same_for_twins(graph: RegionGraph, twins: Sequence[Int64]) -> RegionGraph:
    """The graph with equal numbers for regions and pairs that are twins of one another.

    What a pair and its twin have is averaged, so that their merges cost the same.

    Args:
        twins: `region_twins` of each mirror.
    """
    for twin in twins:
        graph = _averaged(graph, twin)
    return graph


def region_twins(labels: Int32, surface: Surface, mirror: Mirror) -> Int64:
    """(R,) int64: the region that each region is reflected to; itself where there is none.

    Two regions are twins if more than half of either's area is reflected into the other.
    """
    count = int(labels.max(initial=-1)) + 1
    met = np.flatnonzero(mirror.twin >= 0)
    key = labels[met].astype(np.int64) * count + labels[mirror.twin[met]]
    pairs, row = np.unique(key, return_inverse=True)
    shared = np.bincount(row, surface.areas[met])
    area = np.maximum(totals(labels, surface.areas), 1e-300)
    goes = shared > MUTUAL * area[pairs // count]
    target = np.full(count, -1, np.int64)
    target[pairs[goes] // count] = pairs[goes] % count
    own = np.arange(count)
    mutual = (target >= 0) & (target[np.maximum(target, 0)] == own)
    twins: Int64 = np.where(mutual, target, own)
    return twins


def _averaged(graph: RegionGraph, twin: Int64) -> RegionGraph:
    traits = (graph.traits + graph.traits[twin]) / 2
    count = len(twin)
    key = graph.pairs @ np.array([count, 1])
    reflected = np.sort(twin[graph.pairs], axis=1) @ np.array([count, 1])
    place = np.minimum(np.searchsorted(key, reflected), max(len(key) - 1, 0))
    found = key[place] == reflected if len(key) else np.zeros(0, bool)
    # A hair's breadth may part on one side what touches on the other; they have nothing to share.
    touching = graph.sums[:, LENGTH] > 0
    found &= touching == touching[place]
    place = np.where(found, place, np.arange(len(key)))
    sums = (graph.sums + graph.sums[place]) / 2
    gap = np.minimum(graph.gap, graph.gap[place])
    return replace(graph, traits=traits, sums=sums, gap=gap)
