from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ingest.artist_parts import MOST_PARTS, artist_parts
from partworks.geometry.load import load_mesh
from partworks.geometry.mesh import Mesh, MeshNode, TreeNode
from tests.shared_assets import requires_shared, shared

Branch = Mapping[str, "Branch | int"]


def grown(branch: Branch, parent: TreeNode | None = None) -> list[MeshNode]:
    """A mesh node for each number: so many triangles."""
    nodes: list[MeshNode] = []
    for name, below in branch.items():
        place = TreeNode(name=name, parent=parent, depth=parent.depth + 1 if parent else 0)
        if isinstance(below, int):
            vertices = np.random.default_rng(len(name)).random((3, 3)).astype(np.float32)
            faces = np.tile(np.arange(3, dtype=np.int32), (below, 1))
            nodes.append(MeshNode(vertices=vertices, faces=faces, name=name, place=place))
        else:
            nodes += grown(below, place)
    return nodes


def parts(branch: Branch, *, most: int = MOST_PARTS) -> dict[str, int] | None:
    """name -> faces of each part."""
    found = artist_parts(Mesh(nodes=tuple(grown(branch))), most=most)
    if found is None:
        return None
    assert found.source == "artist" and found.face_labels.min() == 0
    counts = np.bincount(found.face_labels, minlength=found.count)
    return dict(zip(found.part_names, counts.tolist(), strict=True))


CAR: Branch = {
    "car": {
        "body": 9,
        "wheels": {"left": {"rim": 1, "tyre": 2}, "right": {"rim": 1, "tyre": 3}},
        "doors": {"front": 4, "back": 5},
    }
}


def test_few_meshes_stay_as_they_are() -> None:
    assert parts({"a": 1, "b": 2}) == {"a": 1, "b": 2}
    car = artist_parts(Mesh(nodes=tuple(grown(CAR))))
    assert car is not None
    assert car.part_names == ("body", "rim", "tyre", "rim", "tyre", "front", "back")


def test_the_deepest_are_merged_first_and_the_lightest_of_them() -> None:
    assert parts(CAR, most=6) == {
        "body": 9, "left": 3, "rim": 1, "tyre": 3, "front": 4, "back": 5,
    }  # fmt: skip
    assert parts(CAR, most=5) == {"body": 9, "left": 3, "right": 4, "front": 4, "back": 5}
    assert parts(CAR, most=4) == {"body": 9, "wheels": 7, "front": 4, "back": 5}
    assert parts(CAR, most=3) == {"body": 9, "wheels": 7, "doors": 9}
    assert parts(CAR, most=2) is None, "all that is left hangs from one node"


def test_one_mesh_or_many_side_by_side_tell_of_no_parts() -> None:
    assert parts({"a": 3}) is None
    assert parts({"root": {f"n{k}": 1 for k in range(16)}}) is None
    assert parts({f"n{k}": 1 for k in range(16)}) is None
    assert artist_parts(Mesh(nodes=())) is None


def test_a_mesh_at_a_node_that_takes_others_in_is_one_with_them() -> None:
    arm = TreeNode(name="arm", parent=None, depth=0)
    hand = TreeNode(name="hand", parent=arm, depth=1)
    leg = TreeNode(name="leg", parent=None, depth=0)
    (triangle,) = grown({"x": 1})
    nodes = [
        MeshNode(vertices=triangle.vertices, faces=triangle.faces, place=place)
        for place in (arm, hand, leg, arm)
    ]
    found = artist_parts(Mesh(nodes=tuple(nodes)), most=2)
    assert found is not None and found.part_names == ("arm", "leg")
    assert found.face_labels.tolist() == [0, 0, 1, 0]


def test_a_very_deep_tree_takes_no_time() -> None:
    place: TreeNode | None = None
    (triangle,) = grown({"x": 1})
    nodes = []
    for depth in range(20_000):
        place = TreeNode(name=str(depth), parent=place, depth=depth)
        nodes.append(MeshNode(vertices=triangle.vertices, faces=triangle.faces, place=place))
    found = artist_parts(Mesh(nodes=tuple(nodes)))
    assert found is not None and found.count == MOST_PARTS


@requires_shared
def test_a_real_tree_keeps_its_names() -> None:
    for name in ("retro_ufo", "birthday_cake", "folio_crossroads", "char_mage"):
        mesh = load_mesh(shared(f"assets/dev/{name}.glb").read_bytes(), "glb").mesh
        found = artist_parts(mesh)
        places = {node.place for node in mesh.nodes}
        assert found is None or 2 <= found.count <= MOST_PARTS
        if len(places) <= MOST_PARTS:
            assert found is not None and found.count == len(places)
            assert set(found.part_names) == {node.name for node in mesh.nodes}
