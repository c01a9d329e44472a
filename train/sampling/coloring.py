"""Colours of a mesh's vertices from pictures of it.

A vertex takes the colours of the views that see it, each by the square of the cosine between its
normal and the way to the camera; what no view sees takes the colours around it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.spatial import cKDTree

from train.metrics.mesh import TriangleMesh
from train.metrics.mesh_files import vertex_normals
from train.rendering.base import Renderer
from train.rendering.cameras import Cameras
from train.sampling.views import project

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

TOLERANCE = 0.02
"""Of depth, in longest sides of the mesh, between a vertex and the surface that a pixel shows."""

GREY = (0.6, 0.6, 0.6)
"""sRGB of a mesh that no view sees."""


def projected_colors(
    mesh: TriangleMesh, images: NDArray[Any], *, cameras: Cameras, renderer: Renderer
) -> Float64:
    """(V, 3) float64 sRGB in 0…1.

    Args:
        images: (N, H, W, 3) sRGB in 0…1, of the mesh alone, by the cameras.
        cameras: on the CPU in float64, as many as images and of their size.
        renderer: for the CPU; tells which points a camera sees.
    """
    if mesh.is_empty:
        return np.full((len(mesh.vertices), 3), GREY)
    rendering = renderer.render(
        torch.from_numpy(mesh.vertices).float(), torch.from_numpy(mesh.faces), cameras
    )
    depth, seen = rendering.depth_NHW.numpy(), rendering.seen_NHW.numpy()
    normals = vertex_normals(mesh)
    reach = TOLERANCE * float(np.ptp(mesh.vertices, axis=0).max())
    total, weight = np.zeros((len(mesh.vertices), 3)), np.zeros(len(mesh.vertices))
    pixels = project(mesh.vertices, cameras)
    for view, position in enumerate(cameras.position_N3.numpy()):
        towards = position - mesh.vertices
        cosine = (normals * towards).sum(axis=1) / np.linalg.norm(towards, axis=1)
        color, share = _looked_up(
            images[view], depth[view], seen[view], pixels=pixels[view], reach=reach
        )
        own = share * cosine.clip(min=0) ** 2
        total += own[:, None] * color
        weight += own
    known = weight > 1e-6
    colors = np.where(known[:, None], total / np.where(known, weight, 1.0)[:, None], 0.0)
    return _filled(colors, known, mesh).clip(0, 1)


def _looked_up(
    image: NDArray[Any], depth: NDArray[Any], seen: Bool, *, pixels: Float64, reach: float
) -> tuple[Float64, Float64]:
    """(V, 3) colours at vertices, and (V,) in 0…1 how far the view sees them.

    Of the four pixels around a vertex those count that show the surface it lies on: neither the
    background nor what is before or behind it bleeds in.
    """
    height, width = depth.shape
    corner = np.floor(pixels[:, :2] - 0.5).astype(np.int64)
    part = pixels[:, :2] - 0.5 - corner
    color, share = np.zeros((len(pixels), 3)), np.zeros(len(pixels))
    for right, down in ((0, 0), (1, 0), (0, 1), (1, 1)):
        column, row = corner[:, 0] + right, corner[:, 1] + down
        inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        row, column = row.clip(0, height - 1), column.clip(0, width - 1)
        same = inside & seen[row, column] & (np.abs(depth[row, column] - pixels[:, 2]) < reach)
        across = np.abs(1 - right - part[:, 0]) * np.abs(1 - down - part[:, 1])
        own = np.where(same, across, 0.0)
        color += own[:, None] * np.asarray(image, np.float64)[row, column]
        share += own
    return color / np.where(share > 0, share, 1.0)[:, None], share


def _filled(colors: Float64, known: Bool, mesh: TriangleMesh) -> Float64:
    """With colours everywhere: along edges as far as they lead, then from the nearest vertex."""
    if not known.any():
        return np.full_like(colors, GREY)
    count = len(colors)
    starts = mesh.faces[:, [0, 1, 2, 1, 2, 0]].reshape(-1)
    stops = mesh.faces[:, [1, 2, 0, 0, 1, 2]].reshape(-1)
    edges = coo_matrix((np.ones(len(starts)), (starts, stops)), shape=(count, count)).tocsr()
    colors, known = colors.copy(), known.copy()
    while True:
        neighbours = edges @ known.astype(np.float64)
        reached = ~known & (neighbours > 0)
        if not reached.any():
            break
        sums = edges @ np.where(known[:, None], colors, 0.0)
        colors[reached] = sums[reached] / neighbours[reached, None]
        known |= reached
    if not known.all():
        nearest = cKDTree(mesh.vertices[known]).query(mesh.vertices[~known])[1]
        colors[~known] = colors[known][nearest]
    return colors
