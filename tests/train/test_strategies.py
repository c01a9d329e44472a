from __future__ import annotations

from torch.distributed.fsdp.wrap import ModuleWrapPolicy

from tests.train.models.vecset.sizes import small_model
from train.models.vecset.blocks import Block
from train.strategies import ShardedBlocks


def test_the_units_are_the_blocks_of_a_network() -> None:
    policy = ShardedBlocks().kwargs["auto_wrap_policy"]
    assert isinstance(policy, ModuleWrapPolicy)
    model = small_model("dora")
    chosen = policy._run_policy(model, ignored_modules=set(), root_kwargs={})
    blocks = {module for module in model.modules() if isinstance(module, Block)}
    assert set(chosen) == blocks
    assert len(blocks) == 6


def test_settings_of_fsdp_are_taken() -> None:
    strategy = ShardedBlocks(sharding_strategy="SHARD_GRAD_OP")
    assert strategy.sharding_strategy.name == "SHARD_GRAD_OP"
    assert strategy.kwargs["use_orig_params"] is True
