"""Masks of limbs and bodies: places of a view that are all thinner, or all thicker, than a level.

No edge need run around a limb; that it is thinner than what it hangs on tells it apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segment.proposers.edges import PixelEdges
from segment.proposers.flooding import components

Bool = NDArray[np.bool_]
Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

STEP = 1.3
"""The factor from one level to the next."""

MOST_LEVELS = 8
PERCENTILES = (3.0, 97.0)
BARRIER = 0.5
"""Edges at least this strong part what lies on either side, whatever its thickness."""

STEADY = 0.7
"""A component is a mask if it keeps this share of its pixels over a step of the level."""

TRUST = 0.7
"""The score of a mask that the level does not change at all: less than that of a drawn border."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LevelSet:
    """Components of the pixels on one side of a level, and which of them are masks.

    Attributes:
        component: (H, W) int32, from 1 on, 0 for the pixels on the other side.
        chosen: (K,) int64 components.
        score: (K,) float64.
    """

    component: Int32
    chosen: Int64
    score: Float64


def find_level_sets(
    diameter: Float32, hit: Bool, edges: PixelEdges, *, least: int
) -> list[LevelSet]:
    """Level sets of the shape diameter, whose components hardly change with the level.

    Maximally stable regions, after Matas et al. 2002, Robust wide-baseline stereo, but cut along
    strong edges. A component as large as all that it is connected with is no news, and left out.

    Args:
        diameter: (H, W) float32, as in `ViewImages`.
        hit: (H, W) bool.
        edges: between the pixels; those drawn on one line, for bands would be components.
        least: pixels of a mask.
    """
    solid = diameter[hit & (diameter > 0)]
    if not len(solid):
        return []
    low, high = np.percentile(solid, PERCENTILES)
    count = int(np.clip(np.floor(np.log(high / low) / np.log(STEP)), 0, MOST_LEVELS))
    if count < 1:
        return []
    levels = np.geomspace(low, high, count + 2)
    whole, _ = components(hit, edges, level=BARRIER)
    inner = [components(hit & (diameter < level), edges, level=BARRIER)[0] for level in levels]
    outer = [components(hit & (diameter >= level), edges, level=BARRIER)[0] for level in levels]
    return [
        *(_steady(inner[k], inner[k + 1], whole, least=least) for k in range(count + 1)),
        *(_steady(outer[k], outer[k - 1], whole, least=least) for k in range(1, count + 2)),
    ]


def _steady(component: Int32, larger: Int32, whole: Int32, *, least: int) -> LevelSet:
    """The components that are nearly all of the component of the next level that holds them."""
    numbers, first, size = np.unique(component, return_index=True, return_counts=True)
    around = np.bincount(larger.reshape(-1))[larger.reshape(-1)[first]]
    all_of_it = np.bincount(whole.reshape(-1))[whole.reshape(-1)[first]]
    share = size / around
    chosen = (numbers > 0) & (size >= least) & (share >= STEADY) & (size < STEADY * all_of_it)
    return LevelSet(
        component=component, chosen=numbers[chosen].astype(np.int64), score=TRUST * share[chosen]
    )
