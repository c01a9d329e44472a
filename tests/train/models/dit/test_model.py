from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tests.train.models.dit.sizes import small_dit
from train.models.dit.model import DiT
from train.models.dit.variants import VARIANTS


def _inputs(context: int = 4) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(3)
    return {
        "x_BTD": torch.randn(2, 6, 5, generator=generator),
        "timesteps_B": torch.tensor([3, 981]),
        "context_BMC": torch.randn(2, context, 16, generator=generator),
    }


def _run(model: DiT, inputs: dict[str, Any]) -> Tensor:
    with torch.no_grad():
        noise: Tensor = model(**inputs)
    return noise


def test_tokens_have_no_positions() -> None:
    model, inputs = small_dit(), _inputs()
    order = torch.tensor([5, 2, 0, 1, 4, 3])
    permuted = _run(model, {**inputs, "x_BTD": inputs["x_BTD"][:, order]})
    torch.testing.assert_close(permuted, _run(model, inputs)[:, order], rtol=0, atol=1e-5)


def test_condition_tokens_that_are_masked_are_not_seen() -> None:
    model, inputs = small_dit(), _inputs()
    mask = torch.tensor([[True, True, False, False], [True, False, False, False]])
    found = _run(model, {**inputs, "mask_BM": mask})
    for row, count in ((0, 2), (1, 1)):
        alone = {key: tensor[row : row + 1] for key, tensor in inputs.items()}
        alone["context_BMC"] = alone["context_BMC"][:, :count]
        torch.testing.assert_close(found[row : row + 1], _run(model, alone), rtol=0, atol=1e-5)


def test_time_and_condition_matter() -> None:
    model, inputs = small_dit(), _inputs()
    for name in ("timesteps_B", "context_BMC"):
        other = _run(model, {**inputs, name: inputs[name] + 1})
        assert (other - _run(model, inputs)).abs().amax(dim=(1, 2)).min() > 1e-3


def test_a_new_network_reads_each_token_alone() -> None:
    model, inputs = small_dit(stirred=False), _inputs()
    moved = inputs["x_BTD"].clone()
    moved[0, 0] += 1
    differs = (_run(model, inputs) != _run(model, {**inputs, "x_BTD": moved})).any(dim=2)
    assert differs.sum() == 1 and differs[0, 0]


def test_forgetting_blocks_changes_no_gradient() -> None:
    gradients = []
    for checkpointed in (False, True):
        model = small_dit(checkpoint_blocks=checkpointed)
        model(**_inputs()).square().mean().backward()
        gradients.append([w.grad for w in model.parameters() if w.grad is not None])
    assert all(torch.equal(a, b) for a, b in zip(*gradients, strict=True))


def test_the_published_size() -> None:
    with torch.device("meta"):
        model = DiT(VARIANTS["craftsman-v1.5"])
    assert sum(weight.numel() for weight in model.parameters()) == 547_277_888
