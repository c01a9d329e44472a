"""What masks of views say of pairs of regions, put into the graph of regions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segment.counts import MaskCounts
from segment.evidence import joint_evidence
from segment.graph import COLUMNS, HELD, PARTED, RegionGraph, build_graph

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]

LEAST_HELD = 0.25
"""Evidence, in views that are sure, from which masks link what does not touch."""

MOST_REGIONS = 1024
"""Above it only neighbours are looked at; all pairs would be too many."""


def with_masks(graph: RegionGraph, counts: MaskCounts, labels: Int32) -> RegionGraph:
    """The graph with the evidence of masks, for pairs that are in it and for others.

    A mask that holds two regions links them though they do not touch: the wheels of a pair, what a
    hand covers of a stick.

    Args:
        counts: faces under masks.
        labels: (F,) int32, the region of each face.
    """
    evidence = joint_evidence(graph.pairs, counts, labels=labels)
    graph = replace(graph, sums=_with_evidence(graph.sums, evidence))
    regions = len(graph.area)
    if regions > MOST_REGIONS:
        return graph
    pairs = np.stack(np.triu_indices(regions, 1), axis=1).astype(np.int64)
    known = np.isin(pairs @ [regions, 1], graph.pairs @ [regions, 1])
    pairs = pairs[~known]
    evidence = joint_evidence(pairs, counts, labels=labels).astype(np.float64)
    linked = (evidence[:, 0] > LEAST_HELD) & (evidence[:, 0] > evidence[:, 1])
    sums = _with_evidence(np.zeros((int(linked.sum()), COLUMNS)), evidence[linked])
    return build_graph(
        graph.traits,
        np.concatenate([graph.pairs, pairs[linked]]),
        np.concatenate([graph.sums, sums]),
        np.concatenate([graph.gap, np.full(len(sums), np.inf)]),
        whole=graph.whole,
    )


def _with_evidence(sums: Float64, evidence: NDArray[Any]) -> Float64:
    changed = sums.copy()
    changed[:, [HELD, PARTED]] = evidence
    return changed
