"""What every step of the segmentation knows of a mesh: its faces, how they touch, its shells."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.adjacency import connected_components, face_adjacency
from partworks.geometry.measures import face_areas
from partworks.geometry.mesh import Mesh
from segment.orientation import outward_signs
from segment.sheets import find_sheets

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int8 = NDArray[np.int8]
Int32 = NDArray[np.int32]

SOUP_SHARE = 0.5
"""More faces than this without a neighbour, and a mesh is taken for a soup."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surface:
    """Faces and the welded edges between them.

    Attributes:
        vertices: (V, 3) float32. faces: (F, 3) int32.
        areas: (F,) float64. centroids: (F, 3) float64.
        source_node: (F,) int32, the node of the source; one that was split by material is one.
        material: (F,) int32, -1 for none.
        shell: (F,) int32; faces of a shell share source node and material and are connected over
            edges at which no more than two sheets meet.
        pairs: (E, 2) int32 faces that share a welded edge, the smaller first. Faces of two shells
            that only touch at a branching edge are left out.
        angle: (E,) float32 radians, > 0 convex, < 0 concave, as seen from outside.
        length: (E,) float32.
        manifold: (E,) bool, whether no more than two sheets meet at the edge.
        sign: (F,) int8, -1 where a face is wound clockwise as seen from outside, else 1.
    """

    vertices: Float32
    faces: Int32
    areas: Float64
    centroids: Float64
    source_node: Int32
    material: Int32
    shell: Int32
    pairs: Int32
    angle: Float32
    length: Float32
    manifold: NDArray[np.bool_]
    sign: Int8

    @property
    def total_area(self) -> float:
        """The area of all faces."""
        return float(self.areas.sum())

    @property
    def diagonal(self) -> float:
        """The length of the diagonal of the bounding box of all faces."""
        used = self.vertices[np.unique(self.faces)].astype(np.float64)
        return float(np.linalg.norm(np.ptp(used, axis=0))) if len(used) else 0.0


def read_surface(mesh: Mesh, *, weld_tolerance: float, soup_tolerance: float) -> Surface:
    """Weld a mesh and find its shells.

    A mesh of which most faces have no neighbour is welded again with `soup_tolerance`.
    """
    adjacency = face_adjacency(mesh.vertices, mesh.faces, tolerance=weld_tolerance)
    alone = mesh.face_count - len(np.unique(adjacency.pairs))
    if soup_tolerance > weld_tolerance and alone > SOUP_SHARE * mesh.face_count:
        adjacency = face_adjacency(mesh.vertices, mesh.faces, tolerance=soup_tolerance)
    sheets = find_sheets(adjacency, mesh.face_count)
    signs = outward_signs(mesh.vertices, mesh.faces, adjacency, trusted=sheets.alone)
    angle = adjacency.angle * signs[adjacency.pairs[:, 0]].astype(np.float32)
    source_node = source_nodes(mesh)[mesh.face_node]
    shell = _shells(adjacency.pairs[sheets.manifold], source_node, mesh.face_material)
    # Solids that touch at a branching edge are near, not joined.
    kept = sheets.manifold | (shell[adjacency.pairs[:, 0]] == shell[adjacency.pairs[:, 1]])
    return Surface(
        vertices=mesh.vertices,
        faces=mesh.faces,
        areas=face_areas(mesh.vertices, mesh.faces),
        centroids=mesh.vertices.astype(np.float64)[mesh.faces].mean(axis=1),
        source_node=source_node,
        material=mesh.face_material,
        shell=shell,
        pairs=adjacency.pairs[kept],
        angle=np.where(sheets.twins, np.float32(0), angle)[kept],
        length=adjacency.length[kept],
        manifold=sheets.manifold[kept],
        sign=signs,
    )


def source_nodes(mesh: Mesh) -> Int32:
    """(N,) int32: the source node of each node of a mesh, numbered from 0.

    A source node with several materials was split into nodes that follow one another with the same
    names and different materials.
    """
    starts, seen = [0] * min(len(mesh.nodes), 1), set()
    if mesh.nodes:
        seen.add(mesh.nodes[0].material)
    for before, node in pairwise(mesh.nodes):
        alike = (before.name, before.mesh_name) == (node.name, node.mesh_name)
        new = not alike or node.material in seen
        if new:
            seen = set()
        seen.add(node.material)
        starts.append(int(new))
    return np.cumsum(starts, dtype=np.int32)


def _shells(pairs: Int32, source_node: Int32, material: Int32) -> Int32:
    left, right = pairs.T
    alike = (source_node[left] == source_node[right]) & (material[left] == material[right])
    return connected_components(len(source_node), pairs[alike])
