from __future__ import annotations

import numpy as np

from partworks.geometry.coincident import CoincidentFaces

SQUARE = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float32)


def test_faces_with_the_same_corners_are_one_group_whatever_their_vertices() -> None:
    vertices = np.concatenate([SQUARE, SQUARE[::-1]])
    faces = np.array([[0, 1, 2], [0, 2, 3], [7, 5, 6], [2, 0, 1], [4, 5, 7]], np.int32)
    groups = CoincidentFaces(vertices, faces)
    # 7, 6, 5, 4 are 0, 1, 2, 3 again.
    np.testing.assert_array_equal(groups.first_of, [0, 1, 0, 0, 1])
    np.testing.assert_array_equal(groups.first, [0, 1])


def test_faces_that_share_two_corners_only_are_apart() -> None:
    groups = CoincidentFaces(SQUARE, np.array([[0, 1, 2], [0, 1, 3], [0, 2, 3]]))
    np.testing.assert_array_equal(groups.first_of, [0, 1, 2])


def test_the_first_turned_face_is_chosen_and_the_point_stays_where_it_is() -> None:
    faces = np.array([[0, 1, 2], [1, 2, 0], [1, 0, 2], [2, 1, 0]])
    groups = CoincidentFaces(SQUARE, faces)
    corners = np.array([[0.2, 0.3, 0.5], [0.2, 0.3, 0.5]], np.float32)
    chosen, moved = groups.facing(np.array([0, 0]), corners, np.array([False, True]))
    np.testing.assert_array_equal(chosen, [0, 2])
    points = np.einsum("nkc,nk->nc", SQUARE[faces[chosen]], moved)
    np.testing.assert_allclose(points[0], points[1], atol=1e-7)


def test_without_a_turned_face_the_first_shows_its_back() -> None:
    groups = CoincidentFaces(SQUARE, np.array([[0, 1, 2], [1, 2, 0]]))
    corners = np.array([[1.0, 0, 0]], np.float32)
    chosen, moved = groups.facing(np.array([0]), corners, np.array([True]))
    assert chosen.tolist() == [0]
    np.testing.assert_array_equal(moved, corners)


def test_no_faces_make_no_groups() -> None:
    assert not len(CoincidentFaces(SQUARE, np.zeros((0, 3), np.int32)).first)
