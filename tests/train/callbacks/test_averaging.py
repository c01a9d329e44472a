from __future__ import annotations

import pytest
import torch

from train.callbacks.averaging import MovingAverage, decay_at


def test_a_constant_decay_is_a_geometric_sum() -> None:
    """d^n w_0 + (1 - d) Σ d^(n-1-k) w_(k+1)."""
    decay, weights = 0.9, torch.arange(11.0).square()
    average = MovingAverage({"w": weights[:1]}, decay=decay, warmup=1)
    for weight in weights[1:]:
        average.update({"w": weight[None]})
    powers = decay ** torch.arange(9, -1, -1.0)
    expected = decay**10 * weights[0] + (1 - decay) * (powers * weights[1:]).sum()
    assert average.values["w"].item() == pytest.approx(expected.item(), rel=1e-6)
    assert average.updates == 10


def test_the_warm_up_forgets_the_start() -> None:
    """With a warm-up of 2 and no ceiling it is the mean of all weights, the first among them."""
    average = MovingAverage({"w": torch.tensor([1000.0])}, decay=0.999999, warmup=2)
    weights = [3.0, -1.0, 4.0, 1.0, -5.0]
    for weight in weights:
        average.update({"w": torch.tensor([weight])})
    assert average.values["w"].item() == pytest.approx((1000 + sum(weights)) / 6, rel=1e-6)


def test_the_decay_grows_until_it_is_warm() -> None:
    decays = [decay_at(n, decay=0.99, warmup=10) for n in range(2000)]
    assert decays[0] == 0.1
    assert decays == sorted(decays)
    assert decays[-1] == 0.99
    assert decays[889] < 0.99 == decays[891]
    assert {decay_at(n, decay=0.5, warmup=1) for n in range(5)} == {0.5}


def test_half_precision_is_averaged_in_single() -> None:
    weight = torch.ones(1, dtype=torch.bfloat16)
    average = MovingAverage({"w": torch.zeros(1, dtype=torch.bfloat16)}, decay=0.999, warmup=1)
    for _ in range(1000):
        average.update({"w": weight})
    assert average.values["w"].dtype == torch.float32
    assert average.values["w"].item() == pytest.approx(1 - 0.999**1000, rel=1e-4)


def test_it_owns_its_memory() -> None:
    weight = torch.zeros(1)
    average = MovingAverage({"w": weight}, decay=0.5, warmup=1)
    weight += 1
    assert average.values["w"].item() == 0
