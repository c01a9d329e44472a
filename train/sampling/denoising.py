"""The loop: geometry and pictures of all branches, from noise to clean latents in lock step.

Branches that are kept (CoPart, equations 12 and 13) enter every pass as their own latents with
fresh noise of its time, and leave the loop as they came.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import torch
from torch import Tensor

from train.models.joint.inputs import JointInputs
from train.sampling.config import SamplingConfig
from train.sampling.generator import Generator, TextFeatures
from train.sampling.randomness import GEOMETRY, HELD, IMAGES, START, STEP, branch_noise
from train.schedules.ddim import ddim_step
from train.schedules.discrete import FINAL, NoiseSchedule
from train.schedules.guidance import doubly_guided
from train.schedules.matching import matched_times

Progress = Callable[[], None]
"""Is called after each step."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Latents:
    """Of some branches; None for a modality that the network has not.

    Attributes:
        geometry: (P, T, D) float32.
        images: (P, V, 4, h, w) float32.
    """

    geometry: Tensor | None
    images: Tensor | None

    def __len__(self) -> int:
        some = self.geometry if self.geometry is not None else self.images
        return 0 if some is None else len(some)

    def rows(self, rows: Sequence[int] | slice) -> Latents:
        """Those of some branches."""
        chosen = rows if isinstance(rows, slice) else list(rows)
        return Latents(
            geometry=None if self.geometry is None else self.geometry[chosen],
            images=None if self.images is None else self.images[chosen],
        )

    @staticmethod
    def joined(each: Sequence[Latents]) -> Latents:
        """The branches of several, one after another."""
        geometry = [one.geometry for one in each if one.geometry is not None]
        images = [one.images for one in each if one.images is not None]
        return Latents(
            geometry=torch.cat(geometry) if geometry else None,
            images=torch.cat(images) if images else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conditions:
    """What the branches of some objects are told; see `JointInputs`.

    Attributes:
        names: (P) of branches, which seed their noise.
        counts: branches of each object, its whole among them, last.
        text: of each branch.
        dropped_text: of "", for each branch.
        boxes: (P, Tb, D) tokens, unused in wholes, or None.
        box_images: (B, V, 4, h, w), or None.
    """

    names: tuple[str, ...]
    counts: tuple[int, ...]
    text: TextFeatures
    dropped_text: TextFeatures
    boxes: Tensor | None
    box_images: Tensor | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Held:
    """Branches that stay as they are.

    Attributes:
        mask: (P,) bool, which they are.
        latents: of all P branches; those that are not kept are of no meaning.
    """

    mask: Tensor
    latents: Latents


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Modality:
    """One of the two, on its way."""

    schedule: NoiseSchedule
    times: tuple[int, ...]
    size: tuple[int, ...]
    word: int
    scale: float
    clean: Tensor | None


@torch.no_grad()
def sample_latents(
    generator: Generator,
    conditions: Conditions,
    *,
    config: SamplingConfig,
    held: Held | None = None,
    progress: Progress | None = None,
) -> Latents:
    """Clean latents of all branches.

    Args:
        held: what stays as it is; its rows are in the result bit by bit.
        progress: told of each step.
    """
    geometry, images = _modalities(generator, config=config, held=held)
    draws = _Draws(conditions.names, seed=config.seed, device=generator.device)
    states = {
        each.word: draws.noise(each, use=START, time=0)
        for each in (geometry, images)
        if each is not None
    }
    for step in range(config.steps):
        for each in (geometry, images):
            if each is not None and held is not None:
                states[each.word] = _with_held(
                    states[each.word], each, held.mask, draws=draws, time=each.times[step]
                )
        outputs = _guided_outputs(
            generator,
            _inputs(generator, conditions, states, geometry, images, step=step),
            conditions=conditions,
            config=config,
        )
        for each in (geometry, images):
            if each is not None:
                states[each.word] = ddim_step(
                    each.schedule,
                    states[each.word],
                    output=outputs[each.word].float(),
                    time=each.times[step],
                    previous=each.times[step + 1],
                    eta=config.eta,
                    noise=draws.noise(each, use=STEP, time=each.times[step])
                    if config.eta
                    else None,
                ).sample
        if progress is not None:
            progress()
    for each in (geometry, images):
        if each is not None and held is not None and each.clean is not None:
            states[each.word] = _chosen(held.mask, each.clean, states[each.word])
    return Latents(geometry=states.get(GEOMETRY), images=states.get(IMAGES))


class _Draws:
    """The noise of some branches."""

    def __init__(self, names: Sequence[str], *, seed: int, device: torch.device) -> None:
        self._names, self._seed, self._device = names, seed, device

    def noise(self, modality: _Modality, *, use: int, time: int) -> Tensor:
        return branch_noise(
            modality.size,
            names=self._names,
            seed=self._seed,
            use=use,
            modality=modality.word,
            time=time,
            device=self._device,
        )


def _modalities(
    generator: Generator, *, config: SamplingConfig, held: Held | None
) -> tuple[_Modality | None, _Modality | None]:
    sizes, schedule = generator.sizes, generator.geometry_schedule
    leading = schedule if sizes.geometry is not None else generator.image_schedule
    times = leading.sampling_times(config.steps)
    image_times = times
    if config.align_by_snr and sizes.geometry is not None:
        matched = matched_times(torch.tensor(times), schedule, target=generator.image_schedule)
        # Where the schedules are too unlike to have as many times, none comes twice.
        image_times = _falling(matched.tolist())
    geometry = images = None
    if sizes.geometry is not None:
        geometry = _Modality(
            schedule=schedule,
            times=(*times, FINAL),
            size=sizes.geometry,
            word=GEOMETRY,
            scale=config.geometry_scale,
            clean=None if held is None else held.latents.geometry,
        )
    if sizes.images is not None:
        images = _Modality(
            schedule=generator.image_schedule,
            times=(*image_times, FINAL),
            size=sizes.images,
            word=IMAGES,
            scale=config.image_scale,
            clean=None if held is None else held.latents.images,
        )
    return geometry, images


def _falling(times: list[int]) -> list[int]:
    """The same times, moved down as far as each must be to lie below the one before it."""
    moved = [times[0]]
    for time in times[1:]:
        moved.append(min(time, moved[-1] - 1))
    if moved[-1] < 0:
        # And back up from the end, where there was no room.
        moved = [max(time, len(moved) - 1 - place) for place, time in enumerate(moved)]
    assert all(first > second for first, second in pairwise(moved))
    return moved


def _with_held(
    state: Tensor, modality: _Modality, mask: Tensor, *, draws: _Draws, time: int
) -> Tensor:
    """The state with its kept branches as noisy as the rest (CoPart, equation 12)."""
    if modality.clean is None:
        return state
    noise = draws.noise(modality, use=HELD, time=time)
    return _chosen(mask, modality.schedule.noisy(modality.clean, noise, time=time), state)


def _chosen(mask: Tensor, kept: Tensor, state: Tensor) -> Tensor:
    return torch.where(mask.reshape(-1, *[1] * (state.ndim - 1)), kept, state)


def _inputs(
    generator: Generator,
    conditions: Conditions,
    states: dict[int, Tensor],
    geometry: _Modality | None,
    images: _Modality | None,
    *,
    step: int,
) -> JointInputs:
    leading = geometry or images
    assert leading is not None

    def of_objects(modality: _Modality) -> Tensor:
        time = torch.tensor(modality.times[step], device=generator.device)
        return time.expand(len(conditions.counts))

    apart = images is not None and images.times != leading.times
    return JointInputs(
        geometry=states.get(GEOMETRY),
        images=states.get(IMAGES),
        timesteps=of_objects(leading),
        image_timesteps=of_objects(images) if images is not None and apart else None,
        text=conditions.text.tokens,
        text_mask=conditions.text.mask,
        boxes=conditions.boxes,
        box_images=conditions.box_images,
        counts=conditions.counts,
    )


def _guided_outputs(
    generator: Generator, full: JointInputs, *, conditions: Conditions, config: SamplingConfig
) -> dict[int, Tensor]:
    """Modality to what the network tells, after guidance; as few passes as the scales need."""
    scales = {GEOMETRY: config.geometry_scale, IMAGES: config.image_scale}
    dropped = conditions.dropped_text
    boxed = replace(full, text=dropped.tokens, text_mask=dropped.mask)
    both = _outputs(generator, full)
    if all(scales[word] == 1 for word in both) and config.box_scale == 1:
        return both
    boxes = _outputs(generator, boxed)
    free = boxes if config.box_scale == 1 else _outputs(generator, boxed.without_boxes())
    return {
        word: doubly_guided(
            free[word],
            boxes[word],
            both[word],
            first_scale=config.box_scale,
            second_scale=scales[word],
        )
        for word in both
    }


def _outputs(generator: Generator, inputs: JointInputs) -> dict[int, Tensor]:
    noise = generator.denoise(inputs)
    found = {GEOMETRY: noise.geometry, IMAGES: noise.images}
    # Guidance magnifies what half precision rounds off.
    return {word: output.float() for word, output in found.items() if output is not None}
