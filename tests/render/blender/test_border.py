from __future__ import annotations

import numpy as np

from render.blender.border import PAD, border_of, paste
from tests.render.scenes import front


def test_the_border_holds_the_points_and_a_pad() -> None:
    camera = front(100)
    points = np.array([[-0.5, -0.25, 0], [0.5, 0.75, 0]], np.float32)
    x, y, _ = camera.project(points).T
    left, top, right, bottom = border_of(points, camera) or (0, 0, 0, 0)
    assert (left, right) == (int(x[0]) - PAD, int(np.ceil(x[1])) + PAD)
    assert (top, bottom) == (int(y[1]) - PAD, int(np.ceil(y[0])) + PAD)
    assert top < 100 - bottom  # the higher point is nearer to the frame's edge


def test_the_border_ends_at_the_frame() -> None:
    points = np.array([[-9, -9, 0], [9, 9, 0]], np.float32)
    assert border_of(points, front(64)) == (0, 0, 64, 64)


def test_nothing_in_the_frame_has_no_border() -> None:
    assert border_of(np.zeros((0, 3), np.float32), front()) is None
    assert border_of(np.array([[30, 0, 0]], np.float32), front()) is None


def test_points_behind_the_camera_take_the_whole_frame() -> None:
    assert border_of(np.array([[0, 0, 0], [0, 0, 7]], np.float32), front(64)) == (0, 0, 64, 64)


def test_pasting_leaves_black_around() -> None:
    pixels = np.full((2, 3, 4), 7, np.uint8)
    frame = paste(pixels, (5, 1, 8, 3), front(16))
    assert frame.shape == (16, 16, 4)
    assert frame[1:3, 5:8].min() == 7 and frame.sum() == 7 * pixels.size
