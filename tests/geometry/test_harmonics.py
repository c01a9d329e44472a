from __future__ import annotations

import numpy as np
import pytest
from numpy.polynomial.legendre import Legendre
from scipy.spatial.transform import Rotation

from partworks.geometry.harmonics import harmonics

MOST = 7


def directions(count: int) -> np.ndarray:  # type: ignore[type-arg]
    points = np.random.default_rng(0).normal(size=(count, 3))
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True))


@pytest.mark.parametrize("degree", range(MOST + 1))
def test_products_sum_to_legendre_polynomials(degree: int) -> None:
    """The addition theorem, which fixes the functions up to a turn."""
    points = directions(40)
    rows = harmonics(points, most=MOST)[degree]
    assert rows.shape == (2 * degree + 1, 40)
    expected = Legendre.basis(degree)(np.clip(points @ points.T, -1, 1))
    assert np.abs(rows.T @ rows - expected).max() < 1e-12


def test_turning_changes_no_length_of_a_degree() -> None:
    points = directions(30)
    turn = Rotation.from_rotvec([1.0, -2.0, 0.5]).as_matrix()
    before, after = (harmonics(each, most=MOST) for each in (points, points @ turn.T))
    for one, other in zip(before, after, strict=True):
        assert np.linalg.norm(one.sum(axis=1)) == pytest.approx(np.linalg.norm(other.sum(axis=1)))


def test_the_poles_are_no_exception() -> None:
    for rows in harmonics(np.array([[0.0, 0.0, 1.0], [0.0, 0.0, -1.0]]), most=MOST):
        degree = (len(rows) - 1) // 2
        assert rows[0].tolist() == [1.0, (-1.0) ** degree] and not rows[1:].any()
