from __future__ import annotations

import logging
from pathlib import Path

import pytest
import torch

from tests.train.models.vecset.sizes import inputs, questions, small_config, small_model
from train.models.external.errors import CheckpointError
from train.models.external.files import read_tensors
from train.models.external.formats import FORMATS
from train.models.external.load import (
    export_tensors,
    load_checkpoint,
    load_tensors,
    save_checkpoint,
)
from train.models.vecset.head import with_flexicubes_head
from train.models.vecset.model import VecSetAutoencoder

KINDS = {
    "craftsman": "craftsman",
    "learned": "craftsman",
    "dora": "craftsman",
    "triposg": "triposg",
    "vecset": "shape2vecset",
    "autopartgen": "craftsman",
}


def _same(a: VecSetAutoencoder, b: VecSetAutoencoder) -> bool:
    ours, theirs = a.state_dict(), b.state_dict()
    return ours.keys() == theirs.keys() and all(torch.equal(ours[k], theirs[k]) for k in ours)


def _other(model: VecSetAutoencoder) -> VecSetAutoencoder:
    torch.manual_seed(9)
    return VecSetAutoencoder(model.config)


@pytest.mark.parametrize(("kind", "format_name"), KINDS.items())
def test_weights_there_and_back_through_files(kind: str, format_name: str, tmp_path: Path) -> None:
    model = small_model(kind)
    other = _other(model)
    assert not _same(model, other)
    first, second = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    save_checkpoint(model, first, format_name=format_name)
    load_checkpoint(other, first, format_name=format_name)
    assert _same(model, other)
    save_checkpoint(other, second, format_name=format_name)
    assert first.read_bytes() == second.read_bytes()
    assert all(key.startswith(FORMATS[format_name].prefix) for key in read_tensors(first))


@pytest.mark.parametrize("kind", KINDS)
def test_a_network_without_memory_gets_its_own(kind: str) -> None:
    model = small_model(kind, cell_size_input=True)
    assert model.field.cell_size_in is not None
    torch.nn.init.zeros_(model.field.cell_size_in.weight)
    tensors = export_tensors(model, format_name=KINDS[kind])
    with torch.device("meta"):
        other = VecSetAutoencoder(model.config)
    report = load_tensors(other, tensors, format_name=KINDS[kind])
    assert report.counts["added"] == 1
    assert _same(model, other)
    assert all(parameter.requires_grad for parameter in other.parameters())
    storages = [p.untyped_storage().data_ptr() for p in other.parameters()]
    assert len(set(storages)) == len(storages)
    for tensor in tensors.values():
        tensor.zero_()
    latent = other.encode(**inputs(other)).mean_BTD
    field = other.query(other.decode(latent), questions(), cell_size_B=torch.ones(2))
    assert bool(field.isfinite().all())
    assert bool(other.from_latent.weight.any()), "memory of the checkpoint is not shared"


def test_half_precision_is_widened() -> None:
    model = small_model()
    halves = {k: t.half() for k, t in export_tensors(model, format_name="craftsman").items()}
    other = _other(model)
    report = load_tensors(other, halves, format_name="craftsman")
    assert {parameter.dtype for parameter in other.parameters()} == {torch.float32}
    assert torch.equal(other.to_moments.weight, model.to_moments.weight.half().float())
    assert all("float16 -> float32" in row.note for row in report.rows)


def test_a_flexicubes_head_is_25_rows_of_the_last_layer(tmp_path: Path) -> None:
    model = small_model()
    widened = with_flexicubes_head(model)
    tensors = export_tensors(widened, format_name="craftsman")
    last = tensors["shape_model.decoder.output_proj.weight"]
    before = export_tensors(model, format_name="craftsman")
    assert torch.equal(last[:1], -before["shape_model.decoder.output_proj.weight"])
    assert last.shape == (25, 16) and not last[1:].any()
    save_checkpoint(widened, tmp_path / "a.safetensors", format_name="craftsman")
    other = _other(widened)
    load_checkpoint(other, tmp_path / "a.safetensors", format_name="craftsman")
    assert _same(widened, other)


@pytest.mark.parametrize("fault", ["missing", "unexpected", "shape", "not finite"])
def test_a_network_is_unchanged_by_a_checkpoint_that_does_not_fit(fault: str) -> None:
    model = small_model()
    other = _other(model)
    tensors = export_tensors(model, format_name="craftsman")
    key = "shape_model.pre_kl.weight"
    if fault == "missing":
        del tensors[key]
    elif fault == "unexpected":
        tensors["shape_model.pre_kl.extra"] = torch.zeros(1)
    else:
        tensors[key] = torch.zeros(3) if fault == "shape" else tensors[key] * torch.inf
    with pytest.raises(CheckpointError, match=r"pre_kl\.(weight|extra)"):
        load_tensors(other, tensors, format_name="craftsman")
    assert _same(other, _other(model))


def test_the_account_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    model = small_model()
    path = tmp_path / "a.safetensors"
    save_checkpoint(model, path, format_name="craftsman")
    with caplog.at_level(logging.INFO, logger="train.models.external.load"):
        report = load_checkpoint(model, path, format_name="craftsman")
    assert report.table() in caplog.text
    for key in read_tensors(path):
        assert key.removeprefix("shape_model.") in caplog.text


def test_the_file_is_named_in_errors(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_checkpoint(small_model(), path, format_name="craftsman")
    with pytest.raises(CheckpointError, match=r"cannot load .*a\.safetensors as craftsman"):
        load_checkpoint(small_model(latent_dim=7), path, format_name="craftsman")


def test_keys_with_and_without_the_prefix_are_refused() -> None:
    model = small_model()
    tensors = export_tensors(model, format_name="craftsman")
    tensors["pre_kl.weight"] = torch.zeros(10, 16)
    with pytest.raises(CheckpointError, match="both with and without"):
        load_tensors(model, tensors, format_name="craftsman")


def test_what_a_format_cannot_say_is_not_exported() -> None:
    model = small_model(cell_size_input=True)
    with pytest.raises(CheckpointError, match=r"no place for field\.cell_size_in\.weight"):
        export_tensors(model, format_name="craftsman")


def test_an_unknown_format() -> None:
    with pytest.raises(CheckpointError, match="no format 'trellis'; expected one of craftsman"):
        load_tensors(VecSetAutoencoder(small_config()), {}, format_name="trellis")
