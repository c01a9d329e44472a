import json
import struct
from dataclasses import replace

import numpy as np
import pytest

from partworks.errors import Rejected
from partworks.geometry.glb import read_glb, write_glb
from partworks.geometry.gltf.container import split_glb
from partworks.geometry.mesh import Image, Mesh
from tests.geometry.made_mesh import assert_same, patch, rich_mesh
from tests.shared_assets import requires_shared, shared


def test_everything_comes_back() -> None:
    mesh = rich_mesh()
    data = write_glb(mesh)
    assert_same(read_glb(data), mesh)
    assert write_glb(read_glb(data)) == data


def test_equal_meshes_give_equal_bytes() -> None:
    assert write_glb(rich_mesh()) == write_glb(rich_mesh())


def test_unused_vertices_and_odd_values_come_back() -> None:
    node = patch(rich=True)
    uv = np.full_like(node.uv, np.nan) if node.uv is not None else None
    faces = node.faces.copy()
    faces[0] = 3  # a face of one repeated vertex
    stray = replace(node, uv=uv, faces=faces[:2])
    assert_same(read_glb(write_glb(Mesh(nodes=(stray,)))), Mesh(nodes=(stray,)))


def test_a_mesh_without_nodes_comes_back() -> None:
    mesh = Mesh(nodes=(), images=(Image(data=b"kept as it is", mime="image/jpeg"),))
    assert_same(read_glb(write_glb(mesh)), mesh)


def test_glb_is_laid_out_as_the_specification_says() -> None:
    data = write_glb(rich_mesh())
    magic, version, size = struct.unpack_from("<4sII", data)
    assert (magic, version, size) == (b"glTF", 2, len(data))
    assert len(data) % 4 == 0
    text, binary = split_glb(data)
    assert binary is not None
    document = json.loads(text)
    assert len(text) % 4 == 0
    assert document["asset"]["generator"] == "partworks"
    assert document["buffers"] == [{"byteLength": len(binary)}]
    for view in document["bufferViews"]:
        assert view["byteOffset"] % 4 == 0
        assert view["byteOffset"] + view["byteLength"] <= len(binary)


def test_position_bounds_are_the_float32_extremes() -> None:
    mesh = rich_mesh()
    document = json.loads(split_glb(write_glb(mesh))[0])
    for node, entry in zip(mesh.nodes, document["meshes"], strict=True):
        accessor = document["accessors"][entry["primitives"][0]["attributes"]["POSITION"]]
        assert accessor["min"] == node.vertices.min(axis=0).astype(float).tolist()
        assert accessor["max"] == node.vertices.max(axis=0).astype(float).tolist()


def test_parts_of_one_group_share_a_gltf_mesh() -> None:
    mesh = Mesh(nodes=tuple(patch(seed=k, name="door", mesh_name="part_00") for k in range(3)))
    data = write_glb(mesh, groups=[("door", [0, 2]), ("nothing", []), ("handle", [1])])
    document = json.loads(split_glb(data)[0])
    assert [node.get("mesh") for node in document["nodes"]] == [0, None, 1]
    assert [len(entry["primitives"]) for entry in document["meshes"]] == [2, 1]
    read = read_glb(data)
    assert [node.name for node in read.nodes] == ["door", "door", "handle"]
    for node, source in zip(read.nodes, (0, 2, 1), strict=True):
        np.testing.assert_array_equal(node.vertices, mesh.nodes[source].vertices)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_vertices_that_are_not_finite_cannot_be_written(value: float) -> None:
    node = patch()
    node.vertices[1, 2] = value
    with pytest.raises(ValueError, match=r"node 0 \(''\) has vertices that are not finite"):
        write_glb(Mesh(nodes=(node,)))


def test_a_node_without_faces_cannot_be_written() -> None:
    node = replace(patch(name="empty"), faces=np.zeros((0, 3), np.int32))
    with pytest.raises(ValueError, match=r"node 1 \('empty'\) has no faces"):
        write_glb(Mesh(nodes=(patch(), node)))


def test_what_is_no_glb_is_named() -> None:
    with pytest.raises(Rejected, match=r"not_a_model.*'<html>'") as caught:
        read_glb(b"<html>")
    assert caught.value.reason == "not_a_model"


@requires_shared
def test_real_files_come_back_after_a_round_trip() -> None:
    paths = sorted(shared("assets/dev").glob("*.glb"))
    assert len(paths) > 40
    for path in paths:
        mesh = read_glb(path.read_bytes())
        data = write_glb(mesh)
        assert_same(read_glb(data), mesh)
        assert write_glb(read_glb(data)) == data, path.name
