"""Latents of whole objects: rounds of many of them in shared passes.

A part is sampled in one round and kept in all later ones (CoPart, section 4.3); in editing, what is
not edited is kept from the start (section 4.1). The whole is sampled anew in every round, beside
the wireframes of all boxes, and that of the last is the object's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from train.sampling.conditioning import ObjectConditions, object_conditions, packed_conditions
from train.sampling.config import SamplingConfig
from train.sampling.denoising import Held, Latents, sample_latents
from train.sampling.generator import Generator
from train.sampling.layout import Layout
from train.sampling.rounds import Round, plan_rounds

Progress = Callable[[int, int], None]
"""Is called with the steps that are done, and with all of them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ObjectLatents:
    """Of an object.

    Attributes:
        parts: of its N parts, in the layout's order.
        whole: of one branch, the global one.
    """

    parts: Latents
    whole: Latents


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """An object to be made.

    Attributes:
        layout: of all its parts.
        kept: rows of the parts that stay as they are.
        latents: of all N parts, those that are not kept of no meaning; None if nothing is kept.
    """

    layout: Layout
    kept: tuple[int, ...] = ()
    latents: Latents | None = None

    def __post_init__(self) -> None:
        count = len(self.layout.parts)
        if self.kept and (self.latents is None or len(self.latents) != count):
            raise ValueError(f"parts are kept; give the latents of all {count} parts")
        if len(set(self.kept)) >= count:
            raise ValueError("all parts are kept, so there is nothing to sample")


@dataclass(slots=True, kw_only=True, eq=False)
class _Ongoing:
    """An object that is being made."""

    conditions: ObjectConditions
    rounds: list[Round]
    done: dict[int, Latents] = field(default_factory=dict)
    whole: Latents | None = None

    def row(self, row: int, like: Latents) -> Latents:
        """The latents of a part, or some of no meaning where it has none yet."""
        return self.done.get(row, like)


def generate(
    generator: Generator,
    tasks: Sequence[Task],
    *,
    config: SamplingConfig,
    progress: Progress | None = None,
) -> list[ObjectLatents]:
    """The latents of objects; each gets what it would have got alone, but for rounding.

    Args:
        progress: told of each step of each batch.
    """
    ongoing = [_begun(generator, task, config=config) for task in tasks]
    batches = list(_batches(ongoing, limit=config.batch_branches))
    for number, batch in enumerate(batches):
        _run(
            generator,
            batch,
            config=config,
            progress=None
            if progress is None
            else _counter(progress, number * config.steps, total=len(batches) * config.steps),
        )
    return [_finished(each) for each in ongoing]


def _begun(generator: Generator, task: Task, *, config: SamplingConfig) -> _Ongoing:
    conditions = object_conditions(generator, task.layout, points=config.box_points)
    ongoing = _Ongoing(
        conditions=conditions,
        rounds=plan_rounds(
            task.layout.fitted_boxes, slots=config.slots, kept=config.kept, done=task.kept
        ),
    )
    for row in task.kept:
        assert task.latents is not None
        ongoing.done[row] = _on(task.latents.rows([row]), generator.device)
    return ongoing


def _batches(ongoing: Sequence[_Ongoing], *, limit: int) -> Iterator[list[tuple[_Ongoing, Round]]]:
    """Rounds in order, those of one number of several objects together."""
    for number in range(max((len(each.rounds) for each in ongoing), default=0)):
        batch: list[tuple[_Ongoing, Round]] = []
        size = 0
        for each in ongoing:
            if number >= len(each.rounds):
                continue
            branches = len(each.rounds[number].rows) + 1
            if batch and size + branches > limit:
                yield batch
                batch, size = [], 0
            batch.append((each, each.rounds[number]))
            size += branches
        if batch:
            yield batch


def _run(
    generator: Generator,
    batch: list[tuple[_Ongoing, Round]],
    *,
    config: SamplingConfig,
    progress: Callable[[], None] | None,
) -> None:
    conditions = packed_conditions(generator, [(each.conditions, turn) for each, turn in batch])
    found = sample_latents(
        generator,
        conditions,
        config=config,
        held=_held(generator, batch),
        progress=progress,
    )
    start = 0
    for each, turn in batch:
        for place, row in enumerate(turn.rows):
            if row in turn.new:
                each.done[row] = found.rows([start + place])
        start += len(turn.rows) + 1
        each.whole = found.rows([start - 1])


def _held(generator: Generator, batch: list[tuple[_Ongoing, Round]]) -> Held | None:
    """What stays in a batch of rounds; None if nothing does."""
    if not any(turn.kept for _, turn in batch):
        return None
    nothing = _nothing(generator)
    rows: list[Latents] = []
    mask: list[bool] = []
    for each, turn in batch:
        rows += [*(each.row(row, nothing) for row in turn.rows), nothing]
        mask += [*(row in turn.kept for row in turn.rows), False]
    return Held(
        mask=torch.tensor(mask, device=generator.device),
        latents=Latents.joined(rows),
    )


def _nothing(generator: Generator) -> Latents:
    sizes = generator.sizes

    def zeros(size: tuple[int, ...] | None) -> Tensor | None:
        return None if size is None else torch.zeros(1, *size, device=generator.device)

    return Latents(geometry=zeros(sizes.geometry), images=zeros(sizes.images))


def _finished(ongoing: _Ongoing) -> ObjectLatents:
    assert ongoing.whole is not None
    parts = Latents.joined([ongoing.done[row] for row in sorted(ongoing.done)])
    return ObjectLatents(parts=parts, whole=ongoing.whole)


def _on(latents: Latents, device: torch.device) -> Latents:
    return Latents(
        geometry=None if latents.geometry is None else latents.geometry.to(device).float(),
        images=None if latents.images is None else latents.images.to(device).float(),
    )


def _counter(progress: Progress, done: int, *, total: int) -> Callable[[], None]:
    def step() -> None:
        nonlocal done
        done += 1
        progress(done, total)

    return step
