from __future__ import annotations

import numpy as np
import pytest

from train.encode.boxes import box_edge_points, box_points

BOX = np.array([[-1.0, 0.0, 0.5], [1.0, 1.0, 1.0]], np.float32)


def generator() -> np.random.Generator:
    return np.random.default_rng(0)


def test_every_side_gets_its_share_to_within_one() -> None:
    points = box_points(BOX, count=7000, generator=generator())
    # 2 × 1 × 0.5: sides of 0.5, 1 and 2, each twice.
    for axis, area in enumerate((0.5, 1.0, 2.0)):
        for sign in (-1, 1):
            count = (points[:, 3 + axis] == sign).sum()
            assert abs(count - 7000 * area / 7) <= 1


def test_points_lie_on_the_side_that_their_normal_says_evenly() -> None:
    points = box_points(BOX, count=14000, generator=generator())
    axis, sign = np.abs(points[:, 3:]).argmax(axis=1), points[:, 3:].sum(axis=1)
    rows = np.arange(len(points))
    assert np.array_equal(points[rows, axis], BOX[(sign > 0).astype(int), axis])
    assert (points[:, :3] >= BOX[0]).all() and (points[:, :3] <= BOX[1]).all()
    top = points[(axis == 2) & (sign > 0)]
    assert top[:, :2].mean(axis=0) == pytest.approx([0, 0.5], abs=0.02)
    assert top[:, 0].var() == pytest.approx(4 / 12, rel=0.05)
    assert abs(np.corrcoef(rows, points[:, 0])[0, 1]) < 0.03, "they are shuffled"


def test_a_flat_box_has_two_sides() -> None:
    flat = np.array([[0, 0, 0], [1, 1, 0]], np.float32)
    points = box_points(flat, count=1000, generator=generator())
    assert set(points[:, 5]) == {-1.0, 1.0}
    assert abs((points[:, 5] == 1).sum() - 500) <= 1


@pytest.mark.parametrize("corner", [(1, 0, 0), (0, 0, 0), (-1, 1, 1)])
def test_what_has_no_surface_is_refused(corner: tuple[int, int, int]) -> None:
    box = np.array([[0, 0, 0], corner], np.float32)
    with pytest.raises(ValueError, match="has no surface"):
        box_points(box, count=10, generator=generator())


def test_edges_get_points_by_length() -> None:
    points = box_edge_points(BOX, count=1400, generator=generator())
    at_end = (points[:, :3] == BOX[0]) | (points[:, :3] == BOX[1])
    assert (at_end.sum(axis=1) >= 2).all()
    assert np.linalg.norm(points[:, 3:], axis=1) == pytest.approx(1, abs=1e-6)
    # Edges along x are 4 × 2 of 14 in all.
    assert abs((points[:, 3] == 0).sum() - 800) <= 4
    outward = (points[:, :3] - BOX.mean(axis=0)) * points[:, 3:]
    assert (outward >= 0).all()
