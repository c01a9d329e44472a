from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.samples.curves import circle, fillet, rectangle, spline
from ingest.samples.shape import smoothed
from ingest.samples.sweeps import END, START, extrude, triangulate, tube
from tests.ingest.surfaces import is_closed, volume

ARROW = np.asarray([(0, 0), (2, 0), (2, 1), (1, 0.4), (0, 1)], np.float64)


def area(outline: NDArray[np.float64]) -> float:
    x, y = outline.T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def test_a_straight_tube_is_a_cylinder() -> None:
    made = smoothed(tube([(0, 0, 0), (1, 1, 0), (3, 3, 0)], 0.5, sides=120))
    assert is_closed(made.vertices, made.faces)
    length = 3 * np.sqrt(2)
    assert volume(made.vertices, made.faces) == pytest.approx(np.pi * 0.25 * length, rel=1e-3)


def test_a_closed_tube_is_a_torus() -> None:
    path = np.zeros((90, 3))
    path[:, :2] = circle(2, 90)
    made = smoothed(tube(path, 0.3, sides=40, closed=True))
    assert is_closed(made.vertices, made.faces)
    expected = 2 * np.pi**2 * 2 * 0.09
    assert volume(made.vertices, made.faces) == pytest.approx(expected, rel=1e-2)


def test_caps_close_the_ends_and_look_away() -> None:
    made = tube([(0, 0, 0), (0, 0, 1)], 1.0, section=rectangle(2, 1))
    for group, sign in ((START, -1), (END, 1)):
        corners = made.vertices[made.faces[made.groups == group]]
        normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        assert (np.sign(normal[:, 2]) == sign).all()
        assert np.abs(normal[:, 2]).sum() / 2 == pytest.approx(2)


@pytest.mark.parametrize("bevel", [0.0, 0.05])
def test_an_extrusion_keeps_the_outlines_area(bevel: float) -> None:
    made = smoothed(extrude(ARROW, 0.8, bevel=bevel))
    assert is_closed(made.vertices, made.faces)
    full = area(ARROW) * 0.8
    assert 0.9 * full < volume(made.vertices, made.faces) <= full * 1.0001
    assert np.allclose(made.vertices[:, 2].min(), -0.4)


def test_a_bevel_too_wide_for_a_corner_is_narrowed() -> None:
    sharp = fillet([(0, 0), (4, 0), (4, 0.3)], 0.1, closed=True)
    made = smoothed(extrude(sharp, 1.0, bevel=0.4))
    assert is_closed(made.vertices, made.faces)
    assert volume(made.vertices, made.faces) > 0


def test_triangles_cover_a_concave_outline_once() -> None:
    outline = fillet(ARROW, 0.1, closed=True)
    triangles = triangulate(outline)
    assert len(triangles) == len(outline) - 2
    areas = [area(outline[triangle]) for triangle in triangles]
    assert min(areas) > 0
    assert sum(areas) == pytest.approx(area(outline))


def test_a_spline_goes_through_its_points() -> None:
    points = np.asarray([(0.0, 0.0), (1.0, 2.0), (3.0, 1.0)])
    curve = spline(points, steps=5)
    assert len(curve) == 11
    assert np.allclose(curve[[0, 5, 10]], points)


def test_a_fillet_that_uses_up_its_sides_has_no_point_twice() -> None:
    round_square = fillet(rectangle(1, 1), 5.0, steps=4, closed=True)
    gaps = np.linalg.norm(np.roll(round_square, -1, axis=0) - round_square, axis=1)
    assert gaps.min() > 0.01
    assert len(round_square) == 16
