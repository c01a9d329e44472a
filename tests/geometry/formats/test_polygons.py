from typing import Any

import numpy as np
import pytest

from partworks.geometry.formats.polygons import triangulate
from partworks.geometry.measures import face_areas, face_crosses


def split(*polygons: Any) -> tuple[np.ndarray[Any, Any], Any]:
    points = np.concatenate([np.asarray(polygon, float) for polygon in polygons])
    counts = np.array([len(polygon) for polygon in polygons])
    return points, triangulate(points, counts)


def flat(points: Any) -> np.ndarray[Any, Any]:
    return np.column_stack([np.asarray(points, float), np.zeros(len(points))])


def shoelace(points: np.ndarray[Any, Any]) -> float:
    x, y = points[:, 0], points[:, 1]
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


SQUARE = flat([[0, 0], [1, 0], [1, 1], [0, 1]])
ARROW = flat([[0, 0], [2, 1], [0, 2], [1, 1]])
ARROW_FROM_NOTCH = np.roll(ARROW, 1, axis=0)
ARROW_BAD_FAN = np.roll(ARROW, 2, axis=0)
STAR = flat(
    [[r * np.cos(k * np.pi / 7), r * np.sin(k * np.pi / 7)] for k, r in enumerate([1, 0.3] * 7)]
)
# A square ring whose hole is joined to the outside by a doubled edge, as exporters write holes.
RING = flat([[0, 0], [4, 0], [4, 4], [0, 4], [0, 0], [1, 1], [1, 3], [3, 3], [3, 1], [1, 1]])


def test_convex_polygons_are_fanned_in_place_and_in_order() -> None:
    _, found = split(SQUARE, SQUARE[:3], SQUARE[:2], SQUARE)
    assert found.corners.tolist() == [
        [0, 1, 2], [0, 2, 3], [4, 5, 6], [9, 10, 11], [9, 11, 12],
    ]  # fmt: skip
    assert found.polygon.tolist() == [0, 0, 1, 3, 3]


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("polygon", [ARROW, STAR, RING], ids=["arrow", "star", "ring"])
@pytest.mark.parametrize("reverse", [False, True])
def test_concave_polygons_keep_their_area_and_side(
    polygon: np.ndarray[Any, Any], turn: int, reverse: bool
) -> None:
    polygon = np.roll(polygon, turn, axis=0)
    if reverse:
        polygon = polygon[::-1]
    # The same polygon on a tilted plane far away, between two others.
    tilt = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    tilt *= np.sign(np.linalg.det(tilt))
    points, found = split(SQUARE, polygon @ tilt.T + 100, SQUARE)
    own = found.corners[found.polygon == 1]
    assert len(own) == len(polygon) - 2
    assert own.min() >= 4 and own.max() < 4 + len(polygon)
    assert face_areas(points, own).sum() == pytest.approx(abs(shoelace(polygon)), rel=1e-9)
    normals = face_crosses(points, own) @ tilt[:, 2]
    assert (normals * np.sign(shoelace(polygon)) > -1e-9).all()


def test_broken_polygons_still_give_their_triangles() -> None:
    bow_tie = flat([[0, 0], [1, 1], [1, 0], [0, 1]])
    point = np.zeros((5, 3))
    nowhere = np.full((4, 3), np.nan)
    _, found = split(bow_tie, point, nowhere)
    assert np.bincount(found.polygon).tolist() == [2, 3, 2]


def test_many_corners_are_fanned_whatever_their_shape() -> None:
    angle = np.linspace(0, 2 * np.pi, 20_000, endpoint=False)
    radius = 1 + 0.5 * (np.arange(len(angle)) % 2)
    _, found = split(flat(np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)))
    assert found.corners[-1].tolist() == [0, 19_998, 19_999]


def test_no_polygons() -> None:
    found = triangulate(np.zeros((0, 3)), np.zeros(0, np.int64))
    assert found.corners.shape == (0, 3)
