"""Normals and areas of triangles, in double precision."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


def face_crosses(vertices: NDArray[Any], faces: NDArray[Any]) -> Float64:
    """(F, 3) float64: the cross product of two sides of each face: twice its area times its normal.

    Args:
        vertices: (V, 3) float, any unit.
        faces: (F, 3) int, counter-clockwise from outside.
    """
    corners = vertices.astype(np.float64)[faces]
    crosses: Float64 = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return crosses


def face_normals(vertices: NDArray[Any], faces: NDArray[Any]) -> Float64:
    """(F, 3) float64: unit normals, pointing to where a face is counter-clockwise.

    A face whose corners lie on a line has no normal and gets zeros.
    """
    crosses = face_crosses(vertices, faces)
    # Scaled first: the square of a side of 1e-100 would underflow, and with it the normal.
    largest = np.abs(crosses).max(axis=1, keepdims=True, initial=0.0)
    scaled = np.divide(crosses, largest, out=np.zeros_like(crosses), where=largest > 0)
    lengths = np.linalg.norm(scaled, axis=1, keepdims=True)
    return np.divide(scaled, lengths, out=np.zeros_like(crosses), where=lengths > 0)


def face_areas(vertices: NDArray[Any], faces: NDArray[Any]) -> Float64:
    """(F,) float64: areas in squared units of `vertices`."""
    areas: Float64 = np.linalg.norm(face_crosses(vertices, faces), axis=1) / 2
    return areas
