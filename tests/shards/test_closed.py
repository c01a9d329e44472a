from __future__ import annotations

import numpy as np

from shards.closed import is_watertight
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
