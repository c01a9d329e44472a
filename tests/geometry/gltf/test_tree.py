"""The place of each mesh in the file's tree, and files that move nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from partworks.errors import Rejected
from partworks.geometry.load import load_mesh

TRIANGLE = "data:application/octet-stream;base64,AAAAAAAAAAAAAAAAAACAPwAAAAAAAAAAAAAAAAAAgD8AAAAA"


def document(nodes: list[dict[str, Any]], **more: Any) -> bytes:
    table = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": nodes,
        "buffers": [{"uri": TRIANGLE, "byteLength": 36}],
        "bufferViews": [{"buffer": 0, "byteLength": 36}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
    }
    return json.dumps({**table, **more}).encode()


def test_every_mesh_knows_the_nodes_above_it() -> None:
    nodes = [
        {"name": "root", "children": [1, 3]},
        {"name": "arm", "mesh": 0, "children": [2]},
        {"name": "hand", "mesh": 0},
        {"mesh": 0},
    ]
    mesh = load_mesh(document(nodes), "gltf").mesh
    places = [node.place for node in mesh.nodes]
    assert [(place.name, place.depth) for place in places if place] == [
        ("arm", 1), ("hand", 2), ("", 1),
    ]  # fmt: skip
    arm, hand, other = places
    assert arm and hand and other
    assert hand.parent is arm and arm.parent is other.parent is not None
    assert arm.parent.name == "root" and arm.parent.parent is None


def test_a_deep_tree_is_read() -> None:
    nodes: list[dict[str, Any]] = [{"children": [index + 1]} for index in range(5000)]
    (node,) = load_mesh(document([*nodes, {"mesh": 0}]), "gltf").mesh.nodes
    assert node.place is not None and node.place.depth == 5000


def test_animations_of_nothing_are_named() -> None:
    data = document([{"name": "bone"}], animations=[{"channels": [], "samplers": []}])
    with pytest.raises(Rejected, match="animated_only"):
        load_mesh(data, "gltf")
