from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from train.optimisation import AdamWConfig, lr_share, make_optimizer

CONFIG = AdamWConfig(lr=0.1, warmup_steps=4, schedule_steps=104, final_share=0.1)


def test_warm_up_then_cosine_then_flat() -> None:
    shares = [lr_share(step, CONFIG) for step in range(200)]
    assert shares[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert shares[54] == pytest.approx(0.55)
    assert shares[104:] == pytest.approx([0.1] * 96)
    assert all(before > after for before, after in pairwise(shares[4:105]))


def test_no_warm_up_starts_at_the_full_rate() -> None:
    assert lr_share(0, AdamWConfig(warmup_steps=0, schedule_steps=10)) == 1.0


def test_the_schedule_moves_the_optimiser() -> None:
    weight = torch.nn.Parameter(torch.ones(1))
    made = make_optimizer([weight], CONFIG)
    optimizer, schedule = made["optimizer"], made["lr_scheduler"]["scheduler"]
    assert made["lr_scheduler"]["interval"] == "step"
    rates = []
    for _ in range(6):
        rates.append(optimizer.param_groups[0]["lr"])
        weight.grad = torch.ones(1)
        optimizer.step()
        schedule.step()
    assert rates == pytest.approx([0.02, 0.04, 0.06, 0.08, 0.1, 0.1], rel=1e-2)


def test_a_warm_up_longer_than_the_schedule_is_refused() -> None:
    with pytest.raises(ValueError, match=r"optimizer\.warmup_steps is 10"):
        AdamWConfig(warmup_steps=10, schedule_steps=10)
