"""What the model of suggestions goes by: a row of numbers for each pair of groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from annotate.review.grouping import applied
from annotate.review.operations import Merge
from annotate.review.state import State, first_state
from annotate.review.suggest.facts import ObjectFacts
from annotate.review.suggest.groups import (
    ALIKE,
    GroupFacts,
    Meetings,
    group_facts,
    group_moments,
    meetings,
    shapes_of,
)

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

FEATURES = (
    "one",
    "join",
    "first_join",
    "touching",
    "border",
    "concave",
    "convex",
    "gap",
    "materials",
    "rare_material",
    "twins",
    "both_twins",
    "alike",
    "smaller",
    "larger",
    "within",
    "groups",
    "precedent",
    "mirrored",
    "same_number",
)
"""- join: how low the tree joins anything of the two: 1 at the root, 0 at the leaves.
- first_join: whether neither has a partner that the tree joins it with before.
- touching: whether they share a border; border: its share of the border of that which has less.
- concave, convex: the mean turn along it, in 60° and 90°.
- gap: 0 where they touch, half at 5 % of the diagonal.
- materials: how much of the areas is of the same materials.
- rare_material: the same times the share of the object's area that is of other materials.
- twins: whether they are mirror images; both_twins: whether both have an image elsewhere.
- alike: whether they have the same shape, whichever way they are turned.
- smaller, larger: logarithm of the share of the object's area.
- within: how much of the smaller one's box the larger one's box holds.
- groups: logarithm of how many groups there are.
- precedent: whether two groups of these shapes, as far apart, were merged before.
- mirrored: whether both are reflected into one group, which is neither.
- same_number: whether there are as many of the one's shape as of the other's, and several."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """Pairs of groups with what is seen of them.

    Attributes:
        groups: the groups. meetings: their Q pairs.
        features: (Q, len(FEATURES)) float64.
    """

    groups: GroupFacts
    meetings: Meetings
    features: Float64


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedent:
    """A merge of two groups: their shapes and how far apart they were."""

    first: Float64
    second: Float64
    distance: float


def candidates(
    facts: ObjectFacts, state: State, *, precedents: Sequence[Precedent] = ()
) -> Candidates:
    """The pairs of a state's groups that may be one part, and their features."""
    groups = group_facts(facts, state)
    found = meetings(facts, groups, state)
    first, second = found.pairs.T
    total = max(float(groups.area.sum()), 1e-300)
    share = np.maximum(np.stack([groups.area[first], groups.area[second]]) / total, 1e-6)
    join, first_join = _joins(groups, found.pairs)
    least = np.minimum(found.border[first], found.border[second])
    border = np.divide(found.length, least, out=np.zeros(len(first)), where=least > 0)
    elsewhere = (groups.twin != np.arange(len(groups.ids))).any(axis=0)
    mirrored = (groups.twin[:, first] == second).any(axis=0)
    alike = np.abs(groups.shape[first] - groups.shape[second]).max(axis=1) < ALIKE
    material = np.minimum(groups.material[first], groups.material[second])
    common = groups.area @ groups.material / total
    number = np.bincount(groups.kind)[groups.kind]
    columns = [
        np.ones(len(first)),
        join,
        first_join,
        found.length > 0,
        border,
        found.concave / np.radians(60),
        found.convex / np.radians(90),
        found.gap / (found.gap + 0.05),
        material.sum(axis=1),
        material @ (1 - common),
        mirrored,
        elsewhere[first] & elsewhere[second] & ~mirrored,
        alike,
        np.log(share.min(axis=0)),
        np.log(share.max(axis=0)),
        _within(groups, found.pairs),
        np.full(len(first), np.log(max(len(groups.ids), 1))),
        _preceded(groups, found.pairs, precedents),
        _mirrored(groups, found.pairs),
        (number[first] == number[second]) & (number[first] > 1),
    ]
    table = np.stack([np.asarray(column, np.float64) for column in columns], axis=1)
    return Candidates(groups=groups, meetings=found, features=table)


def precedents(facts: ObjectFacts, state: State) -> tuple[Precedent, ...]:
    """The merges among the operations in force, as pairs of groups."""
    found: list[Precedent] = []
    replayed = first_state(facts.base)
    for operation in state.done:
        if isinstance(operation, Merge):
            found += _merged_pairs(facts, replayed, operation)
        replayed = applied(facts.base, replayed, operation)
    return tuple(found)


MOST_PAIRS = 12


def _merged_pairs(facts: ObjectFacts, state: State, operation: Merge) -> list[Precedent]:
    moments = group_moments(facts, state)[np.searchsorted(state.groups, operation.groups)]
    shape = shapes_of(moments, facts.surface.diagonal)
    middle = moments[:, 1:4] / np.maximum(moments[:, :1], 1e-300)
    pairs = list(combinations(range(len(moments)), 2))[:MOST_PAIRS]
    return [
        Precedent(
            first=shape[a],
            second=shape[b],
            distance=float(np.linalg.norm(middle[a] - middle[b])),
        )
        for a, b in pairs
    ]


def _preceded(groups: GroupFacts, pairs: Int64, known: Sequence[Precedent]) -> Float64:
    shape, middle = groups.shape, groups.middle
    away = np.linalg.norm(middle[pairs[:, 0]] - middle[pairs[:, 1]], axis=1)
    met = np.zeros(len(pairs))
    for precedent in known:
        near = np.abs(away - precedent.distance) <= 0.1 * precedent.distance
        for a, b in ((0, 1), (1, 0)):
            first = np.abs(shape[pairs[:, a]] - precedent.first).max(axis=1) < ALIKE
            second = np.abs(shape[pairs[:, b]] - precedent.second).max(axis=1) < ALIKE
            met[near & first & second] = 1.0
    return met


def _joins(groups: GroupFacts, pairs: Int64) -> tuple[Float64, Float64]:
    if len(groups.join) != len(groups.ids):
        return np.ones(len(pairs)), np.zeros(len(pairs))
    table = groups.join.copy()
    np.fill_diagonal(table, np.inf)
    lowest = table.min(axis=1) if len(table) > 1 else np.ones(len(table))
    join = groups.join[pairs[:, 0], pairs[:, 1]]
    first = (join <= lowest[pairs[:, 0]]) & (join <= lowest[pairs[:, 1]])
    return join, first.astype(np.float64)


def _mirrored(groups: GroupFacts, pairs: Int64) -> NDArray[np.bool_]:
    first, second = groups.image[:, pairs[:, 0]], groups.image[:, pairs[:, 1]]
    elsewhere = (first != pairs[:, 0]) & (first != pairs[:, 1]) & (first >= 0)
    mirrored: NDArray[np.bool_] = ((first == second) & elsewhere).any(axis=0)
    return mirrored


def _within(groups: GroupFacts, pairs: Int64) -> Float64:
    first, second = pairs.T
    swap = groups.area[first] > groups.area[second]
    small, large = np.where(swap, second, first), np.where(swap, first, second)
    size = groups.high[small] - groups.low[small]
    low = np.maximum(groups.low[small], groups.low[large])
    shared = np.minimum(groups.high[small], groups.high[large]) - low
    # A side without length is within or it is not.
    share = np.divide(
        np.maximum(shared, 0.0), size, out=(shared >= 0).astype(np.float64), where=size > 0
    )
    within: Float64 = share.min(axis=1)
    return within
