from typing import Any

import numpy as np
import pytest
import trimesh

from partworks.errors import Rejected
from partworks.geometry.glb import read_glb
from partworks.geometry.gltf.nodes import compose
from partworks.geometry.load import LoadLimits, load_mesh
from tests.geometry.made_gltf import CORNERS, MadeGltf, tetrahedron, volume


def scene(nodes: list[dict[str, Any]], **more: Any) -> MadeGltf:
    made = tetrahedron()
    made.json.update({"nodes": nodes, **more})
    return made


def names(made: MadeGltf) -> list[str]:
    return [node.name for node in read_glb(made.to_glb()).nodes]


def test_depth_first_from_the_default_scene_with_names_as_they_are() -> None:
    nodes = [
        {"name": "leaf", "mesh": 0},
        {"name": "root", "mesh": 0, "children": [3, 0]},
        {"name": "root", "mesh": 0},
        {"children": [4], "name": "empty"},
        {"mesh": 0},
        {"name": "elsewhere", "mesh": 0},
    ]
    made = scene(nodes, scenes=[{"nodes": [5]}, {"nodes": [2, 1]}], scene=1)
    assert names(made) == ["root", "root", "", "leaf"]


def test_without_scene_the_first_counts_and_without_scenes_all_roots() -> None:
    nodes = [{"name": "a", "mesh": 0}, {"name": "b", "mesh": 0, "children": [2]}, {"mesh": 0}]
    made = scene(nodes, scenes=[{"nodes": [1]}, {"nodes": [0]}])
    del made.json["scene"]
    assert names(made) == ["b", ""]
    del made.json["scenes"]
    assert names(made) == ["a", "b", ""]


def test_transforms_multiply_from_the_root_down() -> None:
    turn = [0.0, 0.0, np.sqrt(0.5), np.sqrt(0.5)]  # a quarter turn about z
    nodes = [
        {"translation": [10, 0, 0], "scale": [2, 2, 2], "children": [1]},
        {"rotation": turn, "children": [2]},
        {"matrix": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1, 2, 3, 1], "mesh": 0},
    ]
    vertices = read_glb(scene(nodes).to_glb()).vertices
    shifted = CORNERS + np.array([1, 2, 3])
    expected = 2 * np.stack([-shifted[:, 1], shifted[:, 0], shifted[:, 2]], axis=1) + [10, 0, 0]
    np.testing.assert_allclose(vertices, expected, atol=1e-6)


def test_without_transforms_every_bit_of_the_vertices_stays() -> None:
    positions = np.array([[0.1, -0.0, 1e-42], [1 / 3, 3e38, 7], [1, 2, -3e38]], np.float32)
    made = MadeGltf()
    made.mesh({"attributes": {"POSITION": made.array(positions)}})
    made.json["nodes"] = [{"children": [1]}, {"mesh": 0, "scale": [1, 1, 1]}]
    assert read_glb(made.to_glb()).vertices.tobytes() == positions.tobytes()


def test_a_mirrored_instance_keeps_its_outside_out() -> None:
    nodes = [
        {"mesh": 0},
        {"mesh": 0, "scale": [-1, 1, 1]},
        {"mesh": 0, "scale": [-1, -1, -1], "translation": [5, 5, 5]},
        {"scale": [1, -1, 1], "children": [4]},
        {"mesh": 0, "scale": [-1, 1, 1]},
    ]
    mesh = read_glb(scene(nodes, scenes=[{"nodes": [0, 1, 2, 3]}]).to_glb())
    assert [volume(node.vertices, node.faces) for node in mesh.nodes] == pytest.approx([1 / 6] * 4)
    # Face i stays face i: the same corners, two of them in each other's place.
    assert mesh.nodes[1].faces.tolist() == mesh.nodes[0].faces[:, [0, 2, 1]].tolist()
    assert mesh.nodes[3].faces.tolist() == mesh.nodes[0].faces.tolist()


def test_hidden_nodes_hide_what_is_below_them() -> None:
    hidden = {"extensions": {"KHR_node_visibility": {"visible": False}}}
    nodes = [
        {"name": "a", "mesh": 0, "children": [1]},
        {"name": "b", "mesh": 0, "children": [2], **hidden},
        {"name": "c", "mesh": 0},
    ]
    assert names(scene(nodes)) == ["a"]


def test_gpu_instances_are_copied_one_after_another() -> None:
    made = tetrahedron()
    shifts = np.array([[0, 0, 0], [3, 0, 0], [0, 0, 7]], np.float32)
    attributes = {
        "TRANSLATION": made.array(shifts),
        "SCALE": made.array(np.array([[1, 1, 1], [2, 2, 2], [-1, 1, 1]], np.float32)),
    }
    extension = {"EXT_mesh_gpu_instancing": {"attributes": attributes}}
    made.json["nodes"] = [
        {"mesh": 0, "name": "pot", "translation": [0, 1, 0], "extensions": extension}
    ]
    mesh = read_glb(made.to_glb())
    assert [node.name for node in mesh.nodes] == ["pot"] * 3
    np.testing.assert_allclose(mesh.nodes[1].vertices, 2 * CORNERS + np.array([3, 1, 0]))
    volumes = [volume(node.vertices, node.faces) for node in mesh.nodes]
    assert volumes == pytest.approx([1 / 6, 8 / 6, 1 / 6])


def test_compose_agrees_with_trimesh() -> None:
    rng = np.random.default_rng(0)
    turns = rng.normal(size=(20, 4))
    matrices = compose(np.zeros((20, 3)), turns, np.ones((20, 3)))
    for matrix, (x, y, z, w) in zip(matrices, turns, strict=True):
        expected = trimesh.transformations.quaternion_matrix([w, x, y, z])
        np.testing.assert_allclose(matrix, expected, atol=1e-12)
    still = compose(np.zeros((1, 3)), np.zeros((1, 4)), np.ones((1, 3)))
    np.testing.assert_array_equal(still[0], np.eye(4))


@pytest.mark.parametrize(
    ("nodes", "more", "reason"),
    [
        ([{"mesh": 1}], {}, "dangling_reference"),
        ([{"mesh": 0, "children": [1]}], {}, "dangling_reference"),
        ([{"mesh": 0}], {"scene": 1}, "dangling_reference"),
        ([{"mesh": 0}], {"scenes": [{"nodes": [1]}]}, "dangling_reference"),
        ([{"mesh": 0, "children": [0]}], {}, "recursive_nodes"),
        ([{"children": [1]}, {"mesh": 0, "children": [0]}], {}, "recursive_nodes"),
        ([{"children": [2]}, {"children": [2]}, {"mesh": 0}], {}, "node_with_two_parents"),
        ([{"children": [1, 1]}, {"mesh": 0}], {}, "node_with_two_parents"),
        (
            [{"children": [1]}, {"mesh": 0}],
            {"scenes": [{"nodes": [0, 1]}]},
            "node_with_two_parents",
        ),
        ([{"mesh": 0}], {"scenes": [{"nodes": [0, 0]}]}, "node_with_two_parents"),
        ([{"mesh": 0, "matrix": [1, 2, 3]}], {}, "invalid_gltf"),
        ([{"mesh": 0, "scale": [1, 1, "a"]}], {}, "invalid_gltf"),
        ([{"mesh": 0, "scale": [1e30, 1e30, 1e30]}] * 2, {}, "non_finite_vertices"),
        ([{"mesh": 0, "scale": [0, 0, 0]}], {}, "no_area"),
        ([{}], {}, "empty_scene"),
        ([{"mesh": 0}], {"scenes": [{}]}, "empty_scene"),
    ],
)
def test_broken_graphs_are_named(
    nodes: list[dict[str, Any]], more: dict[str, Any], reason: str
) -> None:
    if reason == "non_finite_vertices":
        nodes = [{"children": [1], "scale": [1e30] * 3}, nodes[1]]
    with pytest.raises(Rejected) as caught:
        load_mesh(scene(nodes, **more).to_glb(), "glb")
    assert caught.value.reason == reason


def test_a_deep_chain_is_no_recursion() -> None:
    depth = 5000
    nodes: list[dict[str, Any]] = [{"children": [index + 1]} for index in range(depth)]
    made = scene([*nodes, {"mesh": 0, "name": "deep"}])
    assert names(made) == ["deep"]


def test_few_bytes_cannot_ask_for_many_instances() -> None:
    made = tetrahedron()
    count = {"bufferView": None, "componentType": 5126, "type": "VEC3", "count": 20_000}
    made.json["accessors"].append(count)
    attributes = {"TRANSLATION": len(made.json["accessors"]) - 1}
    node = {"mesh": 0, "extensions": {"EXT_mesh_gpu_instancing": {"attributes": attributes}}}
    made.json.update(nodes=[node] * 1000, scenes=[{"nodes": list(range(1000))}])
    with pytest.raises(Rejected, match="too_many_nodes"):
        load_mesh(made.to_glb(), "glb")
    with pytest.raises(Rejected, match="too_many_nodes"):
        load_mesh(made.to_glb(), "glb", limits=LoadLimits(max_nodes=100))
    count["count"] = 1 << 40
    with pytest.raises(Rejected, match="too_many_nodes"):
        load_mesh(made.to_glb(), "glb")
