"""What it does to a run is in `tests/train/test_resume.py`."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import lightning
import pytest
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from lightning.pytorch.utilities.exceptions import SIGTERMException

from partworks.errors import UsageError
from tests.train.callbacks.standin import Line, fit
from tests.train.command import SignalAt
from train.callbacks.ema import WeightAverage
from train.callbacks.signals import NAME, SaveOnSignal


class SignalInValidation(Callback):
    def on_validation_start(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        os.kill(os.getpid(), signal.SIGTERM)


def load(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = torch.load(folder / "checkpoints" / NAME, weights_only=True)
    return loaded


@pytest.mark.parametrize("name", ["SIGTERM", "SIGUSR1"])
def test_it_saves_and_ends(tmp_path: Path, name: str) -> None:
    saver = SaveOnSignal(names=("SIGTERM", "SIGUSR1"))
    module = Line()
    with pytest.raises(SIGTERMException):
        fit(tmp_path, [saver, SignalAt(step=2, name=name)], module=module, steps=6)
    assert len(module.history) == 3
    saved = load(tmp_path)
    assert saved["global_step"] == 3
    assert torch.equal(saved["state_dict"]["model.weight"], module.history[-1]["weight"])


def test_callbacks_have_done_their_work_before_it_saves(tmp_path: Path) -> None:
    """However they are listed."""
    average = WeightAverage(decay=0.5)
    callbacks = [SaveOnSignal(), average, SignalAt(step=2)]
    with pytest.raises(SIGTERMException):
        fit(tmp_path, callbacks, steps=6)
    state = load(tmp_path)["callbacks"]["WeightAverage"]
    assert state["updates"] == 3
    assert torch.equal(
        state["values"]["model.weight"], average.state_dict()["values"]["model.weight"]
    )


def test_it_lies_where_checkpoints_lie(tmp_path: Path) -> None:
    callbacks = [SaveOnSignal(), ModelCheckpoint(dirpath=tmp_path / "here"), SignalAt(step=1)]
    with pytest.raises(SIGTERMException):
        fit(tmp_path, callbacks, enable_checkpointing=True)
    assert (tmp_path / "here" / NAME).is_file()


def test_gradients_that_make_no_step_yet_are_waited_for(tmp_path: Path) -> None:
    module = Line()
    callbacks = [SaveOnSignal(), SignalAt(step=1)]
    with pytest.raises(SIGTERMException):
        fit(tmp_path, callbacks, module=module, steps=6, accumulate_grad_batches=2)
    assert load(tmp_path)["global_step"] == 2
    assert len(module.history) == 4


def test_the_last_step_of_all_is_no_interruption(tmp_path: Path) -> None:
    ran, _ = fit(tmp_path, [SaveOnSignal(), SignalAt(step=5)], steps=6)
    assert ran.global_step == 6


def test_validation_is_finished_first(tmp_path: Path) -> None:
    module, saver = Line(), SaveOnSignal()
    callbacks = [saver, SignalInValidation()]
    with pytest.raises(SIGTERMException):
        fit(tmp_path, callbacks, module=module, steps=9, val_check_interval=2)
    assert len(module.validated) == 6
    assert load(tmp_path)["global_step"] == 3


def test_without_a_signal_nothing_happens(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    saver = SaveOnSignal()
    fit(tmp_path, [saver], steps=3)
    assert saver.saved is None
    assert signal.getsignal(signal.SIGTERM) == before
    assert not (tmp_path / "checkpoints").exists()


@pytest.mark.parametrize("settings", [{"names": ("SIGNAL",)}, {"every_n_steps": 0}])
def test_impossible_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="expected"):
        SaveOnSignal(**settings)
