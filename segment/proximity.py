"""Which regions lie near one another without touching, and links that leave no region alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from partworks.geometry.adjacency import connected_components
from partworks.geometry.sampling import surface_points, uniform_barycentric
from segment.graph import COLUMNS, MATERIAL, NODE, WEIGHT, totals
from segment.surface import Surface

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

TINY = float(np.finfo(np.float64).tiny)
MOST_COMPARISONS = 2_000_000
MOST_REPRESENTATIVES = 8192
FAINT = 1e-3
"""Weight of what is no contact: enough to tell its materials and nodes where there is no other."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Samples:
    """Points on the surface: the face under each, its place, and their usual spacing."""

    face: Int64
    points: Float64
    spacing: float


def spread_samples(
    labels: Int32, surface: Surface, *, count: int, generator: np.random.Generator
) -> Samples:
    """About `count` points evenly over the area, and a few on each region however small."""
    regions = int(labels.max()) + 1
    least = int(np.clip(2 * count // regions, 1, 8))
    area = totals(labels, surface.areas)
    total = max(float(area.sum()), TINY)
    wanted = np.maximum(np.round(area / total * count).astype(np.int64), least)
    order = np.argsort(labels, kind="stable")
    running = np.cumsum(surface.areas[order])
    ends = np.cumsum(np.bincount(labels, minlength=regions))
    starts = ends - np.bincount(labels, minlength=regions)
    region = np.repeat(np.arange(regions), wanted)
    within = np.arange(len(region)) - np.repeat(np.cumsum(wanted) - wanted, wanted)
    before = np.where(starts > 0, running[starts - 1], 0.0)
    at = before[region] + (within + 0.5) / wanted[region] * area[region]
    # Rounding, and regions without area, must not lead to another region's faces.
    place = np.clip(np.searchsorted(running, at), starts[region], ends[region] - 1)
    face = order[place]
    weights = uniform_barycentric(len(face), generator=generator)
    points = surface_points(surface.vertices, surface.faces, face, weights)
    return Samples(face=face, points=points, spacing=float(np.sqrt(total / count)))


def near_rows(labels: Int32, surface: Surface, samples: Samples) -> tuple[Int64, Float64, Float64]:
    """Pairs (E, 2), `sums` rows and gaps of regions of different shells that lie near.

    Each sample is compared with its 16 nearest, or fewer where there are very many. Pairs within
    1.5 spacings are contact; what lies farther apart hardly carries weight.
    """
    each = int(np.clip(MOST_COMPARISONS // len(samples.points), 6, 16))
    distance, found = _nearest(samples.points, min(each, len(samples.points)))
    left = np.repeat(samples.face, found.shape[1])
    right = samples.face[found.reshape(-1)]
    foreign = surface.shell[left] != surface.shell[right]
    gap = distance.reshape(-1)[foreign]
    rows = _rows(labels, surface, left[foreign], right[foreign], weight=samples.spacing)
    rows[1][gap > 1.5 * samples.spacing] *= FAINT
    return *rows, gap


def _nearest(points: Float64, count: int) -> tuple[Float64, Int64]:
    """(N, count) distances and indices of the points nearest to each point, itself among them."""
    # An unbalanced tree copes with thousands of points in one place.
    tree = cKDTree(points, balanced_tree=False, compact_nodes=False)
    distance, found = tree.query(points, k=count)
    shape = len(points), count
    return np.asarray(distance).reshape(shape), np.asarray(found, np.int64).reshape(shape)


def _rows(
    labels: Int32, surface: Surface, left: Int64, right: Int64, *, weight: float
) -> tuple[Int64, Float64]:
    sums = np.zeros((len(left), COLUMNS))
    sums[:, WEIGHT] = weight
    sums[:, MATERIAL] = weight * (surface.material[left] != surface.material[right])
    sums[:, NODE] = weight * (surface.source_node[left] != surface.source_node[right])
    return np.stack([labels[left], labels[right]], axis=1).astype(np.int64), sums


def bridge_rows(
    labels: Int32, surface: Surface, samples: Samples, pairs: Int64
) -> tuple[Int64, Float64, Float64]:
    """Rows that link what `pairs` leave apart, each group of regions with the nearest other one.

    Distances are between a few samples of each group (at least 4, all together about 8192), so a
    gap may be overrated where there are very many groups.
    """
    regions = int(labels.max()) + 1
    links, found_pairs, found_sums, found_gaps = pairs, [], [], []
    while True:
        group = connected_components(regions, links)
        if group.max() == 0:
            break
        left, right, gap = _nearest_groups(group[labels[samples.face]], samples)
        rows, sums = _rows(
            labels, surface, samples.face[left], samples.face[right], weight=samples.spacing
        )
        sums *= FAINT
        links = np.concatenate([links, rows])
        found_pairs.append(rows)
        found_sums.append(sums)
        found_gaps.append(gap)
    if not found_pairs:
        return np.zeros((0, 2), np.int64), np.zeros((0, COLUMNS)), np.zeros(0)
    return np.concatenate(found_pairs), np.concatenate(found_sums), np.concatenate(found_gaps)


def _nearest_groups(group: Int32, samples: Samples) -> tuple[Int64, Int64, Float64]:
    """For each group a sample of it, the nearest sample of another group, and their distance."""
    groups = int(group.max()) + 1
    each = int(np.clip(MOST_REPRESENTATIVES // groups, 4, 256))
    order = np.argsort(group, kind="stable")
    counts = np.bincount(group, minlength=groups)
    starts = np.cumsum(counts) - counts
    share = (np.arange(each) + 0.5) / each
    place = starts[:, None] + np.floor(share * counts[:, None]).astype(np.int64)
    chosen = np.unique(order[place.reshape(-1)])
    # One more than the samples of a group: at least one of them is of another group.
    distance, found = _nearest(samples.points[chosen], each + 1)
    # Indices past the end stand for "no such neighbour"; their distance is infinite.
    foreign = group[chosen][np.minimum(found, len(chosen) - 1)] != group[chosen][:, None]
    distance = np.where(foreign, distance, np.inf)
    best = distance.argmin(axis=1)
    rows = np.arange(len(chosen))
    gap, other = distance[rows, best], found[rows, best]
    by_group = np.lexsort((rows, gap, group[chosen]))
    _, first = np.unique(group[chosen][by_group], return_index=True)
    row = by_group[first]
    return chosen[row], chosen[other[row]], gap[row]
