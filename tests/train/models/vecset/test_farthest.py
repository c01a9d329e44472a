from __future__ import annotations

import numpy as np
import pytest
import torch

from train.models.vecset.farthest import farthest_points


def _brute_force(points: np.ndarray, count: int, start: int) -> list[int]:
    """From the definition: each time the distance of every point to every chosen one."""
    chosen = [start]
    while len(chosen) < count:
        distance = np.square(points[:, None] - points[chosen][None]).sum(axis=-1).min(axis=1)
        chosen.append(int(distance.argmax()))
    return chosen


@pytest.mark.parametrize("start", [0, 17])
def test_equals_the_definition(start: int) -> None:
    points = torch.rand(3, 50, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    found = farthest_points(points, 20, start=start)
    for cloud, chosen in zip(points.numpy(), found.tolist(), strict=True):
        assert chosen == _brute_force(cloud, 20, start)


def test_all_points_are_chosen_once() -> None:
    points = torch.rand(2, 30, 3, generator=torch.Generator().manual_seed(0))
    found = farthest_points(points, 30)
    assert torch.equal(found.sort(dim=1).values, torch.arange(30).expand(2, -1))


def test_fewer_are_the_first_of_more() -> None:
    points = torch.rand(2, 60, 3, generator=torch.Generator().manual_seed(0))
    assert torch.equal(farthest_points(points, 7), farthest_points(points, 40)[:, :7])


def test_of_equally_far_points_the_first_is_chosen() -> None:
    corners = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 3)[None]
    # Opposite is 7; then all but 0 and 7 have a chosen one at distance 1.
    assert farthest_points(corners, 8).tolist() == [[0, 7, 1, 2, 3, 4, 5, 6]]


def test_half_precision_rounds_positions() -> None:
    points = torch.tensor([[[0.0, 0, 0], [1.0, 0, 0], [1.0001, 0, 0]]])
    assert farthest_points(points, 2).tolist() == [[0, 2]]
    assert farthest_points(points, 2, half_precision=True).tolist() == [[0, 1]]


def test_too_few_points_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot choose 5 of 4"):
        farthest_points(torch.rand(1, 4, 3), 5)
    with pytest.raises(ValueError, match="start is 4"):
        farthest_points(torch.rand(1, 4, 3), 2, start=4)
