from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from partworks.errors import UsageError
from tests.train.models.part_vae.made import SMALL
from train.models.external.load import save_checkpoint
from train.models.part_vae.network import build_network
from train.models.vecset.config import VecSetConfig
from train.models.vecset.model import VecSetAutoencoder

OCCUPANCY = dataclasses.replace(SMALL, output="occupancy", inside="positive", frequencies=8)


def build(
    network: VecSetConfig | str, *, checkpoint: str | None = None, head: bool = False
) -> VecSetAutoencoder:
    return build_network(
        network, checkpoint=checkpoint, checkpoint_format=None, flexicubes_head=head
    )


def test_published_weights_with_a_new_head(tmp_path: Path) -> None:
    """The signed value is the published field turned, and all that is new is neutral."""
    torch.manual_seed(0)
    published = VecSetAutoencoder(OCCUPANCY)
    path = tmp_path / "published.safetensors"
    save_checkpoint(published, path, format_name="craftsman")
    torch.manual_seed(1)
    ours = build(OCCUPANCY, checkpoint=str(path), head=True)
    surface, points = torch.randn(2, 20, 6), torch.randn(2, 9, 3)
    with torch.no_grad():
        before, after = published(surface, points), ours(surface, points)
    assert torch.equal(after[..., 0], -before[..., 0])
    assert not after[..., 1:].any()


def test_variants_go_by_name() -> None:
    with torch.device("meta"):
        assert build("craftsman-v1.5").config == VecSetConfig()
    with pytest.raises(UsageError, match=r"no network 'craftsman'; there are craftsman-v1\.5, "):
        build("craftsman")


@pytest.mark.parametrize("more", [{"head": True}, {"checkpoint": "some.ckpt"}])
def test_a_head_that_is_there_already_is_refused(more: dict[str, bool | str]) -> None:
    with pytest.raises(UsageError, match="set flexicubes_head"):
        build(dataclasses.replace(SMALL, output="flexicubes"), **more)  # type: ignore[arg-type]


def test_a_checkpoint_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no file"):
        build(OCCUPANCY, checkpoint=str(tmp_path / "none.safetensors"))
