from __future__ import annotations

from dataclasses import replace

import pytest

from tests.train.models.joint.made import small_config
from train.models.joint.config import JointConfig
from train.models.joint.operations import forward_operations


@pytest.mark.parametrize(
    ("parts", "views", "side", "wanted"),
    [(8, 4, 32, 24), (8, 8, 32, 37), (8, 4, 64, 76), (4, 4, 32, 13)],
)
def test_operations_of_a_full_size_object(parts: int, views: int, side: int, wanted: int) -> None:
    """Trainer reference, section 4.4, in TFLOP."""
    found = forward_operations(JointConfig(), counts=(parts + 1,), views=views, side=side)
    assert found / 1e12 == pytest.approx(wanted, abs=0.6)


def test_objects_of_different_sizes_cost_what_each_costs_alone() -> None:
    """Nothing is padded, and no object asks another."""
    config = small_config(control=False)
    counted = [
        forward_operations(config, counts=counts, tokens=4, words=2, side=4)
        for counts in ((2, 5, 3), (2,), (5,), (3,))
    ]
    assert counted[0] == sum(counted[1:])
    quadratic = forward_operations(config, counts=(10,), tokens=4, words=2, side=4)
    assert quadratic > counted[0]


def test_modalities_add_up_but_for_the_exchange() -> None:
    config = small_config()
    both = forward_operations(config, counts=(3,), tokens=4, words=2, side=4)
    bare = forward_operations(
        replace(config, exchange=False), counts=(3,), tokens=4, words=2, side=4
    )
    alone = [
        forward_operations(replace(config, **{name: None}), counts=(3,), tokens=4, words=2, side=4)
        for name in ("geometry", "images")
    ]
    assert sum(alone) == bare < both
