from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from partworks.errors import Rejected
from partworks.geometry.checks import check_sizes, mend, without_unused
from partworks.geometry.limits import LoadLimits
from partworks.geometry.mesh import Mesh, MeshNode
from tests.geometry.made_gltf import CORNERS, FACES

NODE = MeshNode(vertices=CORNERS, faces=FACES.astype(np.int32))


def mended(**changes: Any) -> tuple[MeshNode, set[str]]:
    words: set[str] = set()
    (node,) = mend(Mesh(nodes=(replace(NODE, **changes),)), words.add).nodes
    return node, words


def test_a_sound_mesh_stays_as_it_is() -> None:
    up = np.tile(np.float32([0, 1, 0]), (4, 1))
    sound = replace(
        NODE, uv=np.zeros((4, 2), np.float32), colors=np.ones((4, 4), np.float32), normals=up
    )
    words: set[str] = set()
    (node,) = mend(Mesh(nodes=(sound,)), words.add).nodes
    assert words == set()
    for name in ("vertices", "faces", "uv", "colors", "normals"):
        np.testing.assert_array_equal(getattr(node, name), getattr(sound, name))


def test_uvs_and_colours_become_finite_and_colours_keep_their_range() -> None:
    uv = np.float32([[np.nan, 2], [np.inf, -np.inf], [0, 0], [9, 9]])
    node, words = mended(uv=uv)
    assert node.uv is not None
    assert node.uv.tolist() == [[0, 2], [0, 0], [0, 0], [9, 9]]
    assert words == {"nan_uv"}
    colors = np.float32([[np.nan, 0.5, -1, 7]] * 4)
    node, words = mended(colors=colors)
    assert node.colors is not None
    assert node.colors[0].tolist() == [1, 0.5, 0, 1]
    assert words == {"nan_colors"}


def test_normals_are_made_unit_and_computed_where_they_are_missing() -> None:
    normals = np.float32([[0, 0, 0], [3, 0, 0], [np.nan, 0, 0], [0, 0, np.inf]])
    node, words = mended(normals=normals)
    assert words == {"bad_normals"}
    assert node.normals is not None and node.normals.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(node.normals, axis=1), 1, rtol=1e-6)
    # Vertex 0 touches the three faces in the coordinate planes.
    np.testing.assert_allclose(node.normals[0], -np.ones(3) / np.sqrt(3), atol=1e-6)
    np.testing.assert_array_equal(node.normals[1], [1, 0, 0])
    node, words = mended(normals=np.tile(np.float32([0, 0, 2]), (4, 1)))
    assert words == set()
    assert node.normals is not None
    np.testing.assert_array_equal(node.normals, np.tile([0, 0, 1], (4, 1)))


def test_faces_without_area_stay() -> None:
    faces = np.vstack([FACES, [[0, 0, 1], [2, 2, 2]]]).astype(np.int32)
    node, words = mended(faces=faces)
    np.testing.assert_array_equal(node.faces, faces)
    assert words == {"zero_area_faces"}


@pytest.mark.parametrize(
    "vertices",
    [np.zeros((4, 3)), np.float32([[0, 0, 0], [1, 1, 1], [2, 2, 2], [3, 3, 3]])],
    ids=["point", "line"],
)
def test_an_object_without_area_is_rejected(vertices: Any) -> None:
    with pytest.raises(Rejected, match="no_area"):
        mended(vertices=vertices.astype(np.float32))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_vertices_must_be_finite_where_faces_use_them(value: float) -> None:
    vertices = CORNERS.copy()
    vertices[3, 1] = value
    with pytest.raises(Rejected, match="non_finite_vertices: 3 of 4 faces of node 0"):
        mended(vertices=vertices)
    node, words = mended(vertices=vertices, faces=NODE.faces[:1])
    np.testing.assert_array_equal(node.vertices, CORNERS[:3])
    assert words == set()


def test_unused_vertices_are_dropped_from_every_attribute() -> None:
    attributes = {name: np.arange(4 * k, dtype=np.float32).reshape(4, k)
                  for name, k in (("uv", 2), ("colors", 4), ("normals", 3))}  # fmt: skip
    node = without_unused(replace(NODE, faces=np.int32([[3, 1, 1]]), **attributes))
    assert node.faces.tolist() == [[1, 0, 0]]
    np.testing.assert_array_equal(node.vertices, CORNERS[[1, 3]])
    for name, values in attributes.items():
        np.testing.assert_array_equal(getattr(node, name), values[[1, 3]])
    assert without_unused(NODE) is NODE


def test_nodes_without_faces_are_dropped() -> None:
    empty = replace(NODE, faces=np.zeros((0, 3), np.int32))
    mesh = mend(Mesh(nodes=(empty, replace(NODE, name="kept"))), lambda word: None)
    assert [node.name for node in mesh.nodes] == ["kept"]
    with pytest.raises(Rejected, match="no_faces"):
        mend(Mesh(nodes=(empty,)), lambda word: None)


@pytest.mark.parametrize(
    ("name", "speaks"),
    [
        ("Chair_LOD1", True),
        ("chair.lod_2", True),
        ("UCX_Chair_01", True),
        ("wall_collision", True),
        ("Collider", True),
        ("Chair_LOD0", False),
        ("explode1", False),
        ("pupils", False),
    ],
)
def test_names_of_copies(name: str, speaks: bool) -> None:
    _, words = mended(name=name)
    assert words == ({"lod_or_collision_names"} if speaks else set())


def test_sizes() -> None:
    mesh = Mesh(nodes=(NODE, NODE))
    check_sizes(mesh, LoadLimits(max_faces=8, max_vertices=8, max_nodes=2))
    for limits, reason in (
        (LoadLimits(max_faces=7), "too_many_faces"),
        (LoadLimits(max_vertices=7), "too_many_vertices"),
        (LoadLimits(max_nodes=1), "too_many_nodes"),
    ):
        with pytest.raises(Rejected, match=reason):
            check_sizes(mesh, limits)
