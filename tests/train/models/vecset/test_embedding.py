from __future__ import annotations

from math import cos, pi, sin

import pytest
import torch

from train.models.vecset.embedding import fourier_features


@pytest.mark.parametrize("factor", [1.0, pi])
def test_order_and_values(factor: float) -> None:
    x, y, z = 0.3, -0.7, 0.11
    angles = [factor * 2**k * axis for axis in (x, y, z) for k in range(3)]
    expected = [x, y, z, *map(sin, angles), *map(cos, angles)]
    found = fourier_features(
        torch.tensor([[x, y, z]], dtype=torch.float64), 3, include_pi=factor == pi
    )
    assert found.tolist() == [pytest.approx(expected, abs=1e-14)]


def test_without_frequencies_only_the_coordinates_are_left() -> None:
    points = torch.rand(4, 3)
    assert torch.equal(fourier_features(points, 0, include_pi=True), points)


def test_any_number_of_coordinates() -> None:
    assert fourier_features(torch.zeros(2, 5, 1), 4, include_pi=False).shape == (2, 5, 9)
