"""Colour words of captions against the pixels of what they speak of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion

from caption.checks.color_words import colors_said
from caption.colors import PROTOTYPES, prototypes_lab, to_lab
from caption.views import Views
from partworks.artifacts.captions import Caption
from partworks.artifacts.renders import OBJECT
from partworks.geometry.image_sampling import srgb_to_linear

FLAG = "color_disagrees"
"""Begins the flag of a caption with a colour that its pixels do not show."""

LEAST = 0.05
"""The share of the pixels that must have a colour for a word to be true."""

TOLERANCE = 24.0
"""Distance in CIELAB up to which a pixel may pass for a colour."""

LIGHTNESS = 0.5
"""How much lightness counts beside hue and chroma: light and shade change it most."""

GAINS = (1.0, 1.6, 2.6)
"""What is lit badly is also judged as it would look in more light."""

GREY = 10.0
"""Chroma in CIELAB below which a colour counts as a grey."""

GREY_GAIN = 1.6
"""How much more light than it had a grey is judged in at the most."""

ENOUGH = 24
"""Pixels below which nothing can be said."""

MOST = 1500
"""Pixels that are looked at."""

CLEAR = frozenset(["glass", "transparent"])
"""Substances through which other things are seen."""


def check_colors(caption: Caption, pixels: NDArray[np.uint8]) -> Caption:
    """The caption, flagged for each colour that it names and that its pixels do not show.

    The field `color` is judged, and the beginning of the short text. What is clear, or has too few
    pixels, is not judged.

    Args:
        caption: of a part or of the whole.
        pixels: (N, 3) uint8 sRGB of what it speaks of.
    """
    words = {word.lower() for word in caption.material.split()}
    if len(pixels) < ENOUGH or words & CLEAR:
        return caption
    said = {
        **colors_said(caption.short, name=caption.name),
        **colors_said(caption.color, name=caption.name),
    }
    shares = color_shares(pixels) if said else {}
    wrong = [
        f"{FLAG}:{word}"
        for word, looks in said.items()
        if max(shares[look] for look in looks) < LEAST
    ]
    return replace(caption, flags=tuple(sorted({*caption.flags, *wrong})))


def color_shares(pixels: NDArray[np.uint8]) -> dict[str, float]:
    """For each colour name the share of pixels, (N, 3) uint8 sRGB, that may pass for it.

    A pixel passes for the colour whose prototype is nearest, and for all within `TOLERANCE`.
    """
    some = pixels[:: len(pixels) // MOST + 1]
    linear = srgb_to_linear(some.astype(np.float32) / 255).astype(np.float64)
    prototypes = prototypes_lab()
    # Between greys lightness is all there is: it counts in full, and much more light is ruled out.
    grey = np.linalg.norm(prototypes[:, 1:], axis=1) < GREY
    weight = np.where(grey, 1.0, LIGHTNESS**2)[:, None]
    passes = np.zeros((len(prototypes), len(some)), np.bool_)
    for gain in GAINS:
        lightness, chroma = _apart(prototypes, to_lab(linear * gain))
        passes[(lightness + chroma).argmin(axis=0), np.arange(len(some))] = True
        close = weight * lightness + chroma < TOLERANCE**2
        passes |= close & ~(grey & (gain > GREY_GAIN))[:, None]
    names = np.array([name for name, _ in PROTOTYPES])
    return {name: round(float(passes[names == name].any(axis=0).mean()), 6) for name in {*names}}


def _apart(
    one: NDArray[np.float64], other: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(K, N) float64 each: squared differences in lightness and in chroma of CIELAB colours."""
    apart: list[NDArray[np.float64]] = [one[:, axis, None] - other[:, axis] for axis in range(3)]
    lightness, green_red, blue_yellow = apart
    return lightness * lightness, green_red * green_red + blue_yellow * blue_yellow


def part_pixels(views: Views, part: int) -> NDArray[np.uint8]:
    """(N, 3) uint8: a part's pixels in its best object view and in the nearest view of it alone."""
    view = views.renders.overlap[part].best_view
    found = [np.zeros((0, 3), np.uint8)]
    mask = views.part_mask(view, part) if view >= 0 else None
    if mask is not None:
        found.append(_inner(views.color(OBJECT, view), mask))
    alone = views.alone(part, towards=view)
    if alone is not None:
        picture = views.color(*alone)
        found.append(_inner(picture, picture[..., 3] > 0))
    return np.concatenate(found)


def object_pixels(views: Views) -> NDArray[np.uint8]:
    """(N, 3) uint8: the object's pixels in all sound views."""
    found = [np.zeros((0, 3), np.uint8)]
    for view in views.renders.sound_views(OBJECT):
        picture = views.color(OBJECT, view)
        found.append(_inner(picture, picture[..., 3] > 0))
    return np.concatenate(found)


def _inner(picture: NDArray[np.uint8], mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The opaque pixels of a mask; those at its edge are mixed with others, and stay if few."""
    solid = mask & (picture[..., 3] > 250)
    inner = binary_erosion(solid)
    pixels: NDArray[np.uint8] = picture[inner if inner.sum() >= ENOUGH else solid, :3]
    return pixels
