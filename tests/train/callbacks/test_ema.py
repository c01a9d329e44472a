from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from safetensors.torch import load_file

from partworks.errors import UsageError
from tests.train.callbacks.standin import Line, fit, loader, trainer
from tests.train.models.vecset.sizes import cloud, questions, small_config, small_model
from train.callbacks.averaging import decay_at
from train.callbacks.ema import WeightAverage, exchange, trainable
from train.models.external.load import load_checkpoint
from train.models.vecset.model import VecSetAutoencoder
from train.strategies import ShardedBlocks


def test_it_is_the_closed_form_of_the_weights_that_were(tmp_path: Path) -> None:
    start = {name: w.detach().clone() for name, w in Line().model.named_parameters()}
    average = WeightAverage(decay=0.8, warmup=4)
    _, module = fit(tmp_path, [average], steps=9)
    keeps = [decay_at(n, decay=0.8, warmup=4) for n in range(9)]
    for name, first in start.items():
        expected = first
        for keep, weights in zip(keeps, module.history, strict=True):
            expected = keep * expected + (1 - keep) * weights[name]
        found = average.state_dict()["values"][f"model.{name}"]
        assert torch.allclose(found, expected, rtol=1e-6)
        assert not torch.allclose(found, module.history[-1][name], rtol=1e-3)
    assert average.state_dict()["updates"] == 9


def test_what_is_not_trained_is_not_averaged(tmp_path: Path) -> None:
    average = WeightAverage()
    fit(tmp_path, [average], steps=1)
    assert set(average.state_dict()["values"]) == {"model.weight", "model.bias"}


def test_it_counts_steps_and_not_batches(tmp_path: Path) -> None:
    average = WeightAverage()
    fit(tmp_path, [average], steps=3, accumulate_grad_batches=2)
    assert average.state_dict()["updates"] == 3


@pytest.mark.parametrize("validate", [True, False])
def test_it_is_what_gets_validated(tmp_path: Path, validate: bool) -> None:
    average = WeightAverage(decay=0.8, warmup=1, validate=validate)
    _, module = fit(tmp_path, [average], steps=6, limit_val_batches=1)
    (seen,) = module.validated
    own, averaged = module.history[-1]["weight"], average.state_dict()["values"]["model.weight"]
    assert torch.equal(seen, averaged if validate else own)
    assert not torch.equal(own, averaged)
    # Afterwards training went on with its own weights.
    assert torch.equal(module.model.weight, own)


def test_checkpoints_made_by_validation_have_the_weights(tmp_path: Path) -> None:
    saving = ModelCheckpoint(dirpath=tmp_path, filename="after", save_on_train_epoch_end=False)
    settings = {"steps": 6, "enable_checkpointing": True}
    _, module = fit(tmp_path, [saving, WeightAverage()], **settings)
    saved = torch.load(tmp_path / "after.ckpt", weights_only=True)
    assert torch.equal(saved["state_dict"]["model.weight"], module.model.weight)


def test_going_on_is_exact(tmp_path: Path) -> None:
    straight, first, second = (WeightAverage(decay=0.9) for _ in range(3))
    fit(tmp_path, [straight], steps=10)
    ran, _ = fit(tmp_path, [first], steps=6)
    ran.save_checkpoint(tmp_path / "six.ckpt")
    fit(tmp_path, [second], steps=10, ckpt_path=str(tmp_path / "six.ckpt"))
    ends = [average.state_dict() for average in (straight, second)]
    assert ends[0]["updates"] == ends[1]["updates"] == 10
    for name, value in ends[0]["values"].items():
        assert torch.equal(value, ends[1]["values"][name])


def test_validate_alone_uses_the_checkpoints_average(tmp_path: Path) -> None:
    first, second = WeightAverage(decay=0.5, warmup=1), WeightAverage()
    ran, _ = fit(tmp_path, [first], steps=5, limit_val_batches=0)
    ran.save_checkpoint(tmp_path / "five.ckpt")
    module = Line()
    trainer(tmp_path, [second]).validate(
        module, loader(), ckpt_path=str(tmp_path / "five.ckpt"), verbose=False
    )
    assert torch.equal(module.validated[0], first.state_dict()["values"]["model.weight"])


def test_another_networks_average_is_refused(tmp_path: Path) -> None:
    ran, _ = fit(tmp_path, [WeightAverage()], steps=1)
    ran.save_checkpoint(tmp_path / "one.ckpt")
    module = Line()
    module.model.bias.requires_grad_(False)
    ran = trainer(tmp_path, [WeightAverage()])
    with pytest.raises(UsageError, match=r"other weights; 1 differ, such as model\.bias"):
        ran.fit(module, loader(), loader(), ckpt_path=str(tmp_path / "one.ckpt"))


def test_the_export_has_all_weights_and_the_average_of_the_trained(tmp_path: Path) -> None:
    average = WeightAverage(decay=0.9)
    _, module = fit(tmp_path, [average], steps=4)
    exported = load_file(tmp_path / "average.safetensors")
    assert exported.keys() == module.state_dict().keys()
    for name, value in average.state_dict()["values"].items():
        assert torch.equal(exported[name], value)
    assert torch.equal(exported["frozen.weight"], module.frozen.weight)
    assert torch.equal(exported["offset"], torch.tensor(1.0))


def test_no_files_where_none_are_wanted(tmp_path: Path) -> None:
    fit(tmp_path, [WeightAverage(export=False)], steps=1)
    assert not list(tmp_path.rglob("*.safetensors"))


class SmallVAE(Line):
    def __init__(self, model: VecSetAutoencoder) -> None:
        super().__init__()
        self.model: VecSetAutoencoder = model  # type: ignore[assignment]

    def training_step(self, batch: Any, batch_idx: int) -> Any:
        del batch, batch_idx
        return self.model(cloud(), questions()).square().mean()


@pytest.mark.parametrize("settings", [{}, {"output": "flexicubes", "inside": "negative"}])
def test_the_export_in_a_published_format_is_the_average(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    average = WeightAverage(decay=0.9, export_format="craftsman")
    module = SmallVAE(small_model(**settings))
    fit(tmp_path, [average], module=module, steps=2, limit_val_batches=0)
    loaded = VecSetAutoencoder(small_config(**settings))
    load_checkpoint(loaded, tmp_path / "average.craftsman.safetensors", format_name="craftsman")
    with torch.no_grad():
        with average.in_place(module):
            expected = module.model(cloud(), questions())
        assert torch.equal(loaded(cloud(), questions()), expected)
        assert not torch.equal(module.model(cloud(), questions()), expected)


@pytest.mark.parametrize(("module", "message"), [
    (Line, "a Linear; remove export_format"),
    (
        lambda: SmallVAE(small_model(cell_size_input=True)),
        r"1 tensors, such as field\.cell_size_in\.weight",
    ),
    (lambda: SmallVAE(small_model("dora")), "has no place for"),
])  # fmt: skip
def test_a_format_that_does_not_fit_is_refused_at_once(
    tmp_path: Path, module: Any, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        fit(tmp_path, [WeightAverage(export_format="triposg")], module=module(), steps=1)


@pytest.mark.parametrize(("settings", "message"), [
    ({"decay": 1.0}, "decay is 1.0"),
    ({"warmup": 0.5}, "warmup is 0.5"),
    ({"export_format": "obj"}, "'obj', expected one of craftsman"),
])  # fmt: skip
def test_impossible_settings_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        WeightAverage(**settings)


def test_sharded_weights_are_refused(tmp_path: Path) -> None:
    ran = trainer(tmp_path, [WeightAverage()], strategy=ShardedBlocks())
    with pytest.raises(UsageError, match="ShardedBlocks shards them; train with ddp"):
        WeightAverage().setup(ran, Line(), "fit")


def test_exchanging_twice_changes_nothing() -> None:
    module = Line()
    before = {name: value.detach().clone() for name, value in trainable(module).items()}
    aside = exchange(module, {name: value + 1 for name, value in before.items()})
    assert torch.equal(module.model.weight, before["model.weight"] + 1)
    exchange(module, aside)
    assert torch.equal(module.model.weight, before["model.weight"])
