"""Faces of one mesh found in another that has the same surface, whatever the order of either.

Tools renumber faces, merge vertices and leave out what has no area; the corners of a face stay
where they were. A face is known by the places of its three corners.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from partworks.geometry.adjacency import weld_vertices
from partworks.geometry.mesh import Mesh

Bool = NDArray[np.bool_]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

TOLERANCE = 1e-5
"""How far a corner may have moved, of the longest side: what float32 transforms may do to it."""


def face_keys(mesh: Mesh, other: Mesh) -> tuple[Int64, Int64]:
    """A number for each face of both, the same where the corners are, whatever their order.

    Corners of `other` are looked up among those of `mesh`; those that are nowhere near one are
    numbered apart from all of them.
    """
    place = weld_vertices(mesh.vertices)
    points = mesh.vertices[np.unique(place, return_index=True)[1]].astype(np.float64)
    extent = float(np.ptp(points, axis=0).max()) or 1.0
    near, found = cKDTree(points).query(
        other.vertices.astype(np.float64), distance_upper_bound=TOLERANCE * extent
    )
    strangers = len(points) + np.arange(len(other.vertices))
    found = np.where(np.isfinite(near), found, strangers)
    both = np.concatenate([place[mesh.faces].astype(np.int64), found[other.faces]])
    _, key = np.unique(np.sort(both, axis=1), axis=0, return_inverse=True)
    key = key.reshape(-1).astype(np.int64)
    return key[: mesh.face_count], key[mesh.face_count :]


def match_labels(keys: Int64, other_keys: Int64, other_labels: Int32) -> Int32:
    """(F,) int32: the label of the other mesh's face with the same key, -1 where there is none.

    Faces in one place are matched by number; those that are left over go with the first of them.
    """
    order = np.argsort(other_keys, kind="stable")
    ordered = other_keys[order]
    start = np.searchsorted(ordered, keys)
    count = np.searchsorted(ordered, keys, side="right") - start
    rank = _rank_among_equals(keys)
    chosen = start + np.where(rank < count, rank, 0)
    labels = np.full(len(keys), -1, np.int32)
    there = count > 0
    labels[there] = other_labels[order[chosen[there]]]
    return labels


def _rank_among_equals(values: Int64) -> Int64:
    """(N,) int64: how many equal values come before each."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    first = np.searchsorted(ordered, ordered)
    rank = np.zeros(len(values), np.int64)
    rank[order] = np.arange(len(values)) - first
    return rank


def is_flat(mesh: Mesh) -> Bool:
    """(F,) bool: faces with two corners in one place, which tools leave out."""
    place = weld_vertices(mesh.vertices)[mesh.faces]
    flat: Bool = (place == np.roll(place, 1, axis=1)).any(axis=1)
    return flat


def fill_flat(labels: Int32, flat: Bool) -> Int32:
    """Give faces without area that are missing the label of the last face before them."""
    lost = flat & (labels < 0)
    if not lost.any() or lost.all():
        return labels
    source = np.where(lost, -1, np.arange(len(labels)))
    before = np.maximum.accumulate(source)
    first = int(np.flatnonzero(~lost)[0])
    filled: Int32 = labels[np.where(before < 0, first, before)]
    return filled
