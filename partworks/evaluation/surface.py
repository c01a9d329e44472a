"""What the measures need to know of a mesh: areas, which faces touch, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.adjacency import connected_components, face_adjacency, weld_vertices
from partworks.geometry.measures import face_areas

Int32 = NDArray[np.int32]
Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SurfaceGraph:
    """The faces of a mesh and the edges between them, with vertices welded by position.

    Attributes:
        areas: (F,) float64, in squared units of the mesh.
        pairs: (P, 2) int32, faces that share an edge.
        edge: (P,) int32, the edge that a pair shares; several pairs share a branching edge.
        ends: (E, 2, 3) float64, the two ends of each edge.
        component: (F,) int32, connected components.
        diagonal: of the bounding box of all faces.
    """

    areas: Float64
    pairs: Int32
    edge: Int32
    ends: Float64
    component: Int32
    diagonal: float


def surface_graph(vertices: NDArray[Any], faces: NDArray[Any]) -> SurfaceGraph:
    """Measure a mesh.

    Args:
        vertices: (V, 3) float, any unit.
        faces: (F, 3) int.
    """
    adjacency = face_adjacency(vertices, faces)
    _, first = np.unique(weld_vertices(vertices), return_index=True)
    edges, edge = np.unique(adjacency.edge, axis=0, return_inverse=True)
    used = vertices[np.unique(faces)].astype(np.float64)
    return SurfaceGraph(
        areas=face_areas(vertices, faces),
        pairs=adjacency.pairs,
        edge=edge.reshape(-1).astype(np.int32),
        ends=vertices[first[edges]].astype(np.float64).reshape(-1, 2, 3),
        component=connected_components(len(faces), adjacency.pairs),
        diagonal=float(np.linalg.norm(np.ptp(used, axis=0))) if len(used) else 0.0,
    )
