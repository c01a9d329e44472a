from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from render import antialias
from render.antialias import Trace, contours, expose

NOWHERE = np.zeros(0, np.int64)


class Counted:
    """A white shape before nothing, or on grey; counts its rays by how many share a pixel's side.

    Args:
        shape: tells whether points x, y lie in it.
        ground: light of what is behind.
    """

    def __init__(self, shape: object, ground: float = 0.0) -> None:
        self._shape = shape
        self._ground = ground
        self.rays: dict[int, int] = {}

    def __call__(
        self, x: NDArray[np.float64], y: NDArray[np.float64], factor: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        self.rays[factor] = self.rays.get(factor, 0) + len(x)
        inside = self._shape(x, y)  # type: ignore[operator]
        light = np.where(inside, 1.0, self._ground).astype(np.float32)
        return inside.astype(np.int64), np.repeat(light[:, None], 4, axis=1)


def disc(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    return (x - 31.7) ** 2 + (y - 30.2) ** 2 < 22**2


def wire(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    """A slanted line less than a third of a pixel high."""
    return np.abs(y - 8.3 - x / 40) < 0.15


def exposed(
    trace: Trace, factor: int = 4, occupied: NDArray[np.int64] = NOWHERE
) -> NDArray[np.float32]:
    light = expose(trace, height=64, width=64, factor=factor, occupied=occupied)
    return light[..., 3]


def everywhere(shape: object, factor: int = 4) -> NDArray[np.float64]:
    fine = (np.indices((64 * factor, 64 * factor)) + 0.5) / factor
    inside = shape(fine[1], fine[0])  # type: ignore[operator]
    return inside.reshape(64, factor, 64, factor).mean(axis=(1, 3))


def test_an_edge_gets_more_rays_and_nothing_else_does() -> None:
    trace = Counted(disc)
    np.testing.assert_allclose(exposed(trace), everywhere(disc), atol=1e-6)
    assert trace.rays[1] == 64 * 64
    edge = 2 * np.pi * 22
    assert edge < trace.rays[4] / 16 < 3 * edge


def test_with_one_ray_a_pixel_edges_stay_as_they_are() -> None:
    trace = Counted(disc)
    assert set(np.unique(exposed(trace, factor=1))) == {0, 1}
    assert trace.rays == {1: 64 * 64}


def test_what_looks_the_same_gets_no_more_rays() -> None:
    trace = Counted(disc, ground=1.0)
    exposed(trace)
    assert set(trace.rays) == {1}


def test_a_wire_that_centres_meet_here_and_there_is_followed() -> None:
    rows, columns = np.indices((64, 64)) + 0.5
    centres = wire(columns, rows)
    assert 0 < centres.sum() < 30
    np.testing.assert_allclose(exposed(Counted(wire)), everywhere(wire), atol=1e-6)


def test_a_wire_that_no_centre_meets_is_found_by_a_point_of_it() -> None:
    def level(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        return (np.abs(y - 8.125) < 0.1) & (x > 20) & (x < 30)

    assert not exposed(Counted(level)).any()
    found = exposed(Counted(level), occupied=np.array([8 * 64 + 25]))
    np.testing.assert_allclose(found, everywhere(level), atol=1e-6)


def test_portions_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = exposed(Counted(disc))
    monkeypatch.setattr(antialias, "MOST_RAYS", 100)
    np.testing.assert_array_equal(exposed(Counted(disc)), whole)


def test_contours_lie_on_both_sides_of_an_edge() -> None:
    faces = np.zeros((4, 6), np.int64)
    faces[1:3, 2:4] = 7
    light = np.repeat((faces > 0).astype(np.float32)[..., None], 4, axis=2)
    expected = np.zeros((4, 6), bool)
    expected[1:3, 1:5] = expected[:, 2:4] = True
    np.testing.assert_array_equal(contours(faces, light), expected)
    assert not contours(faces, np.ones_like(light)).any()
    assert not contours(np.zeros_like(faces), light).any()
