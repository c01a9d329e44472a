"""Where to cut a merge tree so that what is left are parts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotate.config import AnnotateConfig
from partworks.artifacts.segments import Segments
from partworks.geometry.adjacency import number_by_first

Bool = NDArray[np.bool_]
Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]

TIE = 1e-3
"""Heights this close are one: four legs part from a seat together or not at all."""


def cut_segments(segments: Segments, config: AnnotateConfig) -> Int32:
    """(S,) int32: the part of each segment, numbered by first segment; -1 for lone crumbs.

    A lone crumb is a piece too small to be a part that the tree joins to others above the cut.
    """
    count = segments.count
    if count == 1:
        return np.zeros(1, np.int32)
    area = _node_areas(segments)
    least = config.min_area_share * area[-1]
    parts_apart = area[segments.merge_children].min(axis=1) >= least
    height = np.where(parts_apart, segments.merge_height.astype(np.float64), -1.0)
    part = _parts_below(segments, kept_splits(height, config))
    dense = np.full(count, -1, np.int32)
    dense[part >= 0] = number_by_first(part[part >= 0])
    return dense


def kept_splits(height: Float64, config: AnnotateConfig) -> Bool:
    """(S - 1,) bool: the splits that part the object, for the `height` of each, -1 = never.

    Kept is what reaches `level`, and where that leaves fewer than `min_parts`, the highest below it
    down to half of it. Of too many splits the highest are kept, and of those that are level with
    one another all or none, unless that would leave fewer than half of `max_parts`.
    """
    order = np.lexsort((-np.arange(len(height)), -height))
    ranked = height[order]
    kept = int((ranked >= config.level).sum())
    if kept + 1 < config.min_parts:
        kept = min(int((ranked >= config.level / 2).sum()), config.min_parts - 1)
    room = config.max_parts - 1
    if kept > room:
        kept = room
        while kept > 0 and ranked[kept - 1] - ranked[kept] <= TIE:
            kept -= 1
        if kept + 1 < config.max_parts / 2:
            kept = room
    splits = np.zeros(len(height), bool)
    splits[order[:kept]] = True
    return splits


def _node_areas(segments: Segments) -> Float64:
    """(2S - 1,) float64: the area below each node of the tree."""
    area = np.zeros(2 * segments.count - 1)
    area[: segments.count] = segments.segment_area
    for row, children in enumerate(segments.merge_children):
        area[segments.count + row] = area[children].sum()
    return area


def _parts_below(segments: Segments, kept: Bool) -> Int32:
    """(S,) int32: the tree node that each segment's part consists of, -1 for crumbs."""
    count, children = segments.count, segments.merge_children
    opened = np.zeros(2 * count - 1, bool)
    opened[count:] = kept
    for row in range(count - 1):
        opened[count + row] |= opened[children[row]].any()
    part = np.full(2 * count - 1, 2 * count - 2, np.int32)
    for row in range(count - 2, -1, -1):
        node = count + row
        if kept[row]:
            part[children[row]] = children[row]
        elif opened[node]:
            # What is below stays open on one side only: the other side is a crumb.
            part[children[row]] = np.where(opened[children[row]], children[row], -1)
        else:
            part[children[row]] = part[node]
    return part[:count]
