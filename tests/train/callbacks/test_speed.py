from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import lightning
import psutil
import pytest
import torch
from lightning.pytorch.callbacks import Callback

from partworks.errors import UsageError
from tests.train.callbacks.standin import Line, fit
from tests.train.models.vecset.sizes import cloud, questions, small_model
from train.callbacks.speed import (
    Speedometer,
    Step,
    Throughput,
    batch_size,
    known_peak_tflops,
    peak_memory,
    training_flops,
)
from train.flops import vecset_flops


def step(samples: int = 8, flops: float = 4e12, seconds: float = 2.0, waited: float = 0.5) -> Step:
    return Step(samples=samples, flops=flops, seconds=seconds, waited=waited)


def test_rates_are_sums_over_sums() -> None:
    meter = Speedometer(10)
    meter.add(step(samples=8, flops=4e12, seconds=2.0, waited=0.5))
    meter.add(step(samples=4, flops=2e12, seconds=1.0, waited=0.25))
    assert meter.rates(peak_flops=8e12) == {
        "samples_per_second": 4.0, "seconds_per_step": 1.5, "waiting": 0.25, "tflops": 2.0,
        "mfu": 0.25,
    }  # fmt: skip


def test_old_steps_are_forgotten() -> None:
    meter = Speedometer(2)
    meter.add(step(seconds=1000.0))
    for _ in range(2):
        meter.add(step(samples=6, seconds=3.0))
    assert meter.rates(peak_flops=None)["samples_per_second"] == 2.0


def test_what_is_not_known_is_not_said() -> None:
    meter = Speedometer(2)
    assert meter.rates(peak_flops=1e12) == {}
    meter.add(step(flops=0.0))
    assert set(meter.rates(peak_flops=1e12)) == {
        "samples_per_second", "seconds_per_step", "waiting"
    }  # fmt: skip
    meter.add(step())
    assert "mfu" not in meter.rates(peak_flops=None)


class Log(Callback):
    def __init__(self) -> None:
        self.rows: list[dict[str, float]] = []

    def on_train_batch_end(self, trainer: lightning.Trainer, *_: Any) -> None:
        self.rows.append({name: float(value) for name, value in trainer.callback_metrics.items()})


class Ticking(Throughput):
    """Every look at the clock is a second later."""

    def __init__(self) -> None:
        super().__init__(window=3)
        ticks = itertools.count()
        self.clock = lambda: float(next(ticks))


def test_a_run_logs_them(tmp_path: Path) -> None:
    """A step looks twice: a second for waiting, one for the step; validation takes no time."""
    log = Log()
    fit(tmp_path, [Ticking(), log], steps=5, val_check_interval=2)
    assert len(log.rows) == 5
    for row in log.rows:
        assert row["speed/samples_per_second"] == 4 / 2
        assert row["speed/waiting"] == 0.5
        assert row["speed/peak_memory_gib"] > 0.1
        assert "speed/mfu" not in row


def test_operations_are_those_of_the_batch() -> None:
    module = Line()
    module.model = small_model()  # type: ignore[assignment]
    batch = {"surface": cloud(batch=3), "queries": questions(batch=3)}
    expected = vecset_flops(module.model.config, surface=40, queries=11).total
    assert training_flops(module, batch) == 3 * 3 * expected
    assert training_flops(Line(), batch) == 0


def test_sharp_points_count() -> None:
    module = Line()
    module.model = small_model("dora")  # type: ignore[assignment]
    batch = {"surface": cloud(), "queries": questions(), "sharp": cloud(points=30)}
    expected = vecset_flops(module.model.config, surface=40, queries=11, sharp=30).total
    assert training_flops(module, batch) == 3 * 2 * expected


def test_devices_are_known_by_their_names() -> None:
    assert known_peak_tflops("NVIDIA H200") == 989.4
    assert known_peak_tflops("NVIDIA H100 80GB HBM3") == 989.4
    assert known_peak_tflops("NVIDIA H100 PCIe") == 756.0
    assert known_peak_tflops("NVIDIA A100-SXM4-80GB") == 312.0
    assert known_peak_tflops("NVIDIA GeForce RTX 4090") == 165.2
    assert known_peak_tflops("Tesla T4") is None
    assert known_peak_tflops("NVIDIA A1000") is None


def test_a_peak_can_be_told(tmp_path: Path) -> None:
    throughput = Throughput(peak_tflops=2.0)
    ran, module = fit(tmp_path, [throughput], steps=1)
    assert throughput._peak(ran, module.device) == 2e12
    assert Throughput()._peak(ran, module.device) is None


def test_memory_is_what_this_process_has() -> None:
    now = psutil.Process().memory_info().rss / 2**30
    assert 0.9 * now < peak_memory(torch.device("cpu")) < 50 * now


def test_lists_are_no_samples() -> None:
    assert batch_size({"key": ["a"], "surface": torch.zeros(3, 2)}) == 3


@pytest.mark.parametrize("settings", [{"window": 0}, {"peak_tflops": 0.0}])
def test_impossible_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="expected"):
        Throughput(**settings)
