"""Objects that are copies of others, exact or near: one of each stays.

The one that stays is of the freest licence among its copies, and of the smallest uid among those.
Who stays is decided one after another in that order; an object goes only if it is a copy of one
that stays, so no chain of ever less similar objects forms, and the order in which objects were
brought in does not count.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.judge.coding import STEP, decode_colors, decode_shape
from ingest.judge.config import JudgeConfig
from ingest.judge.measure import MARK
from ingest.judge.neighbours import near_pairs
from partworks.records import Attempt

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

_FREEDOM = (
    re.compile(r"(CC0|CC-PDDC|PDDL|Unlicense|0BSD|MIT-0)\b"),
    re.compile(r"(CC-BY|MIT|Apache|BSD|ISC|Zlib|BSL|Python)(-[0-9]|$)"),
    re.compile(r"CC-BY-SA(-[0-9]|$)"),
)
"""Freest first; what is none of them comes after, and an unknown licence last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """An object that goes: the reason, and the uid of the one that stays for it."""

    reason: str
    of: str

    @property
    def message(self) -> str:
        """For people."""
        kind = "the same as" if self.reason == "exact_duplicate" else "nearly the same as"
        return f"{kind} object {self.of}"


def find_copies(attempts: Sequence[Attempt], config: JudgeConfig) -> dict[str, Copy]:
    """uid -> what it is a copy of, for the objects that go.

    Args:
        attempts: measured, of no other fault.
        config: the tolerances.
    """
    ordered = sorted(attempts, key=lambda each: (freedom(each), each.uid))
    copies: dict[str, Copy] = {}
    if config.exact_duplicates == "reject":
        copies |= _exact(ordered)
    if config.near_duplicates == "reject":
        copies |= _near([each for each in ordered if each.uid not in copies], config)
    return copies


def freedom(attempt: Attempt) -> int:
    """How much an object's licence asks for; less is freer, and an unknown one is worst."""
    licence = str(attempt.metrics.get("licence", "unknown"))
    ranks = (rank for rank, names in enumerate(_FREEDOM) if names.match(licence))
    return next(ranks, len(_FREEDOM) + (licence == "unknown"))


def _exact(ordered: Sequence[Attempt]) -> dict[str, Copy]:
    """Copies by the hash of the source bytes, or of geometry and appearance."""
    first: dict[str, str] = {}
    copies: dict[str, Copy] = {}
    for attempt in ordered:
        keys = [str(attempt.metrics["content"])]
        keys += [each.sha256 for each in attempt.outputs if each.path.startswith("sources/")]
        known = next((first[key] for key in keys if key in first), None)
        if known is not None:
            copies[attempt.uid] = Copy(reason="exact_duplicate", of=known)
        for key in keys:
            first.setdefault(key, known or attempt.uid)
    return copies


def _near(ordered: Sequence[Attempt], config: JudgeConfig) -> dict[str, Copy]:
    known = [
        (attempt, shape)
        for attempt in ordered
        if (shape := decode_shape(str(attempt.metrics[MARK]))) is not None
    ]
    if not known:
        return {}
    places, place = np.unique(np.stack([shape for _, shape in known]), axis=0, return_inverse=True)
    place = place.ravel()
    starts, neighbours = _neighbours(
        len(places), near_pairs(places, within=config.shape_tolerance / STEP)
    )
    # Most places have one object and no neighbour; there is nothing to be decided there.
    lively = (np.bincount(place) > 1) | (np.diff(starts) > 0)
    stays: dict[int, list[int]] = {}  # place -> rows that stay there
    copies: dict[str, Copy] = {}
    for row in np.flatnonzero(lively[place]).tolist():
        attempt, here = known[row][0], int(place[row])
        around = (here, *neighbours[starts[here] : starts[here + 1]].tolist())
        rivals = sorted(other for spot in around for other in stays.get(spot, ()))
        others = (known[other][0] for other in rivals)
        original = next((other for other in others if _alike(attempt, other, config)), None)
        if original is None:
            stays.setdefault(here, []).append(row)
        else:
            copies[attempt.uid] = Copy(reason="near_duplicate", of=original.uid)
    return copies


def _alike(one: Attempt, other: Attempt, config: JudgeConfig) -> bool:
    """Whether objects of one shape may be told apart by nothing else.

    A recoloured copy is a copy. Only a shape that says nothing of its own, such as a box, leaves it
    to the colours.
    """
    plain = min(float(each.metrics["convexity"]) for each in (one, other))
    if plain < config.plain_convexity:
        return True
    first, second = (decode_colors(str(each.metrics["colors"])) for each in (one, other))
    if first is None or second is None:
        return True
    return bool(np.abs(first - second).sum() / 2 <= config.appearance_tolerance)


def _neighbours(count: int, pairs: Int64) -> tuple[Int64, Int64]:
    """Starts (count + 1,) and the neighbours of each place, one place after another."""
    both = np.concatenate([pairs, pairs[:, ::-1]])
    both = both[np.lexsort(both.T[::-1])]
    starts = np.searchsorted(both[:, 0], np.arange(count + 1))
    return starts, both[:, 1]
