from __future__ import annotations

import numpy as np

from ingest.samples import build_sample
from partworks.evaluation.blind import without_nodes
from partworks.geometry.mesh import Mesh, MeshNode
from segment.surface import source_nodes
from tests.evaluation.grids import grid_mesh


def test_a_sample_keeps_its_faces_and_materials_and_loses_its_nodes() -> None:
    mesh = build_sample("car").mesh
    blind, order = without_nodes(mesh)
    assert len(mesh.nodes) > len(blind.nodes) > 1
    assert {node.name + node.mesh_name for node in blind.nodes} == {""}
    assert set(source_nodes(blind).tolist()) == {0}, "the segmenter takes it for one node"
    corners = mesh.vertices[mesh.faces]
    assert np.array_equal(blind.vertices[blind.faces], corners[order])
    assert np.array_equal(blind.face_material, mesh.face_material[order])
    assert sorted(order.tolist()) == list(range(mesh.face_count))


def test_missing_attributes_are_filled_and_missing_normals_left_out() -> None:
    vertices, faces = grid_mesh(1, 1)
    plain = MeshNode(vertices=vertices, faces=faces)
    rich = MeshNode(
        vertices=vertices,
        faces=faces,
        uv=np.full((4, 2), 0.5, np.float32),
        colors=np.full((4, 4), 0.5, np.float32),
        normals=np.tile(np.asarray([0, 0, 1], np.float32), (4, 1)),
    )
    (node,) = without_nodes(Mesh(nodes=(plain, rich)))[0].nodes
    assert node.uv is not None and node.uv[:, 0].tolist() == [0] * 4 + [0.5] * 4
    assert node.colors is not None and node.colors[:, 3].tolist() == [1] * 4 + [0.5] * 4
    assert node.normals is None
