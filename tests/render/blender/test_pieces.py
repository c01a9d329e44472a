from __future__ import annotations

import numpy as np

from render.blender.pieces import cut_pieces
from render.subject import WHOLE
from tests.render.scenes import board, doubled, parts_of, tower


def test_a_piece_for_each_node_and_part() -> None:
    mesh, parts = tower()
    pieces = list(cut_pieces(mesh, parts))
    assert [(piece.node, piece.label) for piece in pieces] == [(0, 0), (1, 1), (2, -1), (3, 2)]
    assert sum(len(piece.faces) for piece in pieces) == mesh.face_count
    assert all(piece.belongs(WHOLE) for piece in pieces)
    assert [piece.belongs(1) for piece in pieces] == [False, True, False, False]


def test_a_node_in_two_parts_is_two_pieces() -> None:
    mesh = board()
    pieces = list(cut_pieces(mesh, parts_of(mesh, np.array([1, 0], np.int32), names=("a", "b"))))
    assert [(piece.label, piece.faces.tolist()) for piece in pieces] == [(0, [1]), (1, [0])]


def test_faces_on_one_another_are_shown_once() -> None:
    mesh = doubled(board())
    (piece,) = cut_pieces(mesh, parts_of(mesh, np.zeros(4, np.int32), names=("all",)))
    assert piece.node == 0


def test_a_covered_part_is_shown_when_it_is_alone() -> None:
    mesh = doubled(board())
    parts = parts_of(mesh, np.array([0, 0, 1, 1], np.int32), names=("front", "back"))
    first, second = cut_pieces(mesh, parts)
    assert not first.covered and second.covered
    assert first.belongs(WHOLE) and not second.belongs(WHOLE)
    assert second.belongs(1) and not first.belongs(1)


def test_faces_without_area_are_never_shown() -> None:
    mesh = board()
    mesh.nodes[0].faces[1] = (0, 0, 2)
    (piece,) = cut_pieces(mesh, parts_of(mesh, np.zeros(2, np.int32), names=("all",)))
    assert piece.faces.tolist() == [0]
