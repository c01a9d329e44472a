from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.train.models.joint.made import small_config, small_model
from train.denoiser.starting import start_from
from train.models.external.errors import CheckpointError
from train.models.external.files import write_tensors
from train.models.joint.model import JointDenoiser

ALONE = {"exchange": False, "boxes": False, "control": False}


def saved(folder: Path, name: str, model: JointDenoiser) -> str:
    path = folder / f"{name}.safetensors"
    write_tensors(path, {f"model.{key}": tensor for key, tensor in model.state_dict().items()})
    return str(path)


@pytest.fixture
def stages(tmp_path: Path) -> tuple[str, str]:
    """Checkpoints of geometry alone and of images alone."""
    geometry = small_model(trained=True, images=None, **ALONE)
    images = small_model(trained=True, geometry=None, **ALONE)
    return saved(tmp_path, "geometry", geometry), saved(tmp_path, "images", images)


def test_both_modalities_come_together(stages: tuple[str, str]) -> None:
    torch.manual_seed(9)
    model = JointDenoiser(small_config())
    fresh = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    report = start_from(model, stages)
    assert report.copied
    state = model.state_dict()
    before = small_model(trained=True, images=None, **ALONE).state_dict()
    before |= small_model(trained=True, geometry=None, **ALONE).state_dict()
    assert {name for names in report.loaded.values() for name in names} == before.keys()
    for name, tensor in before.items():
        assert torch.equal(state[name], tensor), name
    assert report.new.keys() == state.keys() - before.keys()
    assert sum(report.new.values()) == sum(state[name].numel() for name in report.new)
    assert "new: exchanges " in report.table() and "geometry.safetensors" in report.table()
    # The ControlNet copies what has been loaded; what starts at 0 stays there.
    assert model.images is not None and model.images.control is not None
    for copy, block in zip(
        model.images.control.copies, model.images.network.transformer_blocks, strict=False
    ):
        for mine, theirs in zip(copy.parameters(), block.parameters(), strict=True):
            assert torch.equal(mine, theirs)
    zeros = [name for name in report.new if ".zero." in name or ".zeros." in name]
    assert zeros
    assert all(torch.equal(state[name], fresh[name]) for name in zeros)


def test_a_stage_without_new_modules_is_the_same_again(tmp_path: Path) -> None:
    before = small_model(trained=True)
    model = JointDenoiser(small_config())
    report = start_from(model, [saved(tmp_path, "all", before)])
    assert report.new == {} and not report.copied
    for name, tensor in before.state_dict().items():
        assert torch.equal(model.state_dict()[name], tensor)


def test_one_modality_is_not_enough_for_two(stages: tuple[str, str]) -> None:
    with pytest.raises(CheckpointError, match=r"lack images\..*which no stage adds"):
        start_from(JointDenoiser(small_config()), stages[:1])


def test_the_same_tensor_twice_is_refused(stages: tuple[str, str], tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="both have geometry"):
        start_from(JointDenoiser(small_config()), [stages[0], stages[0]])


def test_a_network_that_has_less_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, "all", small_model())
    with pytest.raises(CheckpointError, match=r"has exchanges\..*the network has not"):
        start_from(JointDenoiser(small_config(exchange=False)), [path])


def test_other_sizes_are_named(tmp_path: Path) -> None:
    model = small_model()
    path = saved(tmp_path, "all", model)
    wider = small_config(branch_embedding="concat")
    other = JointDenoiser(wider)
    assert other.geometry is not None
    other.geometry.embedding.part_and_global = torch.nn.Parameter(torch.zeros(2, 3))
    with pytest.raises(CheckpointError, match=r"of other sizes: \(2, 16\), not \(2, 3\)"):
        start_from(other, [path])
    with pytest.raises(CheckpointError, match="there is no file"):
        start_from(other, [str(tmp_path / "none.ckpt")])
