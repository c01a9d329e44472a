from __future__ import annotations

import numpy as np
import pytest
import torch

from train.models.part_vae.farthest import farthest_points


def by_hand(points: np.ndarray, count: int) -> list[int]:
    chosen = [0]
    for _ in range(count - 1):
        gaps = np.linalg.norm(points[:, None] - points[chosen][None], axis=2).min(axis=1)
        chosen.append(int(gaps.argmax()))
    return chosen


def test_it_agrees_with_the_slow_way() -> None:
    points = np.random.default_rng(0).normal(size=(4, 60, 3))
    expected = [by_hand(cloud, 20) for cloud in points]
    assert farthest_points(torch.from_numpy(points), 20).tolist() == expected


def test_all_points_are_a_permutation() -> None:
    points = torch.randn(2, 9, 3, generator=torch.Generator().manual_seed(0))
    assert farthest_points(points, 9).sort(dim=1).values.tolist() == [list(range(9))] * 2


def test_more_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot choose 10 of 9"):
        farthest_points(torch.zeros(1, 9, 3), 10)
