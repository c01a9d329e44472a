from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.train.encode.made import Holder
from train.encode.identity import describe_checkpoint, variant_name, weights_sha256
from train.models.vecset.head import with_flexicubes_head
from train.models.vecset.model import VecSetAutoencoder
from train.models.vecset.variants import VARIANTS


def test_weights_are_told_apart_to_the_last_bit() -> None:
    network = Holder().model
    before = weights_sha256(network)
    assert before == weights_sha256(Holder().model)
    with torch.no_grad():
        network.to_moments.bias[0] = torch.nextafter(network.to_moments.bias[0], torch.tensor(9.0))
    assert weights_sha256(network) != before
    assert weights_sha256(Holder().model.bfloat16()) != before


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_a_published_encoder_keeps_its_name(name: str) -> None:
    assert variant_name(VARIANTS[name]) == name
    assert variant_name(replace(VARIANTS[name], checkpoint_blocks=True)) == name
    assert variant_name(replace(VARIANTS[name], latent_dim=8)) == "custom"


def test_another_head_is_the_same_encoder() -> None:
    with torch.device("meta"):
        widened = with_flexicubes_head(VecSetAutoencoder(VARIANTS["craftsman-v1.5"]))
    assert widened.config.output == "flexicubes"
    assert variant_name(widened.config) == "craftsman-v1.5"


def test_a_file_is_named_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "last.ckpt"
    path.write_bytes(bytes(3_000_000))
    assert describe_checkpoint(path, which="last") == {
        "name": "last.ckpt",
        "sha256": hashlib.sha256(bytes(3_000_000)).hexdigest(),
        "weights": "last",
    }
