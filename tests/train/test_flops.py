from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from tests.train.models.vecset.sizes import SHAPES, cloud, questions, small_model
from train.flops import vecset_flops
from train.models.vecset.variants import VARIANTS


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("settings", [{}, {"max_points": 20, "cell_size_input": True}])
def test_the_closed_form_is_what_torch_counts(kind: str, settings: dict[str, object]) -> None:
    model = small_model(kind, **settings)
    config = model.config
    sharp = cloud(points=30, features=config.point_features, batch=3)
    with FlopCounterMode(display=False) as counter:
        model(
            cloud(points=41, features=config.point_features, batch=3),
            questions(count=13, batch=3),
            sharp_BSF=sharp if config.sharp_points else None,
            cell_size_B=torch.ones(3) if config.cell_size_input else None,
        )
    flops = vecset_flops(config, surface=41, queries=13, sharp=30)
    assert 3 * flops.total == counter.get_total_flops()


def test_a_flexicubes_head_costs_its_channels() -> None:
    config = VARIANTS["craftsman-v1.5"]
    wide = replace(config, output="flexicubes", inside="negative")
    sizes = {"surface": 4096, "queries": 1000}
    more = vecset_flops(wide, **sizes).total - vecset_flops(config, **sizes).total
    assert more == 2 * 1000 * 768 * 24


def test_attention_among_tokens_is_quadratic() -> None:
    config = VARIANTS["craftsman-v1.5"]
    counts = [
        vecset_flops(config, surface=4096, queries=1, tokens=tokens).encoder_blocks
        for tokens in (0, 1000, 2000)
    ]
    # Scores and weighted sums, of 8 blocks 768 wide.
    assert counts[2] - 2 * counts[1] + counts[0] == 8 * 4 * 768 * 2 * 1000**2
