"""Normals for pictures: smooth where the surface is meant to be smooth, sharp at its creases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.adjacency import FaceAdjacency, connected_components
from partworks.geometry.mesh import Mesh

Bool = NDArray[np.bool_]
Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int8 = NDArray[np.int8]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

CREASE = np.radians(30.0)
"""Edges that turn more than this are creases."""

AUTHORED_CREASE = np.radians(60.0)
"""The same, where both faces were given the same normals: a column of eight sides is meant to be
round. Averaged normals on a cube are not believed."""

SAME = float(np.cos(np.radians(2.0)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Corners:
    """The corners of all faces, and which of them are one place of one smooth surface.

    Attributes:
        group: (F, 3) int32, corners of one vertex whose faces can be reached from one another
            without crossing a crease.
        angle: (F, 3) float64 radians of the face at each corner; 0 for faces without area.
    """

    group: Int32
    angle: Float64

    def normals(self, face_normal: Float64) -> Float32:
        """(F, 3, 3) float32 unit normals of the corners, out of (F, 3) of the faces; 0 for none."""
        summed = np.stack([self._sums(face_normal[:, axis]) for axis in range(3)], axis=1)
        lengths = np.linalg.norm(summed, axis=1, keepdims=True)
        unit = np.divide(summed, lengths, out=np.zeros_like(summed), where=lengths > 1e-12)
        return unit[self.group].astype(np.float32)

    def means(self, values: NDArray[Any]) -> Float32:
        """(F, 3) float32: at each corner the mean over its group of `values` (F,) of faces."""
        weights = self._sums(np.ones(len(self.group)))
        means = np.divide(self._sums(values), weights, out=weights.copy(), where=weights > 0)
        return means[self.group].astype(np.float32)

    def _sums(self, values: NDArray[Any]) -> Float64:
        weighted = (values[:, None] * self.angle).reshape(-1)
        return np.bincount(self.group.reshape(-1), weighted).astype(np.float64)


def find_corners(mesh: Mesh, adjacency: FaceAdjacency, signs: Int8, *, welded: Int32) -> Corners:
    """Group the corners of faces between which the surface is meant to be smooth.

    Args:
        mesh: the object.
        adjacency: of its faces.
        signs: (F,) int8, -1 where a face is wound the wrong way round.
        welded: (V,) int32 ids of positions, as `adjacency.edge` has them.
    """
    first, second = adjacency.pairs.T
    in_first = _corners_at(welded[mesh.faces[first]], adjacency.edge)
    in_second = _corners_at(welded[mesh.faces[second]], adjacency.edge)
    left = 3 * first[:, None].astype(np.int64) + in_first
    right = 3 * second[:, None].astype(np.int64) + in_second
    angle = np.abs(adjacency.angle)
    smooth = (angle < CREASE) | ((angle < AUTHORED_CREASE) & _authored_alike(mesh, left, right))
    smooth &= (signs[first] == signs[second]) == adjacency.consistent
    links = np.stack([left[smooth].reshape(-1), right[smooth].reshape(-1)], axis=1)
    group = connected_components(mesh.faces.size, links).reshape(-1, 3)
    return Corners(group=group, angle=_corner_angles(mesh))


def _corners_at(corners: Int32, ends: Int32) -> Int64:
    """(E, 2) int64: at which of the corners (E, 3) each end of an edge (E, 2) lies."""
    return np.stack([(corners == ends[:, k, None]).argmax(axis=1) for k in range(2)], axis=1)


def _authored_alike(mesh: Mesh, left: Int64, right: Int64) -> Bool:
    """(E,) bool: at both ends of an edge, its two faces were given the same normal."""
    normals = np.concatenate(
        [
            np.zeros_like(node.vertices) if node.normals is None else node.normals
            for node in mesh.nodes
        ]
    )
    vertex = mesh.faces.reshape(-1)
    dots = np.einsum("ekc,ekc->ek", normals[vertex[left]], normals[vertex[right]])
    alike: Bool = (dots > SAME).all(axis=1)
    return alike


def _corner_angles(mesh: Mesh) -> Float64:
    """(F, 3) float64 radians; 0 at all corners of a face without area."""
    corners = mesh.vertices.astype(np.float64)[mesh.faces]
    ahead = np.roll(corners, -1, axis=1) - corners
    behind = np.roll(corners, 1, axis=1) - corners
    across = np.linalg.norm(np.cross(ahead, behind), axis=2)
    along = np.einsum("fkc,fkc->fk", ahead, behind)
    angles: Float64 = np.where(across > 0, np.arctan2(across, along), 0.0)
    return angles
