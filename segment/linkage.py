"""How unlike two neighbouring regions are: the price of merging them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segment.graph import CREASE, HELD, LENGTH, MATERIAL, NODE, PARTED, WEIGHT

Float64 = NDArray[np.float64]

TINY = float(np.finfo(np.float64).tiny)
CREASE_FULL = 0.5
NECK = 0.1
APART = 0.6
OTHER_MATERIAL = 0.25
OTHER_NODE = 0.6
FULL_SHARE = 0.01
MUCH_SAID = 0.5
"""Evidence, in views that are sure, at which masks are half believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskTrust:
    """How far masks of views are believed above everything else, each in [0, 1].

    Attributes:
        part: where they part what would otherwise be like.
        join: where they hold together what would otherwise be unlike.
    """

    part: float
    join: float


NO_MASKS = MaskTrust(part=0.0, join=0.0)


def linkage(
    sums: Float64,
    gap: Float64,
    smaller: Float64,
    *,
    total_area: float,
    diagonal: float,
    trust: MaskTrust = NO_MASKS,
) -> Float64:
    """(E,) float64 in [0, 1]: the price of merging two regions.

    Three doubts are combined as if independent, `1 - (1 - a)(1 - b)(1 - c)`:

    - the joint. Over a shared boundary half its mean crease strength, and up to 0.1 more where it
      is a neck, short against the square root of the smaller area. Without one 0.6, growing to 1
      with the gap (half way at 5 % of the diagonal). So shells outlive what lies within them;
    - the material: up to 0.25 for the share of the boundary with another on the other side;
    - the source node: likewise up to 0.6.

    Where masks of views have something to say, the doubt is moved towards theirs, the share of
    their evidence that speaks against the two, as far as they are trusted and by how much they say.

    The result is multiplied with the square root of the smaller region's share of the area over
    2 %, at most 1, so that crumbs merge before parts do.

    Args:
        sums: (E, 7) as in `RegionGraph`. gap: (E,).
        smaller: (E,) the smaller of the two areas.
        trust: in masks.
    """
    length, weight = sums[:, LENGTH], np.maximum(sums[:, WEIGHT], TINY)
    crease = np.divide(sums[:, CREASE], length, out=np.zeros_like(gap), where=length > 0)
    crease *= CREASE_FULL
    # A disc has 3.5 times the square root of its area as boundary, a finger far less.
    root = np.sqrt(np.maximum(smaller, TINY))
    neck = NECK * (1 - np.clip(length / (1.75 * root), 0, 1))
    touching = 1 - (1 - crease) * (1 - neck)
    half_way = 0.05 * max(diagonal, TINY)
    apart = 1 - (1 - APART) * half_way / (gap + half_way)
    joint = np.where(length > 0, touching, apart)
    material = OTHER_MATERIAL * sums[:, MATERIAL] / weight
    node = OTHER_NODE * sums[:, NODE] / weight
    unlike = 1 - (1 - joint) * (1 - material) * (1 - node)
    said = sums[:, HELD] + sums[:, PARTED]
    against = np.divide(sums[:, PARTED], said, out=np.zeros_like(said), where=said > 0)
    believed = np.where(against < unlike, trust.join, trust.part) * said / (said + MUCH_SAID)
    unlike = (1 - believed) * unlike + believed * against
    share = smaller / max(total_area, TINY)
    price: Float64 = unlike * np.sqrt(np.minimum(share / FULL_SHARE, 1.0))
    return price
