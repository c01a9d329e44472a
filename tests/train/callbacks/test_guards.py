from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import lightning
import pytest
import torch
from lightning.pytorch.callbacks import Callback
from torch.optim import Optimizer

from partworks.errors import UsageError
from tests.train.callbacks.standin import Line, fit
from train.callbacks.guards import NonFiniteGuard


class Log(Callback):
    """What was logged, step by step, and the norm that was left after clipping."""

    def __init__(self) -> None:
        self.rows: list[dict[str, float]] = []
        self.norms: list[float] = []

    def on_before_optimizer_step(
        self,
        trainer: lightning.Trainer,
        pl_module: lightning.LightningModule,
        optimizer: Optimizer,
    ) -> None:
        gradients = [w.grad.flatten() for w in pl_module.parameters() if w.grad is not None]
        self.norms.append(float(torch.cat(gradients).norm()) if gradients else 0.0)

    def on_train_batch_end(self, trainer: lightning.Trainer, *_: Any) -> None:
        self.rows.append({name: float(value) for name, value in trainer.callback_metrics.items()})


def spoilt(losses: dict[int, float]) -> Line:
    module = Line()
    module.spoilt = losses
    return module


@pytest.mark.parametrize("factor", [math.nan, math.inf])
def test_a_spoilt_step_changes_nothing_but_the_schedule(tmp_path: Path, factor: float) -> None:
    guard = NonFiniteGuard()
    ran, module = fit(tmp_path, [guard], module=spoilt({3: factor}), steps=6)
    assert torch.equal(module.history[3]["weight"], module.history[2]["weight"])
    assert not torch.equal(module.history[4]["weight"], module.history[3]["weight"])
    moments = ran.optimizers[0].state[module.model.weight]
    assert moments["step"] == 5
    assert ran.optimizers[0].param_groups[0]["lr"] == pytest.approx(0.1 / 7)
    assert ran.global_step == 6
    assert guard.state_dict() == {"skipped": 1, "in_a_row": 0}


def test_without_the_guard_the_weights_are_lost(tmp_path: Path) -> None:
    _, module = fit(tmp_path, [], module=spoilt({3: math.nan}), steps=6)
    assert module.model.weight.isnan().all()


def test_one_spoilt_batch_spoils_the_step_that_it_is_part_of(tmp_path: Path) -> None:
    class FirstBatchIsInfinite(Line):
        """Whose gradients are finite all the same."""

        def training_step(self, batch: Any, batch_idx: int) -> Any:
            loss = super().training_step(batch, batch_idx)
            return loss + torch.inf if batch_idx == 2 else loss

    guard = NonFiniteGuard()
    _, module = fit(
        tmp_path, [guard], module=FirstBatchIsInfinite(), steps=3, accumulate_grad_batches=2
    )
    assert guard.skipped == 1
    # Batches 2 and 3 are the second step.
    assert torch.equal(module.history[3]["weight"], module.history[1]["weight"])
    assert not torch.equal(module.history[5]["weight"], module.history[3]["weight"])


def test_steps_in_a_row_end_training(tmp_path: Path) -> None:
    module = spoilt({1: math.nan, **dict.fromkeys(range(3, 9), math.nan)})
    guard = NonFiniteGuard(most_in_a_row=2)
    with pytest.raises(UsageError, match="3 steps one after the other, up to step 5"):
        fit(tmp_path, [guard], module=module, steps=9)
    assert guard.skipped == 4


def test_norm_and_count_are_logged(tmp_path: Path) -> None:
    log = Log()
    fit(tmp_path, [log, NonFiniteGuard()], module=spoilt({2: math.nan}), steps=4)
    assert [row["guard/skipped"] for row in log.rows] == [0, 0, 1, 1]
    assert log.rows[0]["guard/gradient_norm"] == pytest.approx(log.norms[0], rel=1e-6)
    assert log.rows[3]["guard/gradient_norm"] == pytest.approx(log.norms[3], rel=1e-6)


def test_clipping_is_the_trainers(tmp_path: Path) -> None:
    """To the bit; and the norm that is logged is that before."""
    log = Log()
    _, ours = fit(tmp_path, [NonFiniteGuard(clip_norm=0.3), log], steps=6)
    _, theirs = fit(tmp_path, [], steps=6, gradient_clip_val=0.3)
    assert torch.equal(ours.model.weight, theirs.model.weight)
    assert max(log.norms) == pytest.approx(0.3, rel=1e-4)
    assert log.rows[0]["guard/gradient_norm"] > 0.9


def test_the_counts_go_on(tmp_path: Path) -> None:
    first, second = NonFiniteGuard(), NonFiniteGuard()
    ran, _ = fit(tmp_path, [first], module=spoilt({1: math.nan, 3: math.nan}), steps=4)
    ran.save_checkpoint(tmp_path / "four.ckpt")
    fit(
        tmp_path, [second], module=spoilt({4: math.nan}), steps=6,
        ckpt_path=str(tmp_path / "four.ckpt"),
    )  # fmt: skip
    assert first.state_dict() == {"skipped": 2, "in_a_row": 1}
    assert second.state_dict() == {"skipped": 3, "in_a_row": 0}


def test_clipping_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"clip_norm is 1\.0 and trainer\.gradient_clip_val is 2"):
        fit(tmp_path, [NonFiniteGuard(clip_norm=1.0)], gradient_clip_val=2)


@pytest.mark.parametrize("settings", [{"clip_norm": 0.0}, {"most_in_a_row": -1}])
def test_impossible_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="expected"):
        NonFiniteGuard(**settings)
