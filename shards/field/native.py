"""The calls into libigl and point-cloud-utils; whoever calls has a `Body`'s guarantees.

All of it is in double precision but winding numbers, which libigl sums in single. The results do
not depend on the number of threads.
"""

from __future__ import annotations

from typing import Any

import igl
import numpy as np
import point_cloud_utils
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


def winding_numbers(vertices: Float64, faces: Int64, points: Float64) -> Float64:
    """(N,) float64: how often a surface winds around points, to about 0.005.

    Barill et al. 2018, "Fast winding numbers for soups and clouds". 1 inside and 0 outside of a
    closed surface; of an open one, the share of the view from a point that its inner side fills.
    """
    if not len(points) or not len(faces):
        return np.zeros(len(points))
    numbers: Float64 = igl.fast_winding_number(vertices, faces, np.ascontiguousarray(points))
    return numbers


def surface_distances(vertices: Float64, faces: Int64, points: Float64) -> Float64:
    """(N,) float64 exact distances from points to the nearest triangle; F > 0."""
    if not len(points):
        return np.zeros(0)
    squared: NDArray[Any]
    squared, _, _ = igl.point_mesh_squared_distance(np.ascontiguousarray(points), vertices, faces)
    distances: Float64 = np.sqrt(squared)
    return distances


def oriented_patches(faces: Int64) -> tuple[Int64, Int64]:
    """(F, 3) faces, turned so that neighbours agree, and the (F,) patch of each.

    A patch is what hangs together over edges of exactly two faces.
    """
    turned, patch = igl.bfs_orient(faces)
    return turned, patch


def watertight_shell(vertices: Float64, faces: Int64, *, resolution: int) -> tuple[Float64, Int64]:
    """Vertices and faces of a closed surface around a soup of triangles; maybe none.

    Huang et al. 2018, "Robust watertight manifold surface generation": the border of the leaves of
    an octree that the soup does not touch and that the outside reaches. It keeps a leaf's size away
    from the soup, and wraps a sheet from both sides.

    Args:
        resolution: leaves of the octree, about.
    """
    shell, sides = point_cloud_utils.make_mesh_watertight(
        vertices, faces.astype(np.int32), resolution, seed=0
    )
    return np.ascontiguousarray(shell, np.float64), np.ascontiguousarray(sides, np.int64)
