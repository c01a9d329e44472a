from typing import Any

import numpy as np
import pytest

from partworks.errors import Rejected
from partworks.geometry.glb import read_glb
from partworks.geometry.load import load_mesh
from partworks.geometry.mesh import MeshNode
from tests.geometry.made_gltf import CORNERS, MadeGltf, tetrahedron, volume


def skinned(joints: Any, weights: Any, *, bind: Any = None, **attributes: Any) -> MadeGltf:
    """A tetrahedron whose node stands far away; one joint is shifted, one also turned and big."""
    made = tetrahedron(
        JOINTS_0=np.asarray(joints, np.uint8),
        WEIGHTS_0=np.asarray(weights, np.float32),
        NORMAL=np.tile(np.float32([0, 0, 1]), (4, 1)),
        **attributes,
    )
    made.json["nodes"] = [
        {"mesh": 0, "skin": 0, "translation": [1000, 0, 0], "name": "skinned"},
        {"translation": [0, 5, 0], "children": [2]},
        {"rotation": [0, 0, np.sqrt(0.5), np.sqrt(0.5)], "scale": [2, 2, 2]},
    ]
    made.json["scenes"] = [{"nodes": [0, 1]}]
    made.json["skins"] = [{"joints": [1, 2]}]
    if bind is not None:
        columns = np.asarray(bind, np.float32).transpose(0, 2, 1).reshape(-1, 16)
        made.json["skins"][0]["inverseBindMatrices"] = made.array(columns)
    return made


def node_of(made: MadeGltf) -> MeshNode:
    return read_glb(made.to_glb()).nodes[0]


ALL_FIRST = [[1, 0, 0, 0]] * 4


def test_joints_move_the_vertices_and_the_node_does_not() -> None:
    node = node_of(skinned([[0, 1, 0, 0]] * 4, ALL_FIRST))
    np.testing.assert_allclose(node.vertices, CORNERS + np.array([0, 5, 0]))
    assert node.name == "skinned"


def test_weights_blend_joint_matrices_and_need_not_add_up_to_one() -> None:
    vertices = node_of(skinned([[0, 1, 0, 0]] * 4, [[2, 2, 0, 0]] * 4)).vertices
    turned = 2 * np.stack([-CORNERS[:, 1], CORNERS[:, 0], CORNERS[:, 2]], axis=1) + [0, 5, 0]
    np.testing.assert_allclose(vertices, (CORNERS + np.array([0, 5, 0]) + turned) / 2, atol=1e-6)


def test_a_vertex_without_weights_follows_its_first_joint() -> None:
    node = node_of(skinned([[0, 1, 0, 0]] * 4, np.zeros((4, 4))))
    np.testing.assert_allclose(node.vertices, CORNERS + np.array([0, 5, 0]))


def test_inverse_bind_matrices_come_first() -> None:
    shift = np.eye(4)
    shift[:3, 3] = [0, -5, 1]
    node = node_of(skinned([[0, 0, 0, 0]] * 4, ALL_FIRST, bind=[shift, np.eye(4)]))
    np.testing.assert_allclose(node.vertices, CORNERS + np.array([0, 0, 1]), atol=1e-6)


def test_mirroring_joints_keep_the_outside_out_and_normals_follow() -> None:
    mirror = np.diag([1.0, 1.0, -1.0, 1.0])
    node = node_of(skinned([[0, 0, 0, 0]] * 4, ALL_FIRST, bind=[mirror, mirror]))
    assert volume(node.vertices, node.faces) == pytest.approx(1 / 6)
    assert node.normals is not None
    np.testing.assert_allclose(node.normals, np.tile([0, 0, -1], (4, 1)))


def test_eight_influences() -> None:
    made = skinned(
        [[0, 0, 0, 0]] * 4,
        [[0.25, 0, 0, 0]] * 4,
        JOINTS_1=np.full((4, 4), 0, np.uint16),
        WEIGHTS_1=np.float32([[0.75, 0, 0, 0]] * 4),
    )
    np.testing.assert_allclose(node_of(made).vertices, CORNERS + np.array([0, 5, 0]))


def test_a_skin_without_joints_leaves_the_mesh_at_its_node() -> None:
    made = tetrahedron()
    made.json["nodes"] = [{"mesh": 0, "skin": 0, "translation": [1, 0, 0]}, {}]
    made.json["skins"] = [{"joints": [1]}]
    loaded = load_mesh(made.to_glb(), "glb")
    assert loaded.warnings == ("unbound_skin",)
    np.testing.assert_array_equal(loaded.mesh.vertices, CORNERS + np.array([1, 0, 0]))


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (skinned([[2, 0, 0, 0]] * 4, ALL_FIRST), "bad_skin"),
        (skinned([[0, 0, 0, 0]] * 4, ALL_FIRST, bind=[np.eye(4)]), "bad_skin"),
        (skinned([[0, 0, 0, 0]] * 4, np.full((4, 4), np.nan)), None),
        (skinned([[0, 0, 0, 0]] * 4, np.full((4, 4), np.inf)), "non_finite_vertices"),
    ],
)
def test_broken_skins_are_named(made: MadeGltf, reason: str | None) -> None:
    if reason is None:
        load_mesh(made.to_glb(), "glb")
        return
    with pytest.raises(Rejected) as caught:
        load_mesh(made.to_glb(), "glb")
    assert caught.value.reason == reason


def test_dangling_skins_and_joints() -> None:
    for change in ({"skins": []}, {"skins": [{"joints": [9]}]}):
        made = skinned([[0, 0, 0, 0]] * 4, ALL_FIRST)
        made.json.update(change)
        with pytest.raises(Rejected, match="dangling_reference"):
            load_mesh(made.to_glb(), "glb")
