"""In which order the parts of an object are sampled, where there are more than fit at once.

CoPart, section 4.3 and supplement: the biggest boxes first, then a few at a time beside parts that
are there already and stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Parts that are in the network at once, rows of the layout, ascending.

    Attributes:
        new: are sampled.
        kept: were before, and are shown to the new ones.
    """

    new: tuple[int, ...]
    kept: tuple[int, ...]

    @property
    def rows(self) -> tuple[int, ...]:
        """All of them, ascending."""
        return tuple(sorted(self.new + self.kept))


def plan_rounds(
    boxes: NDArray[Any], *, slots: int = 8, kept: int = 5, done: Collection[int] = ()
) -> list[Round]:
    """Rounds that sample each part that is not done exactly once.

    The first has as many new parts as fit; later ones keep at least `kept`, and more where there
    are fewer new ones: those nearest to the new boxes, the larger ones of equally near ones.

    Args:
        boxes: (N, 2, 3) lower and upper corners.
        slots: parts that fit at once.
        kept: 1 to `slots - 1`; CoPart has 5 to 7 of 8.
        done: parts that are there already, as in editing.
    """
    if slots < 2 or not 1 <= kept < slots:
        raise ValueError(
            f"{kept} of {slots} parts are to be kept; expected 1 or more, and fewer than all"
        )
    area = _areas(boxes)
    there = set(done)
    todo = sorted(set(range(len(boxes))) - there, key=lambda row: (-area[row], row))
    rounds = []
    while todo:
        room = slots - min(kept, len(there))
        # Where all fit, nothing is left out.
        if len(todo) + len(there) <= slots:
            room = len(todo)
        new, todo = todo[:room], todo[room:]
        gap = _gaps(boxes, new)
        near = sorted(there, key=lambda row: (gap[row], -area[row], row))
        held = near[: slots - len(new)]
        rounds.append(Round(new=tuple(sorted(new)), kept=tuple(sorted(held))))
        there |= set(new)
    return rounds


def _areas(boxes: NDArray[Any]) -> Float64:
    """(N,) of the boxes' surfaces."""
    x, y, z = (np.asarray(boxes, np.float64)[:, 1] - boxes[:, 0]).T
    areas: Float64 = x * y + y * z + z * x
    return areas


def _gaps(boxes: NDArray[Any], new: list[int]) -> Float64:
    """(N,) distance of each box from the nearest of some, 0 where they touch."""
    low, high = np.asarray(boxes[:, None], np.float64).transpose(2, 0, 1, 3)
    apart = np.maximum(low - boxes[new, 1], boxes[new, 0] - high).clip(min=0)
    gaps: Float64 = np.linalg.norm(apart, axis=-1).min(axis=1)
    return gaps
