"""Copies of meshes as they turn up in the wild: turned, rescaled, exported anew, simplified."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from partworks.geometry.adjacency import weld_vertices
from partworks.geometry.load import load_mesh
from partworks.geometry.mesh import Float32, Int32, Material, Mesh, MeshNode
from tests.shared_assets import shared


def dev_meshes() -> dict[str, Mesh]:
    """Every development asset by name."""
    folder = shared("assets/dev")
    found = {}
    for path in sorted([*folder.glob("*.glb"), *folder.glob("*/*.off"), *folder.glob("*/*.obj")]):
        files = {side.name: side.read_bytes() for side in path.parent.iterdir() if side.is_file()}
        found[path.stem] = load_mesh(
            path.read_bytes(), path.suffix, files=files if path.suffix == ".obj" else {}
        ).mesh
    return found


def turned(mesh: Mesh) -> Mesh:
    """Turned about an odd axis and moved."""
    turn = Rotation.from_rotvec([0.4, 1.9, -0.8]).as_matrix()
    size = float(np.ptp(mesh.bounds, axis=0).max())
    return _moved(mesh, lambda points: points @ turn.T + size * np.array([3.0, -1.0, 2.0]))


def rescaled(mesh: Mesh) -> Mesh:
    """A hundred times larger, in centimetres."""
    return _moved(mesh, lambda points: points * 100.0)


def _moved(mesh: Mesh, move: Callable[[NDArray[Any]], NDArray[Any]]) -> Mesh:
    nodes = tuple(
        replace(
            node,
            vertices=move(node.vertices.astype(np.float64)).astype(np.float32),
            normals=None,
        )
        for node in mesh.nodes
    )
    return replace(mesh, nodes=nodes)


def exported_anew(mesh: Mesh) -> Mesh:
    """One node, vertices welded, faces and vertices in another order, coordinates in 16 bits."""
    generator = np.random.default_rng(3)
    vertices, faces = _welded(mesh)
    size = float(np.ptp(vertices, axis=0).max())
    vertices = np.round(vertices / size * 65536) / 65536 * size
    order = generator.permutation(len(vertices))
    place = np.argsort(order).astype(np.int32)
    faces = np.roll(place[faces][generator.permutation(len(faces))], 1, axis=1)
    return _single(vertices[order].astype(np.float32), faces)


def decimated(mesh: Mesh) -> Mesh:
    """30 % of the faces gone, by Blender's quadric edge collapse."""
    import bpy  # takes seconds, and most copies do without

    vertices, faces = _welded(mesh)
    size = float(np.ptp(vertices, axis=0).max())
    made = bpy.data.meshes.new("mesh")
    made.from_pydata((vertices / size).tolist(), [], faces.tolist())
    thing = bpy.data.objects.new("object", made)
    bpy.context.collection.objects.link(thing)
    modifier = thing.modifiers.new("decimate", "DECIMATE")
    modifier.ratio = 0.7
    modifier.use_collapse_triangulate = True
    result = thing.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
    result.calc_loop_triangles()
    points = np.array([vertex.co[:] for vertex in result.vertices], np.float32) * size
    triangles = np.array([each.vertices[:] for each in result.loop_triangles], np.int32)
    bpy.data.objects.remove(thing)
    bpy.data.meshes.remove(made)
    return _single(points, triangles)


def recoloured(mesh: Mesh) -> Mesh:
    """All of it painted red, without textures."""
    paint = Material(name="paint", base_color=(0.8, 0.02, 0.02, 1.0))
    nodes = tuple(replace(node, material=0, colors=None) for node in mesh.nodes)
    return replace(mesh, nodes=nodes, materials=(paint,), images=())


COPIES: Mapping[str, Callable[[Mesh], Mesh]] = {
    "turned": turned,
    "rescaled": rescaled,
    "exported_anew": exported_anew,
    "decimated": decimated,
    "recoloured": recoloured,
}


def _welded(mesh: Mesh) -> tuple[NDArray[Any], NDArray[Any]]:
    """(V, 3) float64 positions, each once, and (F, 3) faces that keep three corners."""
    place = weld_vertices(mesh.vertices)
    _, first = np.unique(place, return_index=True)
    faces = place[mesh.faces]
    whole = (np.diff(np.sort(faces, axis=1), axis=1) > 0).all(axis=1)
    return mesh.vertices[first].astype(np.float64), faces[whole]


def _single(vertices: Float32, faces: Int32) -> Mesh:
    return Mesh(nodes=(MeshNode(vertices=vertices, faces=faces),))


def box(*size: float) -> tuple[Float32, Int32]:
    """A box of eight vertices and twelve faces, wound outwards."""
    corners = [(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = [(a, b, c) for a, b, c, _ in quads] + [(a, c, d) for a, _, c, d in quads]
    return (np.asarray(corners) * size).astype(np.float32), np.asarray(faces, np.int32)
