"""Which side of a face is outside, for meshes whose winding cannot be trusted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.adjacency import FaceAdjacency, connected_components
from partworks.geometry.measures import face_areas

Int32 = NDArray[np.int32]
Int8 = NDArray[np.int8]
Bool = NDArray[np.bool_]


def outward_signs(
    vertices: NDArray[np.float32], faces: Int32, adjacency: FaceAdjacency, *, trusted: Bool
) -> Int8:
    """(F,) int8: 1 where a face is wound counter-clockwise from outside, -1 where it is not.

    Faces are first made to agree with their neighbours over edges that are `trusted` (E,): those
    that no further face shares. Then a
    closed component is turned so that its volume is positive, and an open one so that most of its
    area stays as authored. What cannot be made to agree stays as authored.
    """
    pairs = adjacency.pairs[trusted]
    signs = _agreeing_signs(len(faces), pairs, adjacency.consistent[trusted])
    component = connected_components(len(faces), pairs)
    closed = _closed_components(component, pairs)
    volume = np.bincount(component, _signed_volumes(vertices, faces, component) * signs)
    authored = np.bincount(component, face_areas(vertices, faces) * signs)
    turned = np.where(closed, volume < 0, authored < 0)
    return np.where(turned[component], -signs, signs).astype(np.int8)


def _agreeing_signs(count: int, pairs: Int32, consistent: NDArray[np.bool_]) -> Int8:
    """Signs under which neighbours are wound alike.

    Each face stands for two vertices of a graph, itself and its reverse; consistent pairs link like
    with like, others like with reverse. An orientable component falls into two mirrored halves.
    """
    if consistent.all():
        return np.ones(count, np.int8)
    other = np.where(consistent, pairs[:, 1], pairs[:, 1] + count)
    mirror = np.where(consistent, pairs[:, 1] + count, pairs[:, 1])
    links = np.concatenate(
        [np.stack([pairs[:, 0], other], axis=1), np.stack([pairs[:, 0] + count, mirror], axis=1)]
    )
    half = connected_components(2 * count, links)
    itself, reverse = half[:count], half[count:]
    return np.where(reverse < itself, -1, 1).astype(np.int8)


def _closed_components(component: Int32, pairs: Int32) -> NDArray[np.bool_]:
    """(C,) bool: whether every face of a component shares each of its edges with one other."""
    shared = np.bincount(pairs.reshape(-1), minlength=len(component))
    closed: NDArray[np.bool_] = np.bincount(component, shared != 3) == 0
    return closed


def _signed_volumes(
    vertices: NDArray[np.float32], faces: Int32, component: Int32
) -> NDArray[np.float64]:
    """(F,) float64: six times the volume between a face and a point of its component."""
    corners = vertices.astype(np.float64)[faces]
    _, first = np.unique(component, return_index=True)
    corners = corners - corners[first, :1][component]
    volumes: NDArray[np.float64] = np.einsum(
        "ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])
    )
    return volumes
