from __future__ import annotations

import pytest
import torch

from tests.train.models.vecset.sizes import questions, small_config, small_model
from train.models.vecset.model import VecSetAutoencoder

TOKENS = torch.randn(2, 6, 16, generator=torch.Generator().manual_seed(3))


def test_cell_size_has_no_effect_at_first() -> None:
    torch.manual_seed(0)
    model = VecSetAutoencoder(small_config(cell_size_input=True))
    size = torch.tensor([1 / 32, 1 / 200])
    told = model.query(TOKENS, questions(), cell_size_B=size)
    deaf = VecSetAutoencoder(small_config())
    left, unknown = deaf.load_state_dict(model.state_dict(), strict=False)
    assert (left, unknown) == ([], ["field.cell_size_in.weight"])
    assert torch.equal(told, deaf.query(TOKENS, questions()))
    told.sum().backward()
    assert model.field.cell_size_in is not None
    gradient = model.field.cell_size_in.weight.grad
    assert gradient is not None and bool(gradient.any()), "but it can learn one"


def test_cell_size_is_heard_part_by_part() -> None:
    model = small_model(cell_size_input=True)
    size = torch.tensor([1 / 32, 1 / 32])
    before = model.query(TOKENS, questions(), cell_size_B=size)
    after = model.query(TOKENS, questions(), cell_size_B=size / torch.tensor([1.0, 3.0]))
    torch.testing.assert_close(before[0], after[0])
    assert not torch.allclose(before[1], after[1])


def test_cell_size_is_given_exactly_where_it_is_read() -> None:
    with pytest.raises(ValueError, match="cell_size_input is False"):
        small_model().query(TOKENS, questions(), cell_size_B=torch.ones(2))
    with pytest.raises(ValueError, match="cell_size_input is True"):
        small_model(cell_size_input=True).query(TOKENS, questions())


def test_the_sign_of_the_field() -> None:
    model, turned = small_model(), small_model(field_sign=-1)
    assert torch.equal(model.query(TOKENS, questions()), -turned.query(TOKENS, questions()))


def test_the_last_layers_stay_single_under_autocast() -> None:
    model = small_model()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = model.query(TOKENS, questions())
        asked = model.decode(torch.randn(2, 6, 5))
    assert asked.dtype == torch.bfloat16, "the trunk is mixed"
    assert mixed.dtype == torch.float32
    assert not torch.equal(mixed, mixed.bfloat16().float()), "values are not rounded"
    torch.testing.assert_close(mixed, model.query(TOKENS, questions()), rtol=0.1, atol=0.1)
