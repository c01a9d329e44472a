from __future__ import annotations

import torch

from train.models.dit.time import TIME_FEATURES, TimeEmbedding, time_features


def test_features_are_cosines_then_sines_of_falling_frequencies() -> None:
    times = torch.tensor([0.0, 1.0, 137.5])
    found = time_features(times, 8).double()
    rates = 10_000.0 ** (-torch.arange(4, dtype=torch.float64) / 4)
    angles = times.double()[:, None] * rates
    wanted = torch.cat([angles.cos(), angles.sin()], dim=1)
    torch.testing.assert_close(found, wanted, rtol=0, atol=2e-5)
    turned = time_features(times, 8, cosines_first=False).double()
    torch.testing.assert_close(turned, wanted.roll(4, dims=1), rtol=0, atol=2e-5)


def test_integers_are_times_too() -> None:
    assert torch.equal(
        time_features(torch.tensor([3, 999]), 256), time_features(torch.tensor([3.0, 999.0]), 256)
    )


def test_an_embedding_in_half_precision() -> None:
    layer = TimeEmbedding(4).to(torch.bfloat16)
    assert layer(torch.tensor([5])).dtype == torch.bfloat16
    assert layer.widen.in_features == TIME_FEATURES
