from __future__ import annotations

import numpy as np
import pytest

from partworks.geometry import even_points as module
from partworks.geometry.even_points import even_points
from partworks.geometry.measures import face_areas

VERTICES = np.array([(0, 0, 0), (3, 0, 0), (0, 4, 0), (0, 0, 1), (9, 9, 9)], np.float32)
FACES = np.array([(0, 1, 2), (0, 2, 3), (0, 0, 1)], np.int32)


@pytest.mark.parametrize("count", [1, 10, 1000])
def test_weights_are_areas_and_middles_are_the_middle(count: int) -> None:
    points = even_points(VERTICES, FACES, count=count)
    assert len(points.face) >= count and points.weight.sum() == pytest.approx(1)
    areas = face_areas(VERTICES, FACES)
    shares = np.bincount(points.face, points.weight, minlength=3)
    assert shares == pytest.approx(areas / areas.sum())
    assert np.allclose(points.barycentric.sum(axis=1), 1) and (points.barycentric > 0).all()
    middle = (areas[:, None] * VERTICES[FACES].mean(axis=1)).sum(axis=0) / areas.sum()
    assert points.weight @ points.position == pytest.approx(middle)


def test_no_point_stands_for_much_more_than_its_share() -> None:
    points = even_points(VERTICES, FACES, count=500)
    assert points.weight.max() <= 1 / 500 + 1e-9
    assert len(np.unique(points.position, axis=0)) == len(points.position)


def test_second_moments_come_near_the_integral() -> None:
    """Of a triangle: the mean of x² is the sum of products of corners, over 12."""
    corners = VERTICES[FACES[0]].astype(np.float64)
    exact = ((corners**2).sum(axis=0) + corners.sum(axis=0) ** 2) / 12
    points = even_points(VERTICES, FACES[:1], count=4000)
    assert points.weight @ points.position**2 == pytest.approx(exact, rel=1e-3)


def test_nothing_comes_of_no_area() -> None:
    assert len(even_points(VERTICES, FACES[2:], count=10).face) == 0
    assert len(even_points(VERTICES, FACES[:0], count=10).face) == 0


def test_very_many_faces_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FACES", 64)
    faces = np.tile(FACES[:2], (50, 1))
    points = even_points(VERTICES, faces, count=10)
    assert len(points.face) == 32 and points.weight.sum() == pytest.approx(1)
