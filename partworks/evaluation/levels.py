"""All cuts of a merge tree at once: what each measure is at every position of the slider.

Level r of a tree with S leaves is what r merges leave, S - r groups; there are S levels. A node is
there from the merge that makes it to the merge that consumes it, so a measure that is a sum or a
maximum over groups needs every node once: it is added to the levels of the node's life.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.segments import Segments
from partworks.evaluation.effort import SPLIT_COST, holds
from partworks.evaluation.overlap import Overlap, intersection_over_union
from partworks.evaluation.rand import rand_error_of

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lifetimes:
    """The levels at which each of 2 S - 1 nodes is there: `birth <= level < death`, int64."""

    birth: Int64
    death: Int64

    @property
    def levels(self) -> int:
        """S, the number of levels."""
        return int(self.death[-1])


def lifetimes(segments: Segments) -> Lifetimes:
    """When each node of a tree is made and consumed; leaves are there from level 0."""
    count = segments.count
    birth = np.concatenate([np.zeros(count, np.int64), np.arange(1, count)])
    death = np.full(2 * count - 1, count, np.int64)
    death[segments.merge_children.reshape(-1)] = np.repeat(np.arange(1, count), 2)
    return Lifetimes(birth=birth, death=death)


def node_rows(leaves: NDArray[Any], segments: Segments) -> NDArray[Any]:
    """(2 S - 1, …): the rows of the leaves (S, …), then those of inner nodes, sums of two."""
    count = segments.count
    rows = np.zeros((2 * count - 1, *leaves.shape[1:]), leaves.dtype)
    rows[:count] = leaves
    for row, (left, right) in enumerate(segments.merge_children.tolist()):
        rows[count + row] = rows[left] + rows[right]
    return rows


def level_sums(values: NDArray[Any], lives: Lifetimes) -> NDArray[Any]:
    """(S,): at each level the sum of the values (2 S - 1,) of the nodes that are there."""
    change = np.zeros(lives.levels + 1, values.dtype)
    np.add.at(change, lives.birth, values)
    np.subtract.at(change, lives.death, values)
    return np.asarray(np.cumsum(change)[:-1])


def level_maxima(values: NDArray[Any], lives: Lifetimes) -> NDArray[Any]:
    """(S, T): at each level the largest of the values (2 S - 1, T), not negative, in a column."""
    best = np.zeros((lives.levels, values.shape[1]), values.dtype)
    for row, start, stop in zip(values, lives.birth.tolist(), lives.death.tolist(), strict=True):
        np.maximum(best[start:stop], row, out=best[start:stop])
    return best


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Levels:
    """Measures at every level, each (S,) float64; see the functions of the same names.

    Attributes:
        segments: the groups that hold a face whose true part is known.
    """

    segments: Int64
    accuracy: Float64
    best_iou_faces: Float64
    best_iou_area: Float64
    rand_error: Float64
    merges: Int64
    splits: Int64

    @property
    def effort(self) -> Int64:
        """The review effort."""
        return np.asarray(self.merges + SPLIT_COST * self.splits)


def measure_levels(segments: Segments, overlap: Overlap) -> Levels:
    """Measure every cut of a tree in one pass over its nodes.

    Args:
        segments: with a tree of S leaves.
        overlap: of the leaves with the true parts.
    """
    lives = lifetimes(segments)
    area = node_rows(_padded(overlap.table(overlap.area), segments), segments)
    faces = node_rows(_padded(overlap.table(overlap.faces), segments), segments)
    node_faces = faces.sum(axis=1)
    merges, splits = _operations(area, overlap.part_area, lives)
    unassigned = overlap.part_faces - faces[: segments.count].sum(axis=0)
    return Levels(
        segments=level_sums((node_faces > 0).astype(np.int64), lives),
        accuracy=level_sums(area.max(axis=1, initial=0.0), lives) / max(overlap.known_area, 1e-300),
        best_iou_faces=_best_iou(faces, overlap.part_faces, lives),
        best_iou_area=_best_iou(area, overlap.part_area, lives),
        rand_error=rand_error_of(
            shared=level_sums((faces**2).sum(axis=1), lives) + (unassigned**2).sum(),
            segments=level_sums(node_faces**2, lives) + unassigned.sum() ** 2,
            parts=(overlap.part_faces**2).sum(),
            faces=int(overlap.part_faces.sum()),
        ),
        merges=merges,
        splits=splits,
    )


def _padded(table: NDArray[Any], segments: Segments) -> NDArray[Any]:
    """A row for each leaf, also for those after the last that holds a face."""
    return np.pad(table, ((0, segments.count - len(table)), (0, 0)))


def _best_iou(shared: NDArray[Any], part_size: NDArray[Any], lives: Lifetimes) -> Float64:
    sized = part_size > 0
    if not sized.any():
        return np.ones(lives.levels)
    iou = intersection_over_union(shared, shared.sum(axis=1)[:, None], part_size[None, :])
    return np.asarray(level_maxima(iou[:, sized], lives).mean(axis=1))


def _operations(area: Float64, part_area: Float64, lives: Lifetimes) -> tuple[Int64, Int64]:
    """Merges and splits at every level, as `effort.review_effort` counts them."""
    node_area = area.sum(axis=1)
    held = holds(area, node_area[:, None], part_area[None, :]).sum(axis=1)
    splits = level_sums(np.maximum(held - 1, 0).astype(np.int64), lives)
    owned = node_area > 0
    owns = np.zeros(area.shape, bool)
    owns[np.flatnonzero(owned), area[owned].argmax(axis=1)] = True
    owners = level_maxima(owns, lives).sum(axis=1)
    return level_sums(owned.astype(np.int64), lives) - owners, splits
