from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from partworks.geometry.face_match import face_keys, fill_flat, is_flat, match_labels
from partworks.geometry.mesh import Mesh
from tests.annotate.shapes import table


def shuffled(mesh: Mesh, seed: int) -> tuple[Mesh, np.ndarray]:
    """The same surface as one node in another order; and which face each of its faces was."""
    random = np.random.default_rng(seed)
    order = random.permutation(mesh.face_count)
    corners = mesh.vertices[mesh.faces[order]]
    turned = np.stack([np.roll(face, random.integers(3), axis=0) for face in corners])
    node = replace(
        mesh.nodes[0],
        vertices=turned.reshape(-1, 3).astype(np.float32),
        faces=np.arange(3 * len(order), dtype=np.int32).reshape(-1, 3),
        normals=None,
    )
    return Mesh(nodes=(node,)), order


@pytest.mark.parametrize("seed", range(3))
def test_labels_follow_their_faces(seed: int) -> None:
    mesh = table()
    other, order = shuffled(mesh, seed)
    labels = np.arange(mesh.face_count, dtype=np.int32)
    assert np.array_equal(match_labels(*face_keys(mesh, other), order.astype(np.int32)), labels)


def test_what_moved_is_not_found() -> None:
    mesh = table()
    node = replace(mesh.nodes[0], vertices=mesh.nodes[0].vertices + np.float32(0.1))
    other = Mesh(nodes=(node, *mesh.nodes[1:]))
    found = match_labels(*face_keys(mesh, other), np.zeros(mesh.face_count, np.int32))
    assert (found[: len(node.faces)] == -1).all() and (found[len(node.faces) :] == 0).all()


def test_a_face_without_area_goes_with_the_one_before_it() -> None:
    node = replace(
        table().nodes[0],
        vertices=np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32),
        faces=np.array([[0, 0, 1], [0, 1, 2], [1, 1, 1]], np.int32),
        normals=None,
    )
    flat = is_flat(Mesh(nodes=(node,)))
    assert flat.tolist() == [True, False, True]
    assert fill_flat(np.array([-1, 7, -1], np.int32), flat).tolist() == [7, 7, 7]
