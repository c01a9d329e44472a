"""Review effort: what a reviewer has to do to get from segments to the true parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.evaluation.overlap import Overlap

SPLIT_COST = 3
"""A split is as much work as so many merges: a cut has to be drawn, a merge is one click."""

PART_SHARE = 0.10
SEGMENT_SHARE = 0.02
"""A segment holds a true part if it has this share of the part's area, and if the part has this
share of the segment's: slivers along a border are not worth a cut."""

_SLACK = 1 - 1e-9  # sums of areas that meet a share exactly may fall short by a rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """Operations between segments and truth.

    Attributes:
        merges: for each true part, the segments that it owns beyond one, summed.
        splits: for each segment, the true parts that it holds beyond one, summed.
    """

    merges: int
    splits: int

    @property
    def total(self) -> int:
        """The review effort: merges + 3 × splits."""
        return self.merges + SPLIT_COST * self.splits


def review_effort(overlap: Overlap) -> Effort:
    """Count the merges and splits from segments to true parts.

    Every overlap is measured by area. The owner of a segment is the true part of largest overlap,
    of equal ones the first; a segment without area has none and costs nothing.
    """
    count = len(overlap.segment_area)
    held = holds(
        overlap.area, overlap.segment_area[overlap.segment], overlap.part_area[overlap.part]
    )
    splits = np.maximum(np.bincount(overlap.segment[held], minlength=count) - 1, 0).sum()
    owner = _owners(overlap)
    return Effort(merges=len(owner) - len(np.unique(owner)), splits=int(splits))


def holds(
    shared: NDArray[Any], segment_area: NDArray[Any], part_area: NDArray[Any]
) -> NDArray[np.bool_]:
    """Whether segments really hold parts, elementwise with broadcasting."""
    enough = (shared >= PART_SHARE * _SLACK * part_area) & (
        shared >= SEGMENT_SHARE * _SLACK * segment_area
    )
    return np.asarray(enough & (shared > 0))


def _owners(overlap: Overlap) -> NDArray[np.int64]:
    """The owners of the segments that have one."""
    some = overlap.area > 0
    segment, part, area = overlap.segment[some], overlap.part[some], overlap.area[some]
    order = np.lexsort((part, -area, segment))
    segment, part = segment[order], part[order]
    first = np.ones(len(segment), bool)
    first[1:] = segment[1:] != segment[:-1]
    return np.asarray(part[first])
