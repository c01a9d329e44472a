"""What the study found, as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

from train.study.config import StudyConfig
from train.study.following import Measure
from train.study.learning import Errors

DIGITS = 6

TITLES: Mapping[str, str] = {
    "box_iou": "IoU of a part's box and the box it was told",
    "box_iou_shuffled": "the same, made in another object's boxes (control)",
    "box_iou_told": "of these, IoU with the boxes that were told",
    "color": "parts in the colour of their caption",
    "kind": "parts of the kind of their caption",
    "shade": "parts as dark as the caption of the whole says",
    "shade_spread": "how far brightnesses of an object's parts lie from their mean",
    "taper_spread": "how far tapers of an object's parts lie from their mean",
    "pair_before": "pairs as their captions say",
    "pair_swapped": "captions swapped: pairs as the swapped captions say",
    "pair_unmoved": "captions swapped: pairs still as before (control)",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Side:
    """One of the two networks.

    Attributes:
        weights: how many it has.
        seconds: that its training took.
        errors: on the held-out objects.
        measures: of what it made; see `train.study.following.measures`.
    """

    weights: int
    seconds: float
    errors: Errors
    measures: Mapping[str, Measure]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Findings:
    """All that was found.

    Attributes:
        config: of the study.
        joint: all branches and both modalities together.
        independent: each for itself.
    """

    config: StudyConfig
    joint: Side
    independent: Side

    @property
    def losses(self) -> dict[str, tuple[Measure, Measure, Measure]]:
        """Loss -> of joint, of independent, and their difference, object by object."""
        ours, theirs = self.joint.errors, self.independent.errors
        pairs = {
            "geometry": (ours.geometry, theirs.geometry),
            "images": (ours.images, theirs.images),
            "both": (ours.both, theirs.both),
        }
        return {
            name: (Measure.of(one), Measure.of(two), Measure.of(one - two))
            for name, (one, two) in pairs.items()
        }

    @property
    def failures(self) -> list[str]:
        """What the study is to show and does not: margins are of two standard errors."""
        difference, found = self.losses["both"][2], self.joint.measures
        iou, control = found["box_iou"], found["box_iou_shuffled"]
        claims = {
            "the joint loss is below that of independent branches": difference.mean
            < -2 * difference.error,
            "box-following IoU is above 0.5": iou.mean > 0.5,
            "box-following IoU is above that of shuffled boxes": iou.mean - 2 * iou.error
            > control.mean + 2 * control.error,
            "swapped captions swap more than half of the pairs": found["pair_swapped"].mean > 0.5,
        }
        return [claim for claim, holds in claims.items() if not holds]

    def markdown(self) -> str:
        """Two tables."""
        lines = [
            "| held-out loss | joint | independent | joint - independent |",
            "|---|---:|---:|---:|",
        ]
        for name, (ours, theirs, difference) in self.losses.items():
            lines.append(
                f"| {name} | {ours.mean:.4f} | {theirs.mean:.4f} |"
                f" {difference.mean:+.4f} ± {difference.error:.4f} |"
            )
        lines += ["", "| of what was made | joint | independent |", "|---|---:|---:|"]
        for name, title in TITLES.items():
            cells = (_cell(side.measures[name]) for side in (self.joint, self.independent))
            lines.append(f"| {title} | {' | '.join(cells)} |")
        return "\n".join(lines) + "\n"

    def to_json(self) -> str:
        """The same with settings; times are left out, so that equal numbers give equal text."""
        tree: dict[str, Any] = {
            "config": asdict(self.config),
            "losses": {
                name: dict(
                    zip(("joint", "independent", "difference"), map(_plain, each), strict=True)
                )
                for name, each in self.losses.items()
            },
            **{
                name: {
                    "weights": side.weights,
                    "measures": {key: _plain(each) for key, each in side.measures.items()},
                }
                for name, side in (("joint", self.joint), ("independent", self.independent))
            },
            "failures": self.failures,
        }
        return json.dumps(tree, indent=2, allow_nan=False) + "\n"


def _cell(measure: Measure) -> str:
    return f"{measure.mean:.3f} ± {measure.error:.3f}"


def _plain(measure: Measure) -> dict[str, float | int | None]:
    return {
        "mean": _number(measure.mean),
        "error": _number(measure.error),
        "objects": measure.objects,
    }


def _number(value: float) -> float | None:
    return float(f"{value:.{DIGITS}g}") if isfinite(value) else None
