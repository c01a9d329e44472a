from __future__ import annotations

import pytest
import torch

from train.flexicubes.parameters import unpack


def test_zeros_are_neutral() -> None:
    raw = torch.zeros(5, 25)
    raw[:, 0] = torch.arange(5) - 2
    found = unpack(raw)
    assert found.signed.tolist() == [-2, -1, 0, 1, 2]
    assert found.offset is not None and found.offset.abs().max() == 0
    assert found.alpha is not None and torch.equal(found.alpha, torch.ones(5, 8))
    assert found.beta is not None and torch.equal(found.beta, torch.ones(5, 12))
    assert found.gamma is not None and torch.equal(found.gamma, torch.full((5,), 0.5))


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_the_greatest_raw_values_stay_within_the_ranges(sign: float) -> None:
    found = unpack(torch.full((1, 25), sign * 50, dtype=torch.float64))
    assert found.offset is not None and found.alpha is not None
    assert found.beta is not None and found.gamma is not None
    assert 0.49 < sign * float(found.offset[0, 0]) < 0.5
    assert float(found.alpha[0, 0]) == pytest.approx(1 + 0.99 * sign)
    assert float(found.beta[0, 0]) == pytest.approx(1 + 0.99 * sign)
    assert float(found.gamma[0]) == pytest.approx(0.5 + 0.495 * sign)


def test_channels_follow_one_another() -> None:
    found = unpack(torch.arange(25, dtype=torch.float64)[None] / 25)
    assert found.offset is not None and found.alpha is not None
    assert found.beta is not None and found.gamma is not None and found.weight_logits is not None
    assert torch.allclose(found.offset.mul(2).atanh() * 25, torch.arange(1, 4).double())
    assert torch.allclose(((found.alpha - 1) / 0.99).atanh() * 25, torch.arange(4, 12).double())
    assert torch.allclose(((found.beta - 1) / 0.99).atanh() * 25, torch.arange(12, 24).double())
    assert torch.allclose(((found.gamma - 0.005) / 0.99).logit() * 25, torch.tensor(24.0).double())
    assert torch.allclose(found.weight_logits * 25, torch.arange(4, 24).double())


def test_half_precision_becomes_single_even_under_autocast() -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = unpack(torch.ones(2, 25, dtype=torch.bfloat16))
    assert found.signed.dtype == found.weight_logits.dtype == torch.float32


def test_select_takes_vertices_and_cubes_apart() -> None:
    raw = torch.arange(4.0)[:, None].expand(4, 25)
    found = unpack(raw).select(vertices=torch.tensor([3, 1]), cubes=torch.tensor([2]))
    assert found.signed.tolist() == [3, 1]
    assert found.weight_logits is not None and found.weight_logits.tolist() == [[2.0] * 20]
    assert found.offset is not None and len(found.offset) == 2


def test_another_number_of_channels_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(3, 26\), expected \(N, 25\)"):
        unpack(torch.zeros(3, 26))
