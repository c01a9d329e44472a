"""Move points and directions by 4 × 4 matrices, in float64 and with the same bits on any machine.

Products are written out: the matrix product of a BLAS rounds differently from processor to
processor, and now and then that reaches the float32 result.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.mesh import Float32, Int32

Matrix = NDArray[np.float64]


def multiply(a: Matrix, b: Matrix) -> Matrix:
    """(..., n, m) products of (..., n, k) and (..., k, m) matrices, broadcast."""
    return np.asarray((a[..., :, :, None] * b[..., None, :, :]).sum(axis=-2))


def _apply(linear: Matrix, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 3): `linear` (3, 3) or (N, 3, 3) times each of (N, 3) vectors."""
    x, y, z = (vectors[:, axis, None] * linear[..., :, axis] for axis in range(3))
    return np.asarray(x + y + z)


def transform_points(points: Float32, matrix: Matrix) -> Float32:
    """(N, 3) float32: `points` moved by an affine matrix.

    Computed in float64 and rounded once; the identity returns the points as they are.

    Args:
        points: (N, 3) float32.
        matrix: (4, 4) for all points, or (N, 4, 4) one each.
    """
    if matrix.ndim == 2 and np.array_equal(matrix, np.eye(4)):
        return points
    moved = _apply(matrix[..., :3, :3], points.astype(np.float64)) + matrix[..., :3, 3]
    rounded: Float32 = moved.astype(np.float32)
    return rounded


def transform_normals(normals: Float32, matrix: Matrix) -> Float32:
    """(N, 3) float32 unit normals of a surface moved by `matrix`; zero where it has none any more.

    Normals go through the cofactor matrix, which is the inverse transpose times the determinant and
    exists for flattening transforms too. A mirror image keeps outward normals outward.

    Args:
        normals: (N, 3) float32.
        matrix: (4, 4) for all normals, or (N, 4, 4) one each.
    """
    if matrix.ndim == 2 and np.array_equal(matrix, np.eye(4)):
        return normals
    linear = matrix[..., :3, :3]
    scale = np.abs(linear).max(axis=(-2, -1), keepdims=True)
    linear = linear / np.where(scale > 0, scale, 1)  # keeps tiny scales from underflowing
    following, last = np.roll(linear, -1, axis=-2), np.roll(linear, -2, axis=-2)
    cofactor = np.cross(following, last)
    mirrored = np.where(np.linalg.det(linear) < 0, -1.0, 1.0)[..., None]
    moved = _apply(cofactor, normals.astype(np.float64)) * mirrored
    length = np.linalg.norm(moved, axis=-1, keepdims=True)
    return np.where(length > 0, moved / np.where(length > 0, length, 1), 0).astype(np.float32)


def mirrors(matrix: Matrix) -> NDArray[np.bool_]:
    """Whether each matrix of (..., 4, 4) turns the winding of faces around: determinant below 0."""
    return np.asarray(np.linalg.det(matrix[..., :3, :3]) < 0)


def flip_faces(faces: Int32, flipped: NDArray[np.bool_]) -> Int32:
    """(F, 3) int32 faces whose winding is turned around where `flipped` () or (F,) is true.

    The first corner stays, the other two change places.
    """
    if not flipped.any():
        return faces
    turned: Int32 = np.where(flipped[..., None], faces[:, [0, 2, 1]], faces)
    return turned
