"""Names of colours, as people use them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

PROTOTYPES: tuple[tuple[str, tuple[int, int, int]], ...] = (
    ("black", (15, 15, 15)),
    ("dark grey", (75, 75, 78)),
    ("grey", (130, 130, 132)),
    ("light grey", (190, 190, 192)),
    ("white", (245, 245, 245)),
    ("dark red", (110, 15, 20)),
    ("red", (200, 30, 35)),
    ("red", (235, 60, 55)),
    ("pink", (240, 150, 175)),
    ("pink", (235, 100, 150)),
    ("orange", (240, 130, 30)),
    ("orange", (205, 95, 30)),
    ("brown", (120, 75, 40)),
    ("brown", (155, 105, 65)),
    ("dark brown", (65, 42, 28)),
    ("tan", (200, 160, 115)),
    ("beige", (228, 208, 175)),
    ("yellow", (245, 215, 60)),
    ("yellow", (235, 195, 40)),
    ("gold", (190, 145, 45)),
    ("olive", (115, 112, 45)),
    ("light green", (150, 215, 130)),
    ("green", (60, 160, 65)),
    ("green", (90, 175, 45)),
    ("dark green", (25, 75, 40)),
    ("teal", (25, 130, 130)),
    ("cyan", (70, 210, 225)),
    ("light blue", (150, 195, 235)),
    ("blue", (45, 105, 200)),
    ("blue", (30, 50, 190)),
    ("dark blue", (22, 32, 85)),
    ("dark blue", (5, 5, 120)),
    ("purple", (120, 50, 150)),
    ("lilac", (190, 160, 220)),
    ("magenta", (200, 40, 150)),
)
"""Colour names with sRGB values in their midst; a name may have several."""

_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_WHITE = _TO_XYZ.sum(axis=1)


def to_lab(linear: NDArray[Any]) -> Float64:
    """(N, 3) float64 CIELAB of linear sRGB in [0, 1], (N, 3), under its own white, D65."""
    ratio = np.clip(linear, 0, 1).astype(np.float64) @ _TO_XYZ.T / _WHITE
    # CIE 15: a cube root, with a straight line near black.
    curve = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = curve.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def name_colors(linear: NDArray[Any]) -> Int64:
    """(N,) int64: the row of `PROTOTYPES` nearest to each linear sRGB colour, in CIELAB."""
    distance = np.linalg.norm(to_lab(linear)[:, None] - _PROTOTYPE_LAB, axis=2)
    nearest: Int64 = distance.argmin(axis=1)
    return nearest


def dominant_colors(linear: NDArray[Any], *, least: float = 0.25) -> tuple[str, ...]:
    """One or two colour names, the commonest first.

    The second has at least `least` of the samples (N, 3). Empty without samples.
    """
    if not len(linear):
        return ()
    names = [name for name, _ in PROTOTYPES]
    ids = np.asarray([names.index(name) for name in names])[name_colors(linear)]
    counts = np.bincount(ids, minlength=len(names))
    ranked = np.argsort(-counts, kind="stable")[:2]
    return tuple(
        names[index]
        for place, index in enumerate(ranked)
        if place == 0 or counts[index] >= least * len(linear)
    )


def prototypes_lab() -> Float64:
    """(K, 3) float64 CIELAB of `PROTOTYPES`."""
    return _PROTOTYPE_LAB.copy()


def _prototype_lab() -> Float64:
    srgb = np.asarray([value for _, value in PROTOTYPES]) / 255
    return to_lab(np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4))


_PROTOTYPE_LAB = _prototype_lab()
