"""Regions of an image between its edges, grown from its calm places as water rises."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from segment.proposers.edges import PixelEdges

Bool = NDArray[np.bool_]
Int32 = NDArray[np.int32]

OVER_ALL = 2.0
"""A level above every edge."""


def flood(hit: Bool, edges: PixelEdges, *, levels: Sequence[float], least: int) -> Int32:
    """(H, W) int32: regions 1…R of the pixels that `hit`, 0 where there is none.

    Level by level, pixels that edges weaker than the level join become one component. A component
    of at least `least` pixels without a region becomes a new region; the pixels of one that has
    regions join the nearest of them, so that two regions meet where the edge between them is
    strongest. In the end edges of any strength are crossed; pixels that background parts from every
    region, fewer than `least` of them together, stay 0.

    Args:
        hit: (H, W) bool.
        edges: strengths between the pixels.
        levels: rising strengths.
        least: pixels.
    """
    regions = np.zeros(hit.shape, np.int32)
    for level in (*levels, OVER_ALL):
        component, count = components(hit, edges, level=level)
        size = np.bincount(component.reshape(-1), minlength=count + 1)
        taken = np.zeros(count + 1, bool)
        taken[component[regions > 0]] = True
        fresh = (size >= least) & ~taken
        fresh[0] = False
        number = np.where(fresh, regions.max(initial=0) + np.cumsum(fresh), 0)
        open_pixels = hit & (regions == 0) & taken[component]
        regions = np.where(fresh[component], number[component], regions).astype(np.int32)
        _join_nearest(regions, open_pixels)
    return regions


def components(hit: Bool, edges: PixelEdges, *, level: float) -> tuple[Int32, int]:
    """(H, W) int32 components of the pixels that hit, over edges weaker than `level`; their number.

    Components are numbered from 1 on, and 0 is what does not hit.
    """
    # Pixels lie on the even places of a grid of twice the size, passable edges between them.
    height, width = hit.shape
    grid = np.zeros((2 * height - 1, 2 * width - 1), bool)
    grid[::2, ::2] = hit
    grid[::2, 1::2] = (edges.right < level) & hit[:, :-1] & hit[:, 1:]
    grid[1::2, ::2] = (edges.down < level) & hit[:-1] & hit[1:]
    labels, count = ndimage.label(grid)
    return labels[::2, ::2].astype(np.int32), int(count)


def _join_nearest(regions: Int32, chosen: Bool) -> None:
    """Give each chosen pixel, in place, the region of the nearest pixel that has one."""
    if not chosen.any() or not regions.any():
        return
    rows, columns = ndimage.distance_transform_edt(
        regions == 0, return_distances=False, return_indices=True
    )
    regions[chosen] = regions[rows[chosen], columns[chosen]]
