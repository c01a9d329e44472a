from __future__ import annotations

import numpy as np
import pytest

from partworks.geometry.boxes import PALETTE, box_edges, draw_boxes, part_color
from partworks.geometry.cameras import Camera, look_at, ring
from tests.shards.made import TABLE

BOXES = np.array(TABLE)
WHITE = (255, 255, 255)


def colors_in(image: np.ndarray) -> set[tuple[int, ...]]:
    return {tuple(int(v) for v in color) for color in np.unique(image.reshape(-1, 3), axis=0)}


def test_palette_tells_parts_apart() -> None:
    colors = np.array([*PALETTE, WHITE])
    distance = np.linalg.norm(colors[:, None] - colors[None], axis=2)
    assert distance[~np.eye(len(colors), dtype=bool)].min() > 60
    assert part_color(len(PALETTE)) == PALETTE[0]


def test_a_box_has_twelve_edges_along_the_axes() -> None:
    edges = box_edges(BOXES)
    assert edges.shape == (6, 12, 2, 3)
    size = BOXES[:, 1] - BOXES[:, 0]
    lengths = np.abs(edges[:, :, 1] - edges[:, :, 0])
    assert ((lengths > 0).sum(axis=2) == 1).all()
    np.testing.assert_allclose(lengths.sum(axis=1), 4 * size)


def test_pixels_are_white_or_the_colour_of_a_part() -> None:
    image = draw_boxes(BOXES, ring(4, radius=1.2, size=256)[1])
    assert image.shape == (256, 256, 3)
    assert colors_in(image) == {WHITE, *(part_color(index) for index in range(6))}


def test_lines_are_where_the_camera_sees_the_edges() -> None:
    camera = ring(8, radius=1.8, size=512)[1]
    image = draw_boxes(BOXES[5:], camera)
    start, stop = box_edges(BOXES[5:])[0].transpose(1, 0, 2)
    along = np.linspace(0, 1, 50)[:, None, None]
    pixels = camera.project(((1 - along) * start + along * stop).reshape(-1, 3))
    drawn = (image != 255).any(axis=2)
    columns, rows = pixels[:, :2].astype(int).T
    near = np.zeros_like(drawn)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            near |= np.roll(drawn, (dy, dx), axis=(0, 1))
    assert near[rows, columns].all()
    assert drawn.sum() < 12 * 512 * 3


def test_hidden_edges_are_drawn() -> None:
    """Seen along an axis, the far face of a box lies inside the near one."""
    camera = Camera(camera_to_world=look_at((0, 0, 4), (0, 0, 0)), fov_y=0.8, width=200, height=200)
    image = draw_boxes(np.array([[[-1.0, -1, -1], [1, 1, 1]]]), camera)
    far = camera.project(np.array([[0.0, 1, -1]]))[0]
    near = camera.project(np.array([[0.0, 1, 1]]))[0]
    column = (image[:, 100] != 255).any(axis=1)
    assert column[int(far[1]) - 1 : int(far[1]) + 2].any()
    assert column[int(near[1]) - 1 : int(near[1]) + 2].any()
    assert not column[int(near[1]) + 3 : int(far[1]) - 3].any()


def test_later_parts_lie_on_top() -> None:
    image = draw_boxes(np.stack([BOXES[5], BOXES[5]]), ring(1, radius=1.2, size=64)[0])
    assert colors_in(image) == {WHITE, part_color(1)}


@pytest.mark.parametrize(("at", "drawn"), [((0.0, 0, 0), True), ((0.0, 0, -5), False)])
def test_what_is_behind_the_camera_is_cut(at: tuple[float, float, float], drawn: bool) -> None:
    camera = Camera(
        camera_to_world=look_at(at, np.array(at) - (0, 0, 1)), fov_y=1.8, width=64, height=64
    )
    image = draw_boxes(np.array([[[-1.0, -1, -1], [1, 1, 1]]]), camera)
    assert ((image != 255).any()) == drawn
