from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from tests.train.models.vecset.sizes import SHAPES, small_config
from train.commands.measuring import Kept, Workload, measure
from train.models.vecset.config import VecSetConfig
from train.models.vecset.model import VecSetAutoencoder

SMALL = Workload(batch_size=2, surface=40, sharp=30, queries=11, precision="32-true")


def really(config: VecSetConfig, work: Workload) -> tuple[int, int, int]:
    """Kept bytes, operations forward and backward of tensors that have content."""
    model = VecSetAutoencoder(config)
    surface = torch.rand(work.batch_size, work.surface, 3 + config.point_features)
    points = torch.rand(work.batch_size, work.queries, 3)
    sharp = torch.rand(work.batch_size, work.sharp, 6) if config.sharp_points else None
    kept = Kept(model)
    half = torch.autocast("cpu", torch.bfloat16, enabled=work.precision == "bf16-mixed")
    with FlopCounterMode(display=False) as forward, kept.watch(), half:
        loss = model(surface, points, sharp_BSF=sharp).mean()
    with FlopCounterMode(display=False) as backward:
        loss.backward()
    return kept.total, forward.get_total_flops(), backward.get_total_flops()


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
def test_it_is_what_a_real_step_costs(kind: str, precision: Any) -> None:
    config, work = small_config(kind), replace(SMALL, precision=precision)
    found = measure(config, work)
    activations, forward, backward = really(config, work)
    assert (found.forward_flops, found.backward_flops) == (forward, backward)
    # Norms of half-precision tokens keep their statistics in single precision, which tensors
    # without content do not know.
    slack = 0.03 if precision == "bf16-mixed" else 0.0
    assert found.activations == pytest.approx(activations, rel=slack)


def test_a_layer_keeps_its_input() -> None:
    """Two layers and a square: the inputs of all three, and no weights."""
    model = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Linear(5, 7))
    kept = Kept(model)
    x = torch.rand(2, 3)
    with kept.watch():
        model(x).square().sum()
    assert kept.total == 4 * 2 * (3 + 5 + 7)


def test_memory_grows_with_the_batch_and_in_nothing_else() -> None:
    config = small_config()
    sizes = [measure(config, replace(SMALL, batch_size=n)).activations for n in (1, 2, 3)]
    assert sizes[2] - sizes[1] == sizes[1] - sizes[0] > 0


def test_computing_again_trades_operations_for_memory() -> None:
    config = small_config(encoder_layers=4, decoder_layers=8)
    kept = measure(config, SMALL)
    again = measure(replace(config, checkpoint_blocks=True), SMALL)
    assert again.activations < 0.5 * kept.activations
    assert again.forward_flops == kept.forward_flops
    assert again.backward_flops > kept.backward_flops + 0.5 * kept.forward_flops


def test_the_number_of_tokens_may_be_another() -> None:
    config = small_config()
    found = measure(config, replace(SMALL, tokens=12))
    assert found == measure(replace(config, tokens=12), SMALL)
    assert found != measure(config, SMALL)


def test_an_empty_workload_is_refused() -> None:
    with pytest.raises(ValueError, match="queries is 0, expected at least 1"):
        Workload(queries=0)
