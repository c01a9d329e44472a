"""Which faces touch: welding by position, shared edges with their dihedral angles, components.

Vertices are welded in index space only: a mesh keeps its seams, its vertices and its face order.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csgraph

from partworks.geometry.measures import face_normals

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

MAX_FAN = 8
"""Faces on one edge of which every pair is listed; a larger fan is listed as a chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceAdjacency:
    """Pairs of faces that share a welded edge, a row per pair and edge, sorted by pair.

    Attributes:
        pairs: (E, 2) int32 faces, `pairs[:, 0] < pairs[:, 1]`.
        angle: (E,) float32 radians in [-π, π]: 0 flat, > 0 convex, < 0 concave, seen from the side
            that the first face's normal points to; 0 where a face is degenerate.
        edge: (E, 2) int32 welded vertex ids, the smaller first.
        length: (E,) float32 length of the edge.
        consistent: (E,) bool, whether both faces are wound alike. Where they are not, the second
            face counts as if it were turned over.
    """

    pairs: Int32
    angle: NDArray[np.float32]
    edge: Int32
    length: NDArray[np.float32]
    consistent: NDArray[np.bool_]


def weld_vertices(vertices: NDArray[Any], *, tolerance: float = 0.0) -> Int32:
    """(V,) int32: the id of each vertex's position; ids are dense, in order of first occurrence.

    Args:
        vertices: (V, 3) float32 or float64.
        tolerance: 0 welds equal coordinates only (-0.0 equals 0.0). More is a share of the longest
            side of the bounding box: vertices that differ by no more than it along each axis are
            welded, those that differ by more than twice it along an axis are not welded to one
            another, save through a chain of vertices between them.
    """
    # Adding zero makes -0.0 to 0.0, so that equal coordinates are equal bits.
    bits = (vertices + vertices.dtype.type(0)).view(f"u{vertices.dtype.itemsize}")
    exact = _first_occurrence_ids(bits)
    if tolerance <= 0 or not len(vertices):
        return exact
    _, first = np.unique(exact, return_index=True)
    return _weld_on_grids(vertices[first].astype(np.float64), tolerance)[exact]


def _weld_on_grids(points: NDArray[np.float64], tolerance: float) -> Int32:
    """Weld what shares a cell in any of eight grids, shifted by half a cell along some axes."""
    extent = float(np.ptp(points, axis=0).max())
    if extent == 0:
        return np.zeros(len(points), np.int32)
    scaled = (points - points.min(axis=0)) / (2 * tolerance * extent)
    links = []
    for shift in product((0.0, 0.5), repeat=3):
        cell = _first_occurrence_ids(np.floor(scaled + shift).astype(np.int64))
        _, first = np.unique(cell, return_index=True)
        links.append(np.stack([first[cell], np.arange(len(points))], axis=1))
    return connected_components(len(points), np.concatenate(links))


def _first_occurrence_ids(rows: NDArray[Any]) -> Int32:
    """(N,) int32: ids of the rows of (N, 3) integers, dense, by first occurrence."""
    if not len(rows):
        return np.zeros(0, np.int32)
    order = np.lexsort(rows.T[::-1])
    ordered = rows[order]
    starts = np.concatenate([[True], (ordered[1:] != ordered[:-1]).any(axis=1)])
    group = np.cumsum(starts) - 1
    # lexsort is stable, so the first of a group is its smallest index.
    rank = np.argsort(np.argsort(order[starts]))
    ids = np.zeros(len(rows), np.int32)
    ids[order] = rank[group]
    return ids


def face_adjacency(
    vertices: NDArray[Any], faces: NDArray[Any], *, tolerance: float = 0.0
) -> FaceAdjacency:
    """Find every pair of faces that share a welded edge.

    An edge with up to `MAX_FAN` faces gives all pairs of them. Of a larger fan each face is paired
    with the next by number only: all stay connected, and an edge with n faces costs n rows.

    Args:
        vertices: (V, 3) float, any unit.
        faces: (F, 3) int indices into `vertices`.
        tolerance: as in `weld_vertices`.
    """
    welded = weld_vertices(vertices, tolerance=tolerance)[faces]
    face, corner, key = _sorted_half_edges(welded)
    left, right = _pair_half_edges(key)
    order = np.lexsort((key[left], face[right], face[left]))
    left, right = left[order], right[order]
    start, stop = corner, (corner + 1) % 3
    consistent = welded[face[left], start[left]] != welded[face[right], start[right]]
    tail = vertices[faces[face[left], start[left]]].astype(np.float64)
    head = vertices[faces[face[left], stop[left]]].astype(np.float64)
    pairs = np.stack([face[left], face[right]], axis=1)
    ends = np.stack([welded[face[left], start[left]], welded[face[left], stop[left]]], axis=1)
    return FaceAdjacency(
        pairs=pairs.astype(np.int32),
        angle=_signed_angles(face_normals(vertices, faces), pairs, head - tail, consistent),
        edge=np.sort(ends, axis=1).astype(np.int32),
        length=np.linalg.norm(head - tail, axis=1).astype(np.float32),
        consistent=consistent,
    )


def _sorted_half_edges(welded: Int32) -> tuple[Int64, Int64, Int64]:
    """Face, corner and edge key of each half-edge, sorted by key and then by face.

    Edges without length are left out, and so is the second use of an edge by one face.
    """
    ends = np.stack([welded, np.roll(welded, -1, axis=1)], axis=2).reshape(-1, 2)
    low, high = ends.min(axis=1).astype(np.int64), ends.max(axis=1).astype(np.int64)
    half = np.flatnonzero(low != high)
    key = low[half] * (int(welded.max(initial=0)) + 1) + high[half]
    order = np.argsort(key, kind="stable")
    half, key = half[order], key[order]
    again = (key[1:] == key[:-1]) & (half[1:] // 3 == half[:-1] // 3)
    keep = np.concatenate([np.ones(min(len(half), 1), bool), ~again])
    half, key = half[keep], key[keep]
    return half // 3, half % 3, key


def _pair_half_edges(key: Int64) -> tuple[Int64, Int64]:
    """Indices of the half-edges that make a pair, out of sorted keys."""
    _, counts = np.unique(key, return_counts=True)
    small = np.repeat(counts <= MAX_FAN, counts)
    lefts, rights = [], []
    for step in range(1, MAX_FAN):
        same = key[step:] == key[:-step]
        if step > 1:
            same &= small[:-step]
        left = np.flatnonzero(same)
        lefts.append(left)
        rights.append(left + step)
    return np.concatenate(lefts), np.concatenate(rights)


def _signed_angles(
    normals: NDArray[np.float64],
    pairs: Int64,
    direction: NDArray[np.float64],
    consistent: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """The turn from the first normal to the second, about the edge as the first face walks it."""
    first = normals[pairs[:, 0]]
    second = normals[pairs[:, 1]] * np.where(consistent, 1.0, -1.0)[:, None]
    length = np.linalg.norm(direction, axis=1, keepdims=True)
    axis = np.divide(direction, length, out=np.zeros_like(direction), where=length > 0)
    sine = np.einsum("ij,ij->i", axis, np.cross(first, second))
    cosine = np.einsum("ij,ij->i", first, second)
    angles: NDArray[np.float32] = np.arctan2(sine, cosine).astype(np.float32)
    return angles


def connected_components(count: int, pairs: NDArray[Any]) -> Int32:
    """(count,) int32: the component of each of `count` things linked by `pairs` (E, 2) int.

    Components are numbered by their first member.
    """
    if count == 0:
        return np.zeros(0, np.int32)
    ones = np.ones(len(pairs), np.int32)
    graph = coo_matrix((ones, (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    _, labels = csgraph.connected_components(graph, directed=False)
    return number_by_first(labels)


def number_by_first(labels: NDArray[Any]) -> Int32:
    """(N,) int32: the same grouping with dense numbers, in order of first occurrence."""
    _, first, group = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    return rank[group].astype(np.int32)
