from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.train.models.external.tiny import tiny_pixart
from tests.train.models.joint.made import small_config, small_model
from train.models.external.files import write_tensors
from train.models.external.load_dit import export_dit
from train.models.joint.pretrained import PretrainedConfig, build_joint_denoiser


def test_both_networks_and_the_copies_of_blocks(tmp_path: Path) -> None:
    config = small_config()
    source = small_model().geometry
    assert source is not None and config.images is not None
    write_tensors(tmp_path / "geometry.safetensors", export_dit(source.network))
    published = replace(config.images, sample_size=8)
    tiny_pixart(tmp_path, config=published)
    torch.manual_seed(8)
    model = build_joint_denoiser(
        config,
        PretrainedConfig(geometry=tmp_path / "geometry.safetensors", images=str(tmp_path)),
    )
    assert model.config.images == published
    assert model.geometry is not None and model.images is not None
    for key, weight in source.network.state_dict().items():
        assert torch.equal(weight, model.geometry.network.state_dict()[key])
    control = model.images.control
    assert control is not None
    for copy, block in zip(control.copies, model.images.network.transformer_blocks, strict=False):
        pairs = zip(copy.parameters(), block.parameters(), strict=True)
        assert all(torch.equal(a, b) and a is not b for a, b in pairs)


def test_networks_of_other_sizes(tmp_path: Path) -> None:
    tiny_pixart(tmp_path)
    with pytest.raises(ValueError, match=r"expected config\.images"):
        build_joint_denoiser(small_config(), PretrainedConfig(images=str(tmp_path)))


def test_new_networks() -> None:
    assert build_joint_denoiser(small_config(), PretrainedConfig()).config == small_config()
