from __future__ import annotations

from pathlib import Path

import pytest

from tests.train.command import metrics, run
from train.commands.overfit import as_fit


def test_it_is_a_fit_that_validates_on_what_it_trains() -> None:
    given = ["--data.root", "R", "--config", "C", "--parts", "3", "--trainer.max_steps=2"]
    assert as_fit(given) == [
        "fit", "--config=C", "--data.limit=3", "--data.val_split=train",
        "--trainer.limit_val_batches=1.0", "--data.root", "R", "--trainer.max_steps=2",
    ]  # fmt: skip


def test_the_caller_has_the_last_word() -> None:
    arguments = as_fit(["--config=A", "--data.val_split=val", "-c", "B"])
    assert arguments[:3] == ["fit", "--config=A", "--config=B"]
    assert arguments.index("--data.val_split=train") < arguments.index("--data.val_split=val")
    assert "--data.limit=8" in arguments


def test_losses_fall(root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    steps = ("--trainer.max_steps=60", "--trainer.val_check_interval=60", "--data.batch_size=4")
    assert run("overfit", root, "--parts=4", *steps, "--model.optimizer.lr=0.01") == 0
    losses = metrics("runs/small/version_0", "train/loss")
    first, last = (sum(losses[step] for step in steps) / 5 for steps in (range(5), range(55, 60)))
    assert last < 0.7 * first
    # Four parts in batches of four: all of them are validated on.
    assert metrics("runs/small/version_0", "val/loss").keys() == {59}
