from __future__ import annotations

import torch

from train.schedules.guidance import doubly_guided, guided

FREE, FIRST, BOTH = (
    torch.randn(5, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    for seed in range(3)
)


def test_scale_one_is_the_condition_and_zero_is_none() -> None:
    torch.testing.assert_close(guided(BOTH, FREE, scale=1), BOTH)
    assert torch.equal(guided(BOTH, FREE, scale=0), FREE)


def test_two_conditions() -> None:
    def at(first: float, second: float) -> torch.Tensor:
        return doubly_guided(FREE, FIRST, BOTH, first_scale=first, second_scale=second)

    torch.testing.assert_close(at(1, 1), BOTH)
    torch.testing.assert_close(at(1, 0), FIRST)
    assert torch.equal(at(0, 0), FREE)
    torch.testing.assert_close(at(1, 7.5), guided(BOTH, FIRST, scale=7.5))
    torch.testing.assert_close(at(4, 0), guided(FIRST, FREE, scale=4))
