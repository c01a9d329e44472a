"""Measures of rendered views, and which of them are not fit for captions or training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from partworks.artifacts.renders import ViewCheck
from partworks.geometry.image_sampling import srgb_to_linear
from partworks.geometry.measures import face_normals
from partworks.geometry.mesh import Mesh
from render.backend import Picture
from render.config import RenderConfig
from render.subject import Subject

Flaw = Literal["empty", "clipped", "constant", "magenta", "dark"]

REASONS: dict[Flaw, tuple[str, str]] = {
    "empty": (
        "blank_render",
        "No view of the object shows anything; its materials may be invisible.",
    ),
    "clipped": ("clipped_render", "The object reaches over the border of every view."),
    "constant": (
        "constant_render",
        "All views show one and the same colour although the surface bends: the light is lost.",
    ),
    "magenta": (
        "missing_texture",
        "The renderer drew its sign for a missing texture, magenta, where the object has none.",
    ),
    "dark": ("dark_render", "Every view is too dark to show anything."),
}
"""Flaw -> the reason with which an object is rejected that has no view without a flaw."""

SPREAD = 2
"""Levels out of 255 within which all pixels are taken for one colour."""

MAGENTA = 0.01
"""The share of solid pixels that may be magenta by chance, at the edges of colourful things."""

FLAT = 0.999
"""Cosine between face normals above which a surface counts as flat."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """What a view's pixels say.

    Attributes:
        coverage: share of pixels that are not fully transparent.
        border: share of the outermost pixels that are not fully transparent.
        low: (3,) the first percentile of each channel over the solid pixels.
        high: (3,) the last percentile.
        magenta: share of solid pixels that are magenta without reason.
        brightness: mean of the brightest channel over the solid pixels, 0 to 255.
    """

    coverage: float
    border: float
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    magenta: float
    brightness: float


def measure(picture: Picture, *, albedo: Callable[[], Picture] | None = None) -> Measured:
    """Measure one view.

    Args:
        picture: (H, W, 4) uint8 sRGB, straight alpha.
        albedo: gives the same view's own colours, (H, W, 4) uint8 sRGB, where they are known; it
            is asked only if something is magenta, which may be the object's colour.
    """
    shown = picture[..., 3] > 0
    edge = np.concatenate([shown[0], shown[-1], shown[1:-1, 0], shown[1:-1, -1]])
    solid = picture[..., 3] > 127
    colors = picture[solid][:, :3]
    if not len(colors):
        colors = np.zeros((1, 3), np.uint8)
    low, high = np.percentile(colors, (1, 99), axis=0)
    return Measured(
        coverage=float(shown.mean()),
        border=float(edge.mean()),
        low=low,
        high=high,
        magenta=_unexpected_magenta(picture, solid, albedo),
        brightness=float(colors.max(axis=1).mean()),
    )


def _unexpected_magenta(
    picture: Picture, solid: NDArray[np.bool_], albedo: Callable[[], Picture] | None
) -> float:
    found = solid & is_magenta(picture)
    if found.sum() > MAGENTA * solid.sum() and albedo is not None:
        # Edges are blends of what lies next to one another.
        found &= ~binary_dilation(is_magenta(albedo()), np.ones((3, 3), bool))
    return float(found.sum() / max(solid.sum(), 1))


def is_magenta(picture: Picture) -> NDArray[np.bool_]:
    """(H, W) bool: red and blue alike, next to no green, under whatever light."""
    red, green, blue = np.moveaxis(srgb_to_linear(picture[..., :3]), -1, 0)
    weaker, stronger = np.minimum(red, blue), np.maximum(red, blue)
    magenta: NDArray[np.bool_] = (
        (weaker > 0.05) & (weaker > 0.6 * stronger) & (green < 0.2 * weaker)
    )
    return magenta


def judge(views: Sequence[Measured], *, bends: bool, config: RenderConfig) -> tuple[ViewCheck, ...]:
    """The verdict on all views of one folder.

    Args:
        views: of one subject, in order.
        bends: whether the subject must show several shades, as a lit surface does that is not flat.
    """
    solid = [view for view in views if view.coverage >= config.least_coverage]
    constant = bool(solid) and bends and _pooled_spread(solid) <= SPREAD
    return tuple(_check(view, constant=constant, config=config) for view in views)


def _pooled_spread(views: Sequence[Measured]) -> float:
    """The largest difference between solid pixels of any views, per channel."""
    highest = np.max([view.high for view in views], axis=0)
    lowest = np.min([view.low for view in views], axis=0)
    return float((highest - lowest).max())


def _check(view: Measured, *, constant: bool, config: RenderConfig) -> ViewCheck:
    empty = view.coverage < config.least_coverage
    found: dict[Flaw, bool] = {
        "empty": empty,
        "clipped": view.border > 0,
        "constant": constant and not empty,
        "magenta": view.magenta > MAGENTA and not empty,
        "dark": view.brightness < config.darkest and not empty,
    }
    return ViewCheck(
        coverage=round(view.coverage, 6),
        border=round(view.border, 6),
        spread=round(float((view.high - view.low).max()), 2),
        magenta=round(view.magenta, 6),
        brightness=round(view.brightness, 2),
        flaws=tuple(name for name, there in found.items() if there),
    )


def must_show_shades(mesh: Mesh, subject: Subject, config: RenderConfig) -> bool:
    """Whether views of one single colour would be a flaw.

    They are not where light is off, where the surface is flat, and where only a piece of the
    subject is seen.
    """
    lit = config.backend == "blender" or config.raster.shading != "unlit"
    if not lit or subject.rig.masked or not subject.faces.any():
        return False
    normals = face_normals(mesh.vertices, mesh.faces[subject.faces])
    normals = normals[np.isfinite(normals).all(axis=1) & normals.any(axis=1)]
    return len(normals) > 0 and bool((np.abs(normals @ normals[0]) < FLAT).any())


def common_flaw(checks: Sequence[ViewCheck]) -> Flaw | None:
    """The most frequent flaw of views none of which is sound; None if one is."""
    if any(not check.flaws for check in checks):
        return None
    counts = {flaw: sum(flaw in check.flaws for check in checks) for flaw in REASONS}
    return max(counts, key=lambda flaw: counts[flaw])
