from __future__ import annotations

import numpy as np
import pytest

from ingest.samples.shape import around, join, shape, smoothed
from ingest.samples.solids import FRONT, RIGHT, box, cylinder, sphere
from tests.ingest.surfaces import is_closed, volume


def test_turning_is_counter_clockwise_seen_from_the_tip() -> None:
    point = shape([(0, 0, 1)] * 3, [(0, 1, 2)], [(0, 0)] * 3)
    assert np.allclose(point.turned("y", 90).vertices[0], (1, 0, 0))
    assert np.allclose(point.turned("x", 90).vertices[0], (0, -1, 0))


@pytest.mark.parametrize("mirror", [(-1, 1, 1), (-1, -1, 1), (-1, -1, -1)])
def test_mirroring_keeps_the_outside_outside(mirror: tuple[int, int, int]) -> None:
    made = box(1, 2, 3).scaled(*mirror)
    assert volume(made.vertices, made.faces) == pytest.approx(6)


def test_smoothing_keeps_a_boxs_sides_flat_and_its_edges_sharp() -> None:
    made = smoothed(box(1, 1, 1))
    assert len(made.vertices) == 24
    assert made.normals is not None
    assert (np.abs(made.normals).max(axis=1) == 1).all()


def test_smoothing_bends_a_sphere() -> None:
    made = smoothed(sphere(2.0, segments=40, rings=20))
    assert made.normals is not None
    cosine = (made.normals * made.vertices / 2).sum(axis=1)
    assert cosine.min() > 0.995


def test_smoothing_keeps_the_order_of_faces_and_their_positions() -> None:
    whole = cylinder(1, 1, bevel=0.2)
    made = smoothed(whole)
    assert np.allclose(made.vertices[made.faces], whole.vertices[whole.faces], atol=1e-5)
    assert np.allclose(made.uv[made.faces], whole.uv[whole.faces], atol=1e-5)
    assert np.array_equal(made.groups, whole.groups)


def test_positions_lie_on_a_grid_so_that_seams_close() -> None:
    made = smoothed(join(around(box(1, 1, 1).moved(2.0), 7)))
    steps = made.vertices / 1e-5
    assert np.allclose(steps, np.rint(steps), atol=1e-6)
    assert is_closed(made.vertices, made.faces)


def test_selecting_groups_leaves_only_their_vertices() -> None:
    sides = box(1, 2, 3).tinted((0.1, 0.2, 0.3)).select(RIGHT, FRONT)
    assert len(sides.faces) == 4
    assert len(sides.vertices) == 8
    assert sides.colors is not None and np.allclose(sides.colors, (0.1, 0.2, 0.3, 1))


def test_fitting_spans_the_picture() -> None:
    made = box(1, 2, 3).fitted(FRONT)
    front = made.select(FRONT)
    assert front.uv.min() == 0 and front.uv.max() == 1
    assert np.array_equal(made.select(RIGHT).uv, box(1, 2, 3).select(RIGHT).uv)


def test_joining_gives_white_to_what_has_no_colour() -> None:
    whole = join([box(1, 1, 1), box(1, 1, 1).tinted((0.5, 0, 0))])
    assert whole.colors is not None
    assert np.unique(whole.colors, axis=0).tolist() == [[0.5, 0, 0, 1], [1, 1, 1, 1]]
