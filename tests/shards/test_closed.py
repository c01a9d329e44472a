from __future__ import annotations

import numpy as np

from shards.closed import has_no_rim, is_oriented, is_watertight
from tests.shards.made import BOX_FACES


def test_a_box_is_closed() -> None:
    assert is_watertight(BOX_FACES)


def test_a_missing_face_opens_it() -> None:
    assert not is_watertight(BOX_FACES[1:])


def test_a_turned_face_opens_it() -> None:
    turned = BOX_FACES.copy()
    turned[0] = turned[0, ::-1]
    assert not is_watertight(turned)


def test_a_double_face_opens_it() -> None:
    assert not is_watertight(np.concatenate([BOX_FACES, BOX_FACES[:1]]))


def test_degenerate_faces_change_nothing() -> None:
    assert is_watertight(np.concatenate([BOX_FACES, [[0, 0, 1]]]))
    assert not is_watertight(np.array([[0, 0, 1]]))
    assert not is_watertight(np.zeros((0, 3), np.int32))


def test_bodies_that_share_an_edge_have_no_rim() -> None:
    other = np.where(BOX_FACES < 2, BOX_FACES, BOX_FACES + 8)  # the edge from corner 0 to 1
    both = np.concatenate([BOX_FACES, other])
    assert not is_watertight(both)
    assert has_no_rim(both)
    assert not is_oriented(both)


def test_a_sheet_with_two_sides_has_no_rim() -> None:
    sheet = np.array([[0, 1, 2], [0, 2, 3]])
    assert not has_no_rim(sheet)
    assert has_no_rim(np.concatenate([sheet, sheet[:, ::-1]]))


def test_a_turned_face_is_not_oriented() -> None:
    turned = BOX_FACES.copy()
    turned[0] = turned[0, ::-1]
    assert is_oriented(BOX_FACES)
    assert is_oriented(BOX_FACES[3:])
    assert not is_oriented(turned)
    assert not has_no_rim(turned)
