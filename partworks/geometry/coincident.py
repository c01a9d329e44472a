"""Faces that lie exactly on one another, such as the two sides of a leaf modelled twice.

A renderer that takes them for two surfaces shows either at random, or its own shadow on itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.adjacency import weld_vertices

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]


class CoincidentFaces:
    """Groups the faces of a mesh whose corners have the same three positions.

    Args:
        vertices: (V, 3) float.
        faces: (F, 3) int.

    Attributes:
        first_of: (F,) int64, the first face of each face's group: itself, if it lies alone.
        first: (G,) int64, the first faces of all groups, ascending.
    """

    def __init__(self, vertices: NDArray[Any], faces: NDArray[Any]) -> None:
        corners = weld_vertices(vertices)[faces]
        self._order = np.argsort(corners, axis=1, kind="stable")
        corners = np.take_along_axis(corners, self._order, axis=1)
        ranked = np.lexsort(corners.T)
        opens = np.ones(len(faces), bool)
        opens[1:] = (corners[ranked[1:]] != corners[ranked[:-1]]).any(axis=1)
        # The sort is stable, so a group opens with its first face.
        self.first_of = np.zeros(len(faces), np.int64)
        if len(faces):
            self.first_of[ranked] = ranked[opens][np.cumsum(opens) - 1]
        self.first = np.unique(self.first_of)
        even = (self._order[:, 1] - self._order[:, 0]) % 3 == 1
        turned = np.flatnonzero(even != even[self.first_of])[::-1]
        self._reverse = np.arange(len(faces))
        self._reverse[self.first_of[turned]] = turned  # descending, so the first turned face stays

    def facing(
        self, face: NDArray[np.int64], corners: Float32, away: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], Float32]:
        """The faces of some groups that show their front, and the same points in them.

        Args:
            face: (N,) int64, first faces of groups.
            corners: (N, 3) float32, barycentric coordinates in them.
            away: (N,) bool, whether the first face shows its back.

        Returns:
            (N,) faces: the first one that is turned over where `away`, if there is one; and (N, 3)
            barycentric coordinates in these.
        """
        chosen = np.where(away, self._reverse[face], face)
        swapped = np.flatnonzero(chosen != face)
        if not len(swapped):
            return face, corners
        ordered = np.take_along_axis(corners[swapped], self._order[face[swapped]], axis=1)
        inverse = np.argsort(self._order[chosen[swapped]], axis=1)
        moved = corners.copy()
        moved[swapped] = np.take_along_axis(ordered, inverse, axis=1)
        return chosen, moved
