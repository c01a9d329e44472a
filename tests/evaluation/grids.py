"""Meshes that a test can think about: a flat grid of square cells of two triangles each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.segments import Segments
from partworks.evaluation.surface import SurfaceGraph, surface_graph

Int = NDArray[np.int32]


def grid_mesh(columns: int, rows: int) -> tuple[NDArray[np.float32], Int]:
    """Vertices and faces of unit cells; the faces of cell (x, y) are 2 (y columns + x) and next."""
    x, y = np.meshgrid(np.arange(columns + 1), np.arange(rows + 1))
    vertices = np.stack([x, y, 0 * x], axis=-1).reshape(-1, 3).astype(np.float32)
    corner = (np.arange(rows)[:, None] * (columns + 1) + np.arange(columns)).reshape(-1)
    right, up = corner + 1, corner + columns + 1
    lower = np.stack([corner, right, up + 1], axis=1)
    upper = np.stack([corner, up + 1, up], axis=1)
    return vertices, np.stack([lower, upper], axis=1).reshape(-1, 3).astype(np.int32)


def grid(columns: int, rows: int) -> SurfaceGraph:
    return surface_graph(*grid_mesh(columns, rows))


def cells(*labels: int) -> Int:
    """One label a cell as one a face."""
    return np.repeat(np.asarray(labels, np.int32), 2)


def tree(face_labels: Int, *merges: tuple[int, int]) -> Segments:
    """Segments with the given merges, at heights 1, 2, …, and equal areas."""
    count = len(merges) + 1
    areas = np.bincount(face_labels, minlength=count) / 2
    return Segments(
        face_labels=face_labels,
        merge_children=np.asarray(merges, np.int32).reshape(-1, 2),
        merge_height=np.arange(1, count, dtype=np.float32),
        segment_area=areas.astype(np.float32),
        segment_score=np.ones(count, np.float32),
        geometry_hash="",
        method="test",
    )


def random_tree(face_labels: Int, count: int, generator: np.random.Generator) -> Segments:
    """Segments merged at random."""
    live = list(range(count))
    merges = []
    for row in range(count - 1):
        left, right = (live.pop(int(generator.integers(len(live)))) for _ in range(2))
        merges.append((left, right))
        live.append(count + row)
    return tree(face_labels, *merges)
