"""How fast training is, and how much of the machine it uses."""

from __future__ import annotations

import re
import resource
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor

from partworks.errors import UsageError
from train.flops import vecset_flops
from train.models.vecset.model import VecSetAutoencoder

PEAK_TFLOPS = {
    "B200": 2250.0,
    "H200": 989.4,
    "H100 PCIe": 756.0,
    "H100 NVL": 835.0,
    "H100": 989.4,
    "A100": 312.0,
    "L40S": 362.0,
    "A10": 125.0,
    "RTX 4090": 165.2,
}
"""Dense bfloat16 peaks, in 10¹² operations a second, of devices whose names have these words.

They are the makers' figures without sparsity; Lightning's own table has those with sparsity for
some devices, which would halve the utilisation.
"""

TRAINING_FACTOR = 3
"""A backward pass costs two forward passes; what is recomputed to save memory counts nothing."""

GIBI = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One batch.

    Attributes:
        samples: of all ranks.
        flops: of all ranks, forward and backward; 0 if unknown.
        seconds: from the end of the batch before to its own end.
        waited: seconds of these before the batch was there.
    """

    samples: int
    flops: float
    seconds: float
    waited: float


class Speedometer:
    """Rates over the last steps.

    Args:
        window: how many.
    """

    def __init__(self, window: int) -> None:
        self._steps: deque[Step] = deque(maxlen=window)

    def add(self, step: Step) -> None:
        """Take one more step in, and the oldest out if there are too many."""
        self._steps.append(step)

    def rates(self, *, peak_flops: float | None) -> dict[str, float]:
        """What to log, by name.

        Args:
            peak_flops: operations a second that all devices together could do.

        Returns:
            `samples_per_second`, `seconds_per_step`, `waiting` (share of the time), and, where they
            are known, `tflops` and `mfu`, the achieved rate and its share of the peak.
        """
        seconds = sum(step.seconds for step in self._steps)
        if not seconds:
            return {}
        rates = {
            "samples_per_second": sum(step.samples for step in self._steps) / seconds,
            "seconds_per_step": seconds / len(self._steps),
            "waiting": sum(step.waited for step in self._steps) / seconds,
        }
        if flops := sum(step.flops for step in self._steps):
            rates["tflops"] = flops / seconds / 1e12
            if peak_flops:
                rates["mfu"] = flops / seconds / peak_flops
        return rates


class Throughput(Callback):
    """Logs `speed/…`: samples a second, share of waiting, MFU, peak memory.

    MFU is model FLOPs utilisation (Chowdhery et al. 2022, PaLM, appendix B): the operations that
    the network needs for the points of a batch, forward and backward, over what the devices could
    do. Queries beyond those of the batch, as for extracting meshes, are not counted. Time for
    validation is left out; time for checkpoints counts as waiting.

    Args:
        window: steps that rates are taken over.
        peak_tflops: of one device, in 10¹² operations a second; by default what is known of the
            device in bfloat16, and without it there is no MFU.
    """

    def __init__(
        self,
        *,
        window: int = 50,
        peak_tflops: float | None = None,
    ) -> None:
        if window < 1:
            raise UsageError(f"speed.window is {window}, expected at least 1")
        if peak_tflops is not None and not peak_tflops > 0:
            raise UsageError(f"speed.peak_tflops is {peak_tflops}, expected more than 0")
        self.window = window
        self.peak_tflops = peak_tflops
        self.clock: Callable[[], float] = time.perf_counter
        self._meter = Speedometer(window)
        self._last = 0.0
        self._fetched = 0.0

    def on_train_start(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        """Start the clock."""
        del trainer, pl_module
        self._meter = Speedometer(self.window)
        self._last = self.clock()

    def on_train_batch_start(
        self,
        trainer: lightning.Trainer,
        pl_module: lightning.LightningModule,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """The batch is there."""
        del trainer, pl_module, batch, batch_idx
        self._fetched = self.clock()

    def on_train_batch_end(
        self,
        trainer: lightning.Trainer,
        pl_module: lightning.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """The batch is done."""
        del outputs, batch_idx
        now = self.clock()
        samples, flops = batch_size(batch), training_flops(pl_module, batch)
        self._meter.add(
            Step(
                samples=samples * trainer.world_size,
                flops=flops * trainer.world_size,
                seconds=now - self._last,
                waited=self._fetched - self._last,
            )
        )
        self._last = now
        device = pl_module.device
        peak = self._peak(trainer, device)
        logged = {**self._meter.rates(peak_flops=peak), "peak_memory_gib": peak_memory(device)}
        pl_module.log_dict({f"speed/{name}": value for name, value in logged.items()})

    def on_validation_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        """Forget the time that validation took."""
        del trainer, pl_module
        self._last = self.clock()

    def _peak(self, trainer: lightning.Trainer, device: torch.device) -> float | None:
        """Operations a second of all devices together."""
        peak = self.peak_tflops
        if peak is None and device.type == "cuda" and str(trainer.precision).startswith("bf16"):
            peak = known_peak_tflops(torch.cuda.get_device_name(device))
        return None if peak is None else peak * 1e12 * trainer.world_size


def known_peak_tflops(device_name: str) -> float | None:
    """The dense bfloat16 peak of a device, in 10¹² operations a second."""
    found = (peak for words, peak in PEAK_TFLOPS.items() if re.search(rf"\b{words}\b", device_name))
    return next(found, None)


def peak_memory(device: torch.device) -> float:
    """GiB: of tensors on a CUDA device, or of this process on the CPU, the most that there was."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / GIBI
    # Linux counts in KiB.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / GIBI


def batch_size(batch: Mapping[str, Any]) -> int:
    """How many parts a batch has."""
    return next(len(value) for value in batch.values() if isinstance(value, Tensor))


def training_flops(module: lightning.LightningModule, batch: Mapping[str, Any]) -> float:
    """Operations of a forward and a backward pass over a batch; 0 for networks unknown here.

    A module that knows its own says so by a method of this name.
    """
    own: Callable[[Mapping[str, Any]], float] | None = getattr(module, "training_flops", None)
    if own is not None:
        return own(batch)
    model = getattr(module, "model", None)
    if not isinstance(model, VecSetAutoencoder):
        return 0.0
    sharp = batch.get("sharp")
    forward = vecset_flops(
        model.config,
        surface=batch["surface"].shape[1],
        queries=batch["queries"].shape[1],
        sharp=0 if sharp is None else sharp.shape[1],
    ).total
    return float(TRAINING_FACTOR * batch_size(batch) * forward)
