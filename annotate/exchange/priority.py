"""Which objects to hand out sooner: expected effort, disagreement, balance of categories."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np

from partworks.artifacts.segments import Segments

Order = Literal["easy", "hard"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What the three reasons weigh against each other; each is in [0, 1].

    Attributes:
        ease: by default, easy objects come first, so that an hour of reviewing yields the most
            objects; negative for the hardest first.
        balance: the first objects of every category come before the later ones of any.
        disagreement: of an object on which reviewers have disagreed before.
    """

    ease: float = 1.0
    balance: float = 0.5
    disagreement: float = 1.0

    @classmethod
    def of(cls, order: Order) -> Weights:
        """Easy or hard objects first."""
        return cls(ease=1.0 if order == "easy" else -1.0)


def expected_effort(segments: Segments) -> float:
    """How many corrections an object may need, from how unsure its merge tree is.

    A height is how sure the segmenter is that two sides are different parts, so the smaller of a
    height and its rest to one is how likely the tree is wrong about this border, however it is cut.
    """
    height = np.clip(segments.merge_height.astype(np.float64), 0, 1)
    return float(np.minimum(height, 1 - height).sum())


class Priorities:
    """Priorities of objects in the order in which they are added; remembers categories.

    Args:
        weights: of the reasons.
        known: category -> objects that the queue has already.
    """

    def __init__(self, weights: Weights, *, known: Counter[str] | None = None) -> None:
        self._weights = weights
        self._seen = Counter(known or {})

    def of(self, segments: Segments, *, category: str, disagreed: bool) -> float:
        """The next object's priority, rounded so that databases agree on ties."""
        rank = self._seen[category]
        self._seen[category] += 1
        found = (
            self._weights.ease / (1 + expected_effort(segments))
            + self._weights.balance / (1 + rank)
            + self._weights.disagreement * disagreed
        )
        return round(found, 6)
