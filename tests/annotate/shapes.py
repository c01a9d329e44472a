"""Hand-made objects with their segments, without the segment stage."""

from collections.abc import Sequence

import numpy as np
import trimesh

from partworks.artifacts.segments import Segments
from partworks.geometry.measures import face_areas
from partworks.geometry.mesh import Material, Mesh, MeshNode


def boxes(
    *entries: tuple[Sequence[float], Sequence[float], str], materials: Sequence[str] = ()
) -> Mesh:
    """A node per (sides, middle, name)."""
    nodes = []
    for index, (extents, middle, name) in enumerate(entries):
        shape = trimesh.creation.box(extents=extents)
        nodes.append(
            MeshNode(
                vertices=(shape.vertices + np.asarray(middle)).astype(np.float32),
                faces=shape.faces.astype(np.int32),
                name=name,
                mesh_name=f"{name}.mesh",
                material=index if index < len(materials) else None,
            )
        )
    return Mesh(nodes=tuple(nodes), materials=tuple(Material(name=name) for name in materials))


def by_node(mesh: Mesh, merges: Sequence[tuple[int, int, float]]) -> Segments:
    """A segment per node, and the rows (child, child, height) of a merge tree."""
    areas = face_areas(mesh.vertices, mesh.faces)
    return tree(np.bincount(mesh.face_node, areas), merges, labels=mesh.face_node, of=mesh)


def tree(
    areas: Sequence[float] | np.ndarray,
    merges: Sequence[tuple[int, int, float]],
    *,
    labels: np.ndarray | None = None,
    of: Mesh | None = None,
) -> Segments:
    count = len(areas)
    return Segments(
        face_labels=np.arange(count, dtype=np.int32) if labels is None else labels,
        merge_children=np.asarray([row[:2] for row in merges], np.int32).reshape(-1, 2),
        merge_height=np.asarray([row[2] for row in merges], np.float32),
        segment_area=np.asarray(areas, np.float32),
        segment_score=np.ones(count, np.float32),
        geometry_hash="" if of is None else of.geometry_hash,
        method="structure",
    )


def table() -> Mesh:
    legs = [
        ((0.1, 1, 0.1), (x, -0.55, z), f"leg_{i}")
        for i, (x, z) in enumerate([(-0.8, -0.4), (0.8, -0.4), (-0.8, 0.4), (0.8, 0.4)])
    ]
    return boxes(((2, 0.1, 1), (0, 0, 0), "Table_Top"), *legs)
