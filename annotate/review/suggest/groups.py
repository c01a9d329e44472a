"""What a grouping looks like: size, shape, place and materials of groups, and how two meet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.review.base import Base
from annotate.review.mirror import images_of, twins
from annotate.review.state import State
from annotate.review.suggest.facts import ObjectFacts
from partworks.geometry.adjacency import connected_components

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

TINY = 1e-300
ALIKE = 0.15
"""Shapes that differ by less, in the largest of four logarithms, are of one kind."""

MOST_GROUPS = 2000
"""Above, pairs are not looked up in the tree: a table of all pairs would be too large."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupFacts:
    """G groups, numbered 0…G-1 in order of their ids.

    Attributes:
        ids: (G,) int64.
        area: (G,) float64. middle: (G, 3) float64, of area. low, high: (G, 3) float64, the box.
        shape: (G, 4) float64: logarithms of the square root of the area and of the three spreads
            about the middle, largest first; the same for any turn of the same thing.
        material: (G, M) float64 share of each material.
        twin: (P, G) int64 the group each is reflected into across each plane, itself if none.
        image: (P, G) int64 the group that most of each is reflected into, -1 for nothing.
        kind: (G,) int32 groups of one shape have one number.
        join: (G, G) float64 the lowest height at which the tree joins anything of the two.
    """

    ids: Int64
    area: Float64
    middle: Float64
    low: Float64
    high: Float64
    shape: Float64
    material: Float64
    twin: Int64
    image: Int64
    kind: Int32
    join: Float64


def group_moments(facts: ObjectFacts, state: State) -> Float64:
    """(G, 10) float64: `ObjectFacts.moments`, summed over each group of a state."""
    _, dense = np.unique(state.group_of_atom, return_inverse=True)
    label = dense[state.atom_of_face]
    return np.stack([_sums(label, row, int(dense.max()) + 1) for row in facts.moments.T], axis=1)


def group_facts(facts: ObjectFacts, state: State) -> GroupFacts:
    """Sum up an object's facts for the groups of a state."""
    surface = facts.surface
    ids, dense = np.unique(state.group_of_atom, return_inverse=True)
    label = dense[state.atom_of_face].astype(np.int32)
    count = len(ids)
    sums = group_moments(facts, state)
    area = np.maximum(sums[:, 0], TINY)
    low, high = _boxes(surface.centroids, label, count)
    kinds, kind = np.unique(surface.material, return_inverse=True)
    material = np.bincount(
        label.astype(np.int64) * len(kinds) + kind, surface.areas, count * len(kinds)
    ).reshape(count, -1)
    planes = [twins(label, surface, plane) for plane in facts.planes]
    images = [images_of(label, surface, plane) for plane in facts.planes]
    shape = shapes_of(sums, surface.diagonal)
    return GroupFacts(
        ids=ids.astype(np.int64),
        area=sums[:, 0],
        middle=sums[:, 1:4] / area[:, None],
        low=low,
        high=high,
        shape=shape,
        material=material / area[:, None],
        twin=np.stack(planes) if planes else np.zeros((0, count), np.int64),
        image=np.stack(images) if images else np.zeros((0, count), np.int64),
        kind=_kinds(shape),
        join=_joins(facts.base, state.leaf_of_atom, dense, count),
    )


def _sums(label: NDArray[Any], values: Float64, count: int) -> Float64:
    """(count,) float64: the sum of the values of each label."""
    return np.asarray(np.bincount(label, values, count), np.float64)


def _boxes(points: Float64, label: Int32, count: int) -> tuple[Float64, Float64]:
    order = np.argsort(label, kind="stable")
    starts = np.searchsorted(label[order], np.arange(count))
    low: Float64 = np.minimum.reduceat(points[order], starts, axis=0)
    high: Float64 = np.maximum.reduceat(points[order], starts, axis=0)
    return low, high


def shapes_of(sums: Float64, diagonal: float) -> Float64:
    """(N, 4) float64 of moments (N, 10), as `GroupFacts.shape` has them."""
    area = np.maximum(sums[:, 0], TINY)
    middle = sums[:, 1:4] / area[:, None]
    square = np.zeros((len(sums), 3, 3))
    rows, columns = np.triu_indices(3)
    square[:, rows, columns] = square[:, columns, rows] = sums[:, 4:] / area[:, None]
    spread = square - np.einsum("ga,gb->gab", middle, middle)
    values = np.linalg.eigvalsh(spread)[:, ::-1]
    # What is flat is flat: below a thousandth of the object the third spread is rounding.
    least = 1e-3 * max(diagonal, TINY)
    sides = np.maximum(np.sqrt(np.maximum(values, 0.0)), least)
    size = np.maximum(np.sqrt(area), least)
    shapes: Float64 = np.log(np.concatenate([size[:, None], sides], axis=1))
    return shapes


def _kinds(shape: Float64) -> Int32:
    if len(shape) > MOST_GROUPS:
        return np.arange(len(shape), dtype=np.int32)
    rows, columns = np.nonzero(np.abs(shape[:, None] - shape[None]).max(axis=2) < ALIKE)
    return connected_components(len(shape), np.stack([rows, columns], axis=1))


def _joins(base: Base, leaf: Int32, group: NDArray[np.int64], count: int) -> Float64:
    """(G, G): the lowest height at which each two groups meet in the tree; 1 where unknown."""
    join = np.ones((count, count)) if count <= MOST_GROUPS else np.ones((1, 1))
    if count > MOST_GROUPS:
        return join
    atoms = base.atom_count
    below: list[NDArray[np.int64]] = [np.zeros(0, np.int64)] * (2 * atoms - 1)
    for node in range(atoms):
        below[node] = np.unique(group[leaf == node])
    for row, (left, right) in enumerate(base.children.tolist()):
        first, second, height = below[left], below[right], base.heights[row]
        for a, b in ((first, second), (second, first)):
            cell = np.ix_(a, b)
            join[cell] = np.minimum(join[cell], height)
        below[atoms + row] = np.union1d(first, second)
    return join


def tree_sets(base: Base, state: State) -> list[tuple[int, ...]]:
    """Sets of two or more groups, by number, that are all there is below a node of the tree."""
    _, group = np.unique(state.group_of_atom, return_inverse=True)
    leaves = np.unique(np.stack([state.leaf_of_atom, group], axis=1), axis=0)
    below: list[Counter[int]] = [Counter() for _ in range(base.atom_count)]
    for leaf, number in leaves.tolist():
        below[leaf][number] += 1
    whole = Counter(leaves[:, 1].tolist())
    found: list[tuple[int, ...]] = []
    for left, right in base.children.tolist():
        joined = below[left] + below[right]
        below.append(joined)
        grows = joined.keys() != below[left].keys() and joined.keys() != below[right].keys()
        if grows and len(joined) < len(whole) and all(joined[g] == whole[g] for g in joined):
            found.append(tuple(sorted(joined)))
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Meetings:
    """Pairs of groups that may be one part.

    Attributes:
        pairs: (Q, 2) int64 numbers of groups, the smaller first, sorted.
        length: (Q,) float64 of the border they share, 0 without one.
        concave, convex: (Q,) float64 radians, the mean turn inwards and outwards along it.
        gap: (Q,) float64 how far they are apart, in diagonals; 0 where they touch.
        border: (G,) float64 length of each group's border with all others.
    """

    pairs: Int64
    length: Float64
    concave: Float64
    convex: Float64
    gap: Float64
    border: Float64


MOST_ALIKE = 4


def meetings(facts: ObjectFacts, groups: GroupFacts, state: State) -> Meetings:
    """Groups that touch, that are near, that are mirror twins, or that have the same shape."""
    surface, count = facts.surface, len(groups.ids)
    label = np.searchsorted(groups.ids, state.group_of_face)
    touching = label[surface.pairs]
    outer = touching[:, 0] != touching[:, 1]
    border_key = _keys(touching[outer], count)
    near_key, near_gap = _near(facts, label, count)
    kin = np.concatenate([_keys(_kin(groups), count), _keys(_reflected(groups), count)])
    keys = np.unique(np.concatenate([border_key, near_key, kin]))
    row = np.searchsorted(keys, border_key)
    length, angle = surface.length[outer], surface.angle[outer]
    total = _sums(row, length, len(keys))
    over = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    pairs = np.stack([keys // count, keys % count], axis=1)
    away = _box_gap(groups, pairs) / max(surface.diagonal, TINY)
    closest = np.full(len(keys), np.inf)
    np.minimum.at(closest, np.searchsorted(keys, near_key), near_gap)
    gap = np.where(np.isfinite(closest), closest / max(surface.diagonal, TINY), away)
    return Meetings(
        pairs=pairs,
        length=total,
        concave=_sums(row, length * np.maximum(-angle, 0), len(keys)) * over,
        convex=_sums(row, length * np.maximum(angle, 0), len(keys)) * over,
        gap=np.where(total > 0, 0.0, gap),
        border=_sums(pairs.reshape(-1), np.repeat(total, 2), count),
    )


def _keys(pairs: NDArray[np.int64], count: int) -> Int64:
    ordered = np.sort(pairs.reshape(-1, 2), axis=1).astype(np.int64)
    ordered = ordered[ordered[:, 0] != ordered[:, 1]]
    keys: Int64 = ordered[:, 0] * count + ordered[:, 1]
    return keys


def _near(facts: ObjectFacts, label: Int64, count: int) -> tuple[Int64, Float64]:
    group = label[facts.point_face]
    pairs = np.stack(np.broadcast_arrays(group[:, None], group[facts.near]), axis=2).reshape(-1, 2)
    apart = pairs[:, 0] != pairs[:, 1]
    return _keys(pairs[apart], count), facts.gap.reshape(-1)[apart]


def _kin(groups: GroupFacts) -> Int64:
    """(N, 2): each group and those most alike to it in shape."""
    if len(groups.ids) > MOST_GROUPS or len(groups.ids) < 2:
        return np.zeros((0, 2), np.int64)
    away = np.abs(groups.shape[:, None] - groups.shape[None]).max(axis=2)
    np.fill_diagonal(away, np.inf)
    nearest = np.argsort(away, axis=1, kind="stable")[:, :MOST_ALIKE]
    first = np.repeat(np.arange(len(away)), nearest.shape[1])
    pairs = np.stack([first, nearest.reshape(-1)], axis=1)
    kin: Int64 = pairs[away[pairs[:, 0], pairs[:, 1]] < ALIKE]
    return kin


def _reflected(groups: GroupFacts) -> Int64:
    own = np.broadcast_to(np.arange(len(groups.ids)), groups.twin.shape)
    return np.stack([own.reshape(-1), groups.twin.reshape(-1)], axis=1)


def _box_gap(groups: GroupFacts, pairs: Int64) -> Float64:
    first, second = pairs.T
    over = np.maximum(
        groups.low[first] - groups.high[second], groups.low[second] - groups.high[first]
    )
    gap: Float64 = np.linalg.norm(np.maximum(over, 0.0), axis=1)
    return gap
