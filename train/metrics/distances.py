"""Distances between surfaces that points were drawn from.

Where one surface has no points, distances are infinite and shares are 0; where both have none, they
agree. A distance is Euclidean and never squared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from train.metrics.sampling import SurfacePoints

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

_CHUNK = 1 << 26
"""Distances that are held at once on a GPU, 256 MB in float32."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Nearest:
    """For each of N points its nearest among others: distance, (N,) float64, and index, (N,)."""

    distance: Float64
    index: Int64


@dataclass(frozen=True, slots=True, kw_only=True)
class Chamfer:
    """Chamfer distance in both conventions.

    Attributes:
        summed: mean distance from the first to the second plus that from the second to the first,
            as TRELLIS and PartCrafter have it.
        halved: the mean of the two.
    """

    summed: float

    @property
    def halved(self) -> float:
        """Half of `summed`."""
        return self.summed / 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Match:
    """Two sampled surfaces with the nearest neighbours in both directions."""

    first: SurfacePoints
    second: SurfacePoints
    to_second: Nearest
    to_first: Nearest

    @property
    def is_void(self) -> bool:
        """Whether a surface has no points."""
        return not (len(self.first) and len(self.second))

    @property
    def agrees_on_nothing(self) -> bool:
        """Whether both surfaces have no points."""
        return not (len(self.first) or len(self.second))


def match(
    first: SurfacePoints, second: SurfacePoints, *, device: torch.device | None = None
) -> Match:
    """Find neighbours once for all metrics below; `device` is where to search, by default a CPU."""
    return Match(
        first=first,
        second=second,
        to_second=nearest(first.points, second.points, device=device),
        to_first=nearest(second.points, first.points, device=device),
    )


def nearest(points: Float64, others: Float64, *, device: torch.device | None = None) -> Nearest:
    """The nearest of `others`, (M, 3), to each of `points`, (N, 3).

    A KD-tree finds them on a CPU, in float64, and all pairs on a GPU, in float32. Without others
    distances are infinite and indices -1.
    """
    if not len(points) or not len(others):
        return Nearest(
            distance=np.full(len(points), np.inf), index=np.full(len(points), -1, np.int64)
        )
    if device is not None and device.type != "cpu":
        return all_pairs(points, others, device=device)
    distance, index = cKDTree(others).query(points)
    return Nearest(distance=np.asarray(distance), index=np.asarray(index, np.int64))


def all_pairs(points: Float64, others: Float64, *, device: torch.device) -> Nearest:
    """What `nearest` says, by every distance there is, some points at a time."""
    table = torch.from_numpy(others).to(device, torch.float32)
    distance, index = [], []
    asked = torch.from_numpy(points).to(device, torch.float32)
    for chunk in torch.split(asked, max(_CHUNK // len(others), 1)):
        # Through a matrix product, near distances would be lost in rounding.
        found = torch.cdist(chunk, table, compute_mode="donot_use_mm_for_euclid_dist").min(dim=1)
        distance.append(found.values)
        index.append(found.indices)
    return Nearest(
        distance=torch.cat(distance).double().cpu().numpy(), index=torch.cat(index).cpu().numpy()
    )


def chamfer(found: Match) -> Chamfer:
    """The Chamfer distance, in the unit of the points."""
    if found.agrees_on_nothing:
        return Chamfer(summed=0.0)
    if found.is_void:
        return Chamfer(summed=float("inf"))
    return Chamfer(summed=float(found.to_second.distance.mean() + found.to_first.distance.mean()))


def f_score(found: Match, *, threshold: float) -> float:
    """Harmonic mean of the shares of either surface that the other is within `threshold` of."""
    if found.is_void:
        return float(found.agrees_on_nothing)
    precision, recall = (
        float((side.distance <= threshold).mean()) for side in (found.to_second, found.to_first)
    )
    both = precision + recall
    return 2 * precision * recall / both if both else 0.0


def normal_consistency(found: Match) -> float:
    """Mean cosine between the lines of normals of nearest neighbours, over both directions, 0…1.

    Normals count without their sign, for the winding of meshes that artists made says little.
    """
    if found.is_void:
        return float(found.agrees_on_nothing)
    ways = (
        (found.first.normals, found.second.normals[found.to_second.index]),
        (found.second.normals, found.first.normals[found.to_first.index]),
    )
    return float(np.mean([np.abs((own * other).sum(axis=1)).mean() for own, other in ways]))
