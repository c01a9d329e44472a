"""Whether what was made follows what was told: boxes, captions, and the rest of the object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from train.metrics.boxes import box_following
from train.sampling.layout import Layout
from train.study.generator import StudyGenerator
from train.study.objects import MadeObject
from train.study.sampled import Sampled, sampled

Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A mean over objects, and its standard error."""

    mean: float
    error: float
    objects: int

    @classmethod
    def of(cls, values: Sequence[float] | Float64) -> Measure:
        """Of a number for each object; 0 objects have no mean."""
        count = len(values)
        spread = float(np.std(values, ddof=1)) / sqrt(count) if count > 1 else float("nan")
        return cls(
            mean=float(np.mean(values)) if count else float("nan"), error=spread, objects=count
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Made:
    """All that one network made of some objects, with the same noise each time.

    Attributes:
        plain: as they were told.
        swapped: the captions of two parts exchanged, for objects with a pair of `swappable`.
        pairs: these objects' rows, and the rows of the two parts.
        other_boxes: told the boxes of another object.
        others: the row of that object.
    """

    plain: list[Sampled]
    swapped: list[Sampled]
    pairs: list[tuple[int, int, int]]
    other_boxes: list[Sampled]
    others: list[int]


def make(generator: StudyGenerator, objects: Sequence[MadeObject], *, seed: int) -> Made:
    """Sample objects as they are, with captions swapped, and with others' boxes."""
    pairs = [(row, *pair) for row, made in enumerate(objects) if (pair := swappable(made))]
    others = other_objects(objects)
    return Made(
        plain=sampled(generator, [made.layout for made in objects], seed=seed),
        swapped=sampled(
            generator,
            [objects[row].swapped(first, second).layout for row, first, second in pairs],
            seed=seed,
        ),
        pairs=pairs,
        other_boxes=sampled(
            generator,
            [
                with_boxes(made, objects[other]).layout
                for made, other in zip(objects, others, strict=True)
            ],
            seed=seed,
        ),
        others=others,
    )


def swappable(made: MadeObject) -> tuple[int, int] | None:
    """The first two parts that differ in both colour and kind, if there are any."""
    for first, one in enumerate(made.parts):
        for second, two in enumerate(made.parts[:first]):
            if one.color != two.color and one.kind != two.kind:
                return second, first
    return None


def other_objects(objects: Sequence[MadeObject]) -> list[int]:
    """For each object the next one, in a circle, with as many parts."""
    rows: dict[int, list[int]] = {}
    for row, made in enumerate(objects):
        rows.setdefault(len(made.parts), []).append(row)
    found = {
        row: same[(place + 1) % len(same)]
        for same in rows.values()
        for place, row in enumerate(same)
    }
    return [found[row] for row in range(len(objects))]


def with_boxes(made: MadeObject, other: MadeObject) -> MadeObject:
    """An object in another's boxes."""
    return replace(made, boxes=other.boxes)


def measures(objects: Sequence[MadeObject], made: Made) -> dict[str, Measure]:
    """Name to measure.

    | name | of an object |
    |---|---|
    | box_iou | mean over parts: IoU of the part's box and the box that it was told |
    | box_iou_shuffled | the same of what was made in another object's boxes |
    | box_iou_told | of the latter, against the boxes that were told |
    | color, kind | share of parts whose caption is right |
    | shade | share of parts as dark as the whole's caption says |
    | shade_spread | mean distance of the parts' brightnesses from their mean |
    | taper_spread | mean distance of the parts' tapers from their mean |
    | pair_before | 1 if both parts of a pair are as their captions say |
    | pair_swapped | 1 if both are as the swapped captions say |
    | pair_unmoved | 1 if both still are as the captions before the swap said |
    """
    found = {
        **_of_boxes(objects, made),
        **_of_looks(objects, made.plain),
        **_of_pairs(objects, made),
    }
    return {name: Measure.of(each) for name, each in found.items()}


def _of_boxes(objects: Sequence[MadeObject], made: Made) -> dict[str, list[float]]:
    own = [each.layout for each in objects]
    return {
        "box_iou": [_box_iou(*each) for each in zip(made.plain, own, strict=True)],
        "box_iou_shuffled": [_box_iou(*each) for each in zip(made.other_boxes, own, strict=True)],
        "box_iou_told": [_box_iou(each, each.layout) for each in made.other_boxes],
    }


def _of_looks(objects: Sequence[MadeObject], plain: Sequence[Sampled]) -> dict[str, list[float]]:
    names = ("color", "kind", "shade", "shade_spread", "taper_spread")
    values: dict[str, list[float]] = {name: [] for name in names}
    for found, own in zip(plain, objects, strict=True):
        told = [part.text.split() for part in own.parts]
        seen = [look.text.split() for look in found.looks]
        same = np.array(seen) == np.array(told)
        shades = np.array([look.brightness for look in found.looks])
        tapers = np.array([look.solid.taper for look in found.looks])
        values["color"].append(float(same[:, 0].mean()))
        values["kind"].append(float(same[:, 1].mean()))
        values["shade"].append(
            float(np.mean([look.is_dark == own.is_dark for look in found.looks]))
        )
        values["shade_spread"].append(float(np.abs(shades - shades.mean()).mean()))
        values["taper_spread"].append(float(np.abs(tapers - tapers.mean()).mean()))
    return values


def _of_pairs(objects: Sequence[MadeObject], made: Made) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {"pair_before": [], "pair_swapped": [], "pair_unmoved": []}
    for after, (row, *pair) in zip(made.swapped, made.pairs, strict=True):
        own = objects[row].layout
        values["pair_before"].append(_as_told(made.plain[row], own, rows=pair))
        values["pair_swapped"].append(_as_told(after, after.layout, rows=pair))
        values["pair_unmoved"].append(_as_told(after, own, rows=pair))
    return values


def _box_iou(found: Sampled, layout: Layout) -> float:
    ious = [
        box_following(look.solid.mesh(), box)
        for look, box in zip(found.looks, layout.fitted_boxes, strict=True)
    ]
    return float(np.mean(ious))


def _as_told(found: Sampled, layout: Layout, *, rows: Sequence[int]) -> float:
    return float(all(found.looks[row].text == layout.parts[row].text for row in rows))
