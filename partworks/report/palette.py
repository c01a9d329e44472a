"""Colours for labels: few, apart from one another, and never the same on both sides of a border."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Color = tuple[int, int, int]

PALETTE: tuple[Color, ...] = (
    (66, 113, 181),
    (240, 136, 40),
    (64, 160, 86),
    (206, 72, 66),
    (140, 98, 188),
    (232, 190, 45),
    (64, 178, 190),
    (235, 120, 170),
    (140, 92, 58),
    (150, 190, 60),
    (120, 160, 230),
    (128, 40, 96),
    (250, 180, 140),
    (30, 110, 100),
    (190, 160, 220),
    (100, 120, 50),
    (90, 200, 140),
    (180, 60, 140),
    (200, 165, 110),
    (70, 80, 140),
)
"""sRGB colours of middling lightness, which stand out on light and dark pages alike."""

BACKGROUND = -2

UNLABELLED: Color = (168, 172, 178)
"""Faces that belong to no part."""


def choose_colors(labels: NDArray[Any], count: int) -> NDArray[np.int64]:
    """(count,) int64: an index into `PALETTE` for each label.

    Up to as many labels as there are colours, label k gets colour k. Beyond, labels that touch in
    the picture get different ones, as far as that can be.

    Args:
        labels: (H, W) int, the label in each pixel, -1 = none.
        count: labels there are, seen or not.
    """
    chosen = np.arange(count) % len(PALETTE)
    if count <= len(PALETTE):
        return chosen
    neighbours = _neighbours(labels)
    for label in sorted(neighbours):
        taken = {int(chosen[other]) for other in neighbours[label] if other < label}
        free = (color % len(PALETTE) for color in range(label, label + len(PALETTE)))
        chosen[label] = next((color for color in free if color not in taken), chosen[label])
    return chosen


def borders(labels: NDArray[Any]) -> NDArray[np.bool_]:
    """(H, W) bool: pixels whose right or lower neighbour has another label.

    `BACKGROUND` has no border: thin things would be nothing but border.
    """
    border = np.zeros(labels.shape, bool)
    border[:, :-1] |= _differ(labels[:, :-1], labels[:, 1:])
    border[:-1] |= _differ(labels[:-1], labels[1:])
    return border


def _differ(here: NDArray[Any], there: NDArray[Any]) -> NDArray[np.bool_]:
    differ: NDArray[np.bool_] = (here != there) & (here != BACKGROUND) & (there != BACKGROUND)
    return differ


def _neighbours(labels: NDArray[Any]) -> dict[int, set[int]]:
    """Label -> the labels next to it, sideways or up and down."""
    sideways = np.stack([labels[:, :-1].ravel(), labels[:, 1:].ravel()], axis=1)
    upright = np.stack([labels[:-1].ravel(), labels[1:].ravel()], axis=1)
    pairs = np.concatenate([sideways, upright])
    pairs = np.unique(pairs[(pairs[:, 0] != pairs[:, 1]) & (pairs >= 0).all(axis=1)], axis=0)
    found: dict[int, set[int]] = {}
    for first, second in pairs.tolist():
        found.setdefault(first, set()).add(second)
        found.setdefault(second, set()).add(first)
    return found
