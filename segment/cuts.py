"""What it costs to cut a surface along each of its edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segment.surface import Surface

Float64 = NDArray[np.float64]

CONCAVE_FULL = np.radians(40.0)
CONVEX_FULL = np.radians(70.0)
CONVEX_STRENGTH = 0.6
CHEAPEST = 0.05
"""The price of a cut along what is drawn already, where a flat cut of the same length costs 1."""


def cut_prices(surface: Surface) -> Float64:
    """(E,) float64: the price of each edge of `surface.pairs`, its length times how flat it is.

    Lengths are shares of the square root of the surface's area, so that prices do not depend on
    the object's size, and a cut's price hardly on how finely it is triangulated. Concave creases
    cost a twentieth of a flat edge from 40° on, convex ones a sixth from 70° on, edges between two
    shells and those where the surface branches a twentieth.
    """
    angle = surface.angle.astype(np.float64)
    concave = np.clip(-angle / CONCAVE_FULL, 0, 1)
    convex = CONVEX_STRENGTH * np.clip(angle / CONVEX_FULL, 0, 1)
    flat = np.maximum((1 - np.maximum(concave, convex)) ** 2, CHEAPEST)
    left, right = surface.pairs.T
    drawn = (surface.shell[left] != surface.shell[right]) | ~surface.manifold
    root = np.sqrt(surface.total_area) or 1.0
    prices: Float64 = np.where(drawn, CHEAPEST, flat) * surface.length / root
    return prices
