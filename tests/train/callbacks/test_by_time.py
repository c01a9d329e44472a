from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from train.callbacks.by_time import ErrorsByTime


class Log:
    """Keeps what is logged, with its step."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, dict[str, float]]] = []

    def log_metrics(self, metrics: dict[str, float], step: int) -> None:
        self.rows.append((step, metrics))


def feed(callback: ErrorsByTime, log: Log, step: int, **errors: list[float]) -> None:
    trainer: Any = SimpleNamespace(global_step=step, log_every_n_steps=2, loggers=[log])
    shares = torch.tensor(errors.pop("shares"))
    outputs = {
        "shares": shares, "errors": {name: torch.tensor(each) for name, each in errors.items()}
    }  # fmt: skip
    callback.on_train_batch_end(trainer, Any, outputs, None, 0)  # type: ignore[arg-type]


def test_means_are_those_since_the_last_log() -> None:
    callback, log = ErrorsByTime(), Log()
    feed(callback, log, 1, shares=[0.0, 0.999], a=[1.0, 2.0], b=[10.0, 20.0])
    assert log.rows == []
    feed(callback, log, 2, shares=[0.05, 0.1], a=[3.0, 4.0], b=[30.0, 40.0])
    ((step, found),) = log.rows
    assert step == 1
    assert found == {
        "time/a_0": pytest.approx(2.0), "time/a_1": 4.0, "time/a_9": 2.0,
        "time/b_0": pytest.approx(20.0), "time/b_1": 40.0, "time/b_9": 20.0,
    }  # fmt: skip
    feed(callback, log, 4, shares=[0.5], a=[7.0])
    assert log.rows[1] == (3, {"time/a_5": 7.0})
