from __future__ import annotations

import numpy as np
import pytest

from shards.box_points import sample_box

BOX = np.array([[-1.0, 0.0, 0.5], [1.0, 0.5, 1.5]])


def test_points_are_on_the_sides_with_outward_normals() -> None:
    points = sample_box(BOX, count=2000, generator=np.random.default_rng(0)).astype(np.float64)
    assert points.shape == (2000, 6)
    axis = np.abs(points[:, 3:]).argmax(axis=1)
    side = np.take_along_axis(points[:, 3:], axis[:, None], axis=1)[:, 0]
    assert set(np.round(side, 6)) == {-1.0, 1.0}
    along = np.take_along_axis(points[:, :3], axis[:, None], axis=1)[:, 0]
    np.testing.assert_allclose(along, np.where(side > 0, BOX[1][axis], BOX[0][axis]), atol=1e-6)
    assert (points[:, :3] >= BOX[0] - 1e-6).all()
    assert (points[:, :3] <= BOX[1] + 1e-6).all()


def test_each_side_has_its_share() -> None:
    points = sample_box(BOX, count=7000, generator=np.random.default_rng(0))
    # Sides of 2 × 0.5 × 1: areas 0.5, 2, 1, each twice, of 7.
    for axis, area in enumerate((0.5, 2.0, 1.0)):
        for sign in (-1, 1):
            assert np.sum(points[:, 3 + axis] == sign) == pytest.approx(1000 * area, abs=2)


def test_a_flat_box_has_two_sides() -> None:
    flat = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 1.0]])
    points = sample_box(flat, count=100, generator=np.random.default_rng(0))
    assert np.sum(points[:, 4] == 1) == 50
    assert np.sum(points[:, 4] == -1) == 50


def test_a_line_is_refused() -> None:
    with pytest.raises(ValueError, match="no point can be drawn"):
        sample_box(np.array([[0.0, 0, 0], [1, 0, 0]]), count=1, generator=np.random.default_rng(0))
