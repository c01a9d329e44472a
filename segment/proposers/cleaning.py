"""Crumbs taken off a mask: islands, holes and what lies beside the object."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Bool = NDArray[np.bool_]

EIGHT = np.ones((3, 3), bool)
MOSTLY = 0.5
"""A mask of which less than this share lies on the object is one of the background."""


def clean_mask(mask: Bool, hit: Bool, *, least: int) -> Bool:
    """(H, W) bool: the mask on the object, without islands and holes smaller than `least` pixels.

    Pixels touch at sides and corners. Nothing is left of a mask that mostly covers background.

    Args:
        mask: (H, W) bool.
        hit: (H, W) bool, the pixels that see the object.
        least: pixels.
    """
    cleaned = np.zeros(mask.shape, bool)
    inside = mask & hit
    if inside.sum() < max(1.0, MOSTLY * mask.sum()):
        return cleaned
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    # A frame of pixels outside, so that what is open to the outside is one large piece, no hole.
    framed = np.pad(_without_small(inside[box], least=least), 1)
    holes = ~framed & ~_without_small(~framed, least=least, keep_outside=True)
    cleaned[box] = (framed | holes)[1:-1, 1:-1]
    return cleaned & hit


def _without_small(mask: Bool, *, least: int, keep_outside: bool = False) -> Bool:
    """The mask without pieces below `least` pixels; the piece of the corner may stay anyway."""
    pieces, _ = ndimage.label(mask, structure=EIGHT)
    kept = np.bincount(pieces.reshape(-1)) >= least
    kept[0] = False
    if keep_outside:
        kept[pieces[0, 0]] = True
    large: Bool = kept[pieces]
    return large
