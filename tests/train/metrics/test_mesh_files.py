from __future__ import annotations

import io
import json
import struct

import numpy as np
import pytest
import trimesh

from partworks.geometry.glb import read_glb
from tests.train.metrics.solids import EMPTY, ball, box, tile
from train.metrics.mesh import TriangleMesh
from train.metrics.mesh_files import NamedMesh, part_color, vertex_normals, write_glb

PARTS = [
    NamedMesh(name="lid", mesh=ball(subdivisions=2), color=(1.0, 0.0, 0.5)),
    NamedMesh(name="nothing", mesh=EMPTY, color=(0.0, 0.0, 0.0)),
    NamedMesh(name="Füße", mesh=box((-1, -1, -1), (1, -0.5, 1)), color=(0.0, 1.0, 0.0)),
]


def test_the_data_engine_reads_what_was_written() -> None:
    nodes = read_glb(write_glb(PARTS)).nodes
    assert [node.name for node in nodes] == ["lid", "Füße"]
    for node, part in zip(nodes, (PARTS[0], PARTS[2]), strict=True):
        assert np.array_equal(node.vertices, part.mesh.vertices.astype(np.float32))
        assert np.array_equal(node.faces, part.mesh.faces)
        assert node.normals is not None
        assert node.normals == pytest.approx(vertex_normals(part.mesh), abs=1e-6)


def test_trimesh_reads_names_colors_and_solids() -> None:
    scene = trimesh.load_scene(io.BytesIO(write_glb(PARTS)), file_type="glb", process=False)
    assert list(scene.geometry) == ["lid", "Füße"]
    assert scene.geometry["Füße"].volume == pytest.approx(2.0)
    # Colours are linear in the file: 0.5 of sRGB is 0.214.
    color = scene.geometry["lid"].visual.material.baseColorFactor
    assert color.tolist() == [255, 0, round(0.214041 * 255), 255]


def test_the_file_keeps_the_rules_of_its_container() -> None:
    data = write_glb(PARTS)
    magic, version, size = struct.unpack("<4sII", data[:12])
    assert (magic, version, size) == (b"glTF", 2, len(data))
    length, kind = struct.unpack("<I4s", data[12:20])
    document = json.loads(data[20 : 20 + length])
    assert kind == b"JSON" and length % 4 == 0
    assert [node["name"] for node in document["nodes"]] == ["lid", "nothing", "Füße"]
    assert "mesh" not in document["nodes"][1]
    for accessor in document["accessors"]:
        view = document["bufferViews"][accessor["bufferView"]]
        width = {"VEC3": 12, "SCALAR": 4}[accessor["type"]]
        assert view["byteLength"] == accessor["count"] * width
        assert view["byteOffset"] % 4 == 0
    last = document["bufferViews"][-1]
    assert last["byteOffset"] + last["byteLength"] == document["buffers"][0]["byteLength"]
    assert 20 + length + 8 + document["buffers"][0]["byteLength"] == len(data)
    assert data == write_glb(PARTS)


@pytest.mark.parametrize("parts", [[], [PARTS[1]]])
def test_without_geometry_there_is_still_a_file(parts: list[NamedMesh]) -> None:
    data = write_glb(parts)
    document = json.loads(data[20:])
    assert document["asset"]["version"] == "2.0"
    assert len(document.get("nodes", [])) == len(parts)
    assert not {"meshes", "buffers", "accessors"} & set(document)


def test_vertex_normals_of_a_ball_point_outwards() -> None:
    mesh = ball(0.6, subdivisions=4)
    assert vertex_normals(mesh) == pytest.approx(mesh.vertices / 0.6, abs=1e-2)
    flat = tile()
    assert vertex_normals(flat) == pytest.approx(np.tile([0.0, 1.0, 0.0], (4, 1)))


def test_vertices_without_a_normal_get_one_all_the_same() -> None:
    mesh = tile()
    folded = TriangleMesh(
        vertices=mesh.vertices, faces=np.concatenate([mesh.faces, mesh.faces[:, ::-1]])
    )
    assert vertex_normals(folded).tolist() == [[0.0, 0.0, 1.0]] * 4


def test_colors_differ_and_stay() -> None:
    colors = [part_color(index) for index in range(32)]
    assert colors == [part_color(index) for index in range(32)]
    gaps = [np.abs(np.subtract(a, b)).max() for i, a in enumerate(colors) for b in colors[:i]]
    assert min(gaps) > 0.02
