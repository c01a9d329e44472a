import numpy as np
import pytest

from partworks.errors import Rejected
from partworks.geometry.glb import read_glb
from partworks.geometry.load import LoadLimits, load_mesh
from tests.geometry.made_gltf import CORNERS, MadeGltf, tetrahedron
from tests.shared_assets import requires_shared, shared


def test_each_primitive_of_each_node_is_a_node() -> None:
    made = tetrahedron()
    primitive = made.json["meshes"][0]["primitives"][0]
    made.json["materials"] = [{"name": "a"}, {"name": "b"}]
    made.mesh({**primitive, "material": 1}, {**primitive, "material": 0}, name="pair")
    made.json["nodes"] = [{"mesh": 1, "name": "x"}, {"mesh": 0, "name": "y"}]
    made.json["scenes"] = [{"nodes": [1, 0]}]
    mesh = read_glb(made.to_glb())
    found = [(node.name, node.mesh_name, node.material) for node in mesh.nodes]
    assert found == [("y", "", None), ("x", "pair", 1), ("x", "pair", 0)]
    # Without what is unused, materials are numbered by first use.
    loaded = load_mesh(made.to_glb(), "glb").mesh
    assert [material.name for material in loaded.materials] == ["b", "a"]
    assert [node.material for node in loaded.nodes] == [None, 0, 1]


def test_a_mesh_in_several_places_is_decoded_once() -> None:
    made = tetrahedron()
    made.json["nodes"] = [{"mesh": 0}, {"mesh": 0}, {"mesh": 0, "translation": [1, 0, 0]}]
    made.json["scenes"] = [{"nodes": [0, 1, 2]}]
    first, second, third = read_glb(made.to_glb()).nodes
    assert first.vertices is second.vertices
    np.testing.assert_array_equal(third.vertices, CORNERS + np.array([1, 0, 0]))


def test_points_and_lines_beside_faces_are_left_out() -> None:
    made = tetrahedron()
    made.mesh({"attributes": {"POSITION": 0}, "mode": 0})
    made.json["nodes"] = [{"mesh": 1, "children": [1]}, {"mesh": 0}]
    loaded = load_mesh(made.to_glb(), "glb")
    assert loaded.warnings == ("ignored_points_or_lines",)
    assert len(loaded.mesh.nodes) == 1


def test_points_and_lines_alone() -> None:
    made = tetrahedron()
    for modes, reason in (([0], "points_only"), ([1, 3], "lines_only"), ([0, 1], "no_faces")):
        primitives = [{"attributes": {"POSITION": 0}, "mode": mode} for mode in modes]
        made.json["meshes"][0]["primitives"] = primitives
        with pytest.raises(Rejected) as caught:
            load_mesh(made.to_glb(), "glb")
        assert caught.value.reason == reason


def test_motion_is_noted() -> None:
    made = tetrahedron()
    made.json["animations"] = [{}]
    made.json["meshes"][0]["primitives"][0]["targets"] = [{"POSITION": 0}]
    loaded = load_mesh(made.to_glb(), "glb")
    assert loaded.warnings == ("ignored_animation", "ignored_morph_targets")
    np.testing.assert_array_equal(loaded.mesh.vertices, CORNERS)


def test_limits_count_instances() -> None:
    made = tetrahedron()
    made.json["nodes"] = [{"mesh": 0}] * 5
    made.json["scenes"] = [{"nodes": [0, 1, 2, 3, 4]}]
    for limits, reason in (
        (LoadLimits(max_faces=19), "too_many_faces"),
        (LoadLimits(max_vertices=19), "too_many_vertices"),
        (LoadLimits(max_nodes=4), "too_many_nodes"),
    ):
        with pytest.raises(Rejected) as caught:
            load_mesh(made.to_glb(), "glb", limits=limits)
        assert caught.value.reason == reason
    exact = LoadLimits(max_faces=20, max_vertices=20, max_nodes=5)
    assert load_mesh(made.to_glb(), "glb", limits=exact).mesh.face_count == 20


def test_counts_are_checked_before_bytes_are_read() -> None:
    made = MadeGltf()
    huge = {"componentType": 5126, "type": "VEC3", "count": 1 << 50}
    made.json["accessors"] = [huge, {"componentType": 5125, "type": "SCALAR", "count": 1 << 50}]
    made.mesh({"attributes": {"POSITION": 0}, "indices": 1})
    with pytest.raises(Rejected) as caught:
        load_mesh(made.to_glb(), "glb")
    assert caught.value.reason == "too_many_vertices"


def test_many_primitives_may_share_one_large_vertex_buffer() -> None:
    made = MadeGltf()
    rng = np.random.default_rng(0)
    positions = made.array(rng.normal(size=(20_000, 3)).astype(np.float32))
    corners = rng.integers(0, 20_000, (200, 12)).astype(np.uint32)
    made.mesh(
        *({"attributes": {"POSITION": positions}, "indices": made.array(row)} for row in corners)
    )
    # 200 × 20 000 vertices would not fit, the 2 400 that faces use do.
    mesh = load_mesh(made.to_glb(), "glb", limits=LoadLimits(max_vertices=2400)).mesh
    assert len(mesh.nodes) == 200
    assert len(mesh.vertices) <= 2400


@requires_shared
def test_a_skinned_character_of_many_nodes_stands_where_viewers_show_it() -> None:
    mesh = load_mesh(shared("assets/dev/char_knight.glb").read_bytes(), "glb").mesh
    low, high = mesh.bounds
    assert low[1] == pytest.approx(0, abs=0.05)
    assert 1.5 < high[1] < 3.5
    assert {"Knight_Helmet", "Knight_Body"} <= {node.name for node in mesh.nodes}
