"""The loss of the joint denoisers (CoPart, equation 10).

Shape suffixes: B objects, P branches of all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from partworks.errors import UsageError
from train.denoiser.randomness import GEOMETRY, IMAGES, draw_noise
from train.denoiser.sample import Batch, Drops, joint_inputs
from train.models.joint.inputs import JointInputs, JointNoise
from train.schedules.discrete import NoiseSchedule, ScheduleConfig
from train.schedules.matching import matched_times
from train.schedules.presets import SCHEDULES
from train.schedules.weights import min_snr_weights


# The parser of settings reads the attributes of a nested default through vars(), which slots lack.
@dataclass(frozen=True, kw_only=True)
class DenoisingConfig:
    """What the denoisers are trained for.

    Attributes:
        geometry_schedule: how noisy geometry is when: a name of `train.schedules.presets`, or a
            schedule's own settings.
        image_schedule: the same of pictures.
        geometry_weight: of the error of geometry.
        image_weight: of the error of pictures.
        min_snr_gamma: bound what times of little noise count (Hang et al. 2023; CraftsMan has 5);
            None counts all times alike, as CoPart's equation does.
        align_by_snr: give pictures the times at which they are as noisy as geometry is; CoPart
            writes one time for both.
        drop_text: share of objects that are told no texts, for guidance by these.
        drop_boxes: share that are told no boxes.
        drop_both: share that are told neither.
    """

    geometry_schedule: str | ScheduleConfig = "craftsman"
    image_schedule: str | ScheduleConfig = "pixart"
    geometry_weight: float = 1.0
    image_weight: float = 1.0
    min_snr_gamma: float | None = None
    align_by_snr: bool = False
    drop_text: float = 0.1
    drop_boxes: float = 0.1
    drop_both: float = 0.05

    def __post_init__(self) -> None:
        shares = (self.drop_text, self.drop_boxes, self.drop_both)
        if min(shares) < 0 or sum(shares) > 1:
            raise UsageError(
                f"objective.drop_text, drop_boxes and drop_both are {shares}, expected shares that "
                "add up to no more than 1"
            )
        if self.min_snr_gamma is not None and not self.min_snr_gamma > 0:
            raise UsageError(
                f"objective.min_snr_gamma is {self.min_snr_gamma}, expected more than 0, or null"
            )
        for name in ("geometry_schedule", "image_schedule"):
            schedule_config(getattr(self, name), name=name)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Errors:
    """Of each object, and what they add up to.

    Attributes:
        loss: scalar.
        geometry: (B,) float32 mean squared errors, without weights; None if there is no geometry.
        images: (B,) likewise.
    """

    loss: Tensor
    geometry: Tensor | None
    images: Tensor | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimate:
    """What becomes of a batch in one step.

    Attributes:
        noisy: the latents that the denoisers saw.
        clean: the clean ones that they mean.
    """

    noisy: JointNoise
    clean: JointNoise


class Denoising:
    """A loss with its schedules.

    Attributes:
        config: as given.
        geometry: the schedule of geometry.
        images: the schedule of pictures.
    """

    def __init__(self, config: DenoisingConfig) -> None:
        self.config = config
        names = ("geometry_schedule", "image_schedule")
        # Tables are numbers even where the network has no memory.
        with torch.device("cpu"):
            self.geometry, self.images = (
                NoiseSchedule(schedule_config(getattr(config, name), name=name)) for name in names
            )
        if len(self.geometry) != len(self.images):
            raise UsageError(
                f"geometry has {len(self.geometry)} times and pictures {len(self.images)}; they "
                "share one time, so give both schedules as many"
            )

    def errors(
        self,
        model: Callable[[JointInputs], JointNoise],
        batch: Batch,
        *,
        times: Tensor,
        drops: Drops | None,
        seed: int,
    ) -> Errors:
        """Of a batch at some times (equation 10): the mean over branches, then over objects.

        Args:
            model: a joint denoiser.
            times: (B,) int64 on the CPU, shared by all branches and both modalities of an object.
            drops: what objects are not told.
            seed: of the noise.
        """
        geometry, images = self._noisy(batch, times, seed=seed)
        told = self._told(model, batch, geometry, images, times=times, drops=drops)
        loss = torch.zeros((), device=batch["text"].device)
        found: dict[str, Tensor | None] = {"geometry": None, "images": None}
        for name, noisy, output, weight in (
            ("geometry", geometry, told.geometry, self.config.geometry_weight),
            ("images", images, told.images, self.config.image_weight),
        ):
            if noisy is not None and output is not None:
                known_P = batch["image_known"] if name == "images" else None
                error_B = noisy.error(output, batch["counts"], known_P=known_P)
                loss = loss + weight * (error_B * self._weights(noisy).to(error_B)).mean()
                found[name] = error_B.detach()
        return Errors(loss=loss, **found)

    def estimate(
        self,
        model: Callable[[JointInputs], JointNoise],
        batch: Batch,
        *,
        times: Tensor,
        seed: int,
    ) -> Estimate:
        """The noisy latents of a batch, and the clean ones that the model takes them for."""
        geometry, images = self._noisy(batch, times, seed=seed)
        told = self._told(model, batch, geometry, images, times=times, drops=None)
        return Estimate(
            noisy=JointNoise(
                geometry=None if geometry is None else geometry.sample,
                images=None if images is None else images.sample,
            ),
            clean=JointNoise(
                geometry=None if geometry is None else geometry.clean(told.geometry),
                images=None if images is None else images.clean(told.images),
            ),
        )

    def image_times(self, times: Tensor) -> Tensor:
        """(B,) int64 times of pictures: the same, or as noisy ones."""
        if not self.config.align_by_snr:
            return times
        return matched_times(times, self.geometry, target=self.images)

    def _noisy(
        self, batch: Batch, times: Tensor, *, seed: int
    ) -> tuple[_Noisy | None, _Noisy | None]:
        words = {"places": batch["place"].tolist(), "counts": batch["counts"], "seed": seed}
        image_times = self.image_times(times)
        return (
            _Noisy.of(batch, "geometry", self.geometry, times, kind=GEOMETRY, **words),
            _Noisy.of(batch, "images", self.images, image_times, kind=IMAGES, **words),
        )

    def _told(
        self,
        model: Callable[[JointInputs], JointNoise],
        batch: Batch,
        geometry: _Noisy | None,
        images: _Noisy | None,
        *,
        times: Tensor,
        drops: Drops | None,
    ) -> JointNoise:
        device = batch["text"].device
        image_times = None
        if self.config.align_by_snr and images is not None:
            image_times = images.times.to(device)
        return model(
            joint_inputs(
                batch,
                geometry=None if geometry is None else geometry.sample,
                images=None if images is None else images.sample,
                timesteps=times.to(device),
                image_timesteps=image_times,
                drops=drops,
            )
        )

    def _weights(self, noisy: _Noisy) -> Tensor:
        if self.config.min_snr_gamma is None:
            return torch.ones(len(noisy.times))
        return min_snr_weights(noisy.schedule, noisy.times, gamma=self.config.min_snr_gamma)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Noisy:
    """One modality at its times.

    Attributes:
        sample: (P, …) noisy.
        target: (P, …) what is to be told.
        times: (B,) int64 on the CPU.
        times_P: (P,) the same for each branch.
    """

    sample: Tensor
    target: Tensor
    times: Tensor
    times_P: Tensor
    schedule: NoiseSchedule

    @classmethod
    def of(
        cls,
        batch: Batch,
        name: str,
        schedule: NoiseSchedule,
        times: Tensor,
        *,
        kind: int,
        **words: Any,
    ) -> _Noisy | None:
        clean: Tensor | None = batch[name]
        if clean is None:
            return None
        noise = draw_noise(clean, kind=kind, **words)
        times_P = times.repeat_interleave(torch.tensor(batch["counts"])).to(clean.device)
        return cls(
            sample=schedule.noisy(clean, noise, time=times_P),
            target=schedule.target(clean, noise, time=times_P),
            times=times,
            times_P=times_P,
            schedule=schedule,
        )

    def clean(self, output: Tensor | None) -> Tensor:
        """(P, …) the clean latents that an output of the network means."""
        assert output is not None
        times_P = self.times_P.to(self.sample.device)
        return self.schedule.split(self.sample, output.float(), time=times_P)[0]

    def error(self, output: Tensor, counts: tuple[int, ...], *, known_P: Tensor | None) -> Tensor:
        """(B,) the mean over elements, then over those branches of an object that are known."""
        error_P = (output.float() - self.target).square().flatten(1).mean(dim=1)
        share_P = torch.ones_like(error_P) if known_P is None else known_P.to(error_P)
        sums = [each.sum() for each in torch.split(error_P * share_P, list(counts))]
        numbers = [each.sum() for each in torch.split(share_P, list(counts))]
        return torch.stack(sums) / torch.stack(numbers).clamp(min=1)


def schedule_config(given: str | ScheduleConfig, *, name: str) -> ScheduleConfig:
    """The schedule of a name, or as given.

    Raises:
        UsageError: there is no such name.
    """
    if isinstance(given, ScheduleConfig):
        return given
    if given not in SCHEDULES:
        raise UsageError(f"objective.{name} is {given!r}, expected one of {', '.join(SCHEDULES)}")
    return SCHEDULES[given]
