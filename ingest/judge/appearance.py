"""What an object's surface looks like without light: how varied, how opaque, which colours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.image_sampling import linear_to_srgb
from partworks.geometry.mesh import Mesh
from partworks.geometry.sampling import sample_surface
from partworks.geometry.texture import Surface

Float64 = NDArray[np.float64]

LEVELS = 3
"""Steps of each colour channel in a histogram, which has 27 bins."""

_POINTS = 2048


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Appearance:
    """The base colour of a surface.

    Attributes:
        authored: whether it has an image or vertex colours, or materials of different colours.
        spread: root mean square distance of the sRGB colours from their mean, as a share of the
            diagonal of the colour cube.
        opacity: mean alpha.
        histogram: (27,) float64 shares of the surface by colour, each colour shared between the
            eight bins around it.
    """

    authored: bool
    spread: float
    opacity: float
    histogram: Float64


def measure_appearance(mesh: Mesh) -> Appearance:
    """Look at some two thousand points, spread evenly over the area and always the same."""
    face, barycentric = sample_surface(
        mesh.vertices, mesh.faces, count=_POINTS, generator=np.random.default_rng(0)
    )
    linear = Surface(mesh).base_color(face, barycentric)
    colors = linear_to_srgb(np.clip(linear[:, :3], 0, 1)).astype(np.float64)
    spread = np.sqrt(((colors - colors.mean(axis=0)) ** 2).sum(axis=1).mean() / 3)
    return Appearance(
        authored=has_colour(mesh),
        spread=float(spread),
        opacity=float(linear[:, 3].mean()),
        histogram=_histogram(colors),
    )


def has_colour(mesh: Mesh) -> bool:
    """Whether an object has an image that colours it, or vertex colours."""
    pictured = any(
        material.base_color_texture is not None or material.emissive_texture is not None
        for material in mesh.materials
    )
    return pictured or any(node.colors is not None for node in mesh.nodes)


def _histogram(colors: Float64) -> Float64:
    """(27,) float64: trilinear, so that a colour between two bins does not jump from one to one."""
    at = np.clip(colors, 0, 1) * (LEVELS - 1)
    low = np.minimum(at.astype(np.int64), LEVELS - 2)
    upper = at - low
    total = np.zeros(LEVELS**3)
    for corner in np.ndindex(2, 2, 2):
        share = np.where(np.asarray(corner), upper, 1 - upper).prod(axis=1)
        place = (low + corner) @ np.array([LEVELS**2, LEVELS, 1])
        total += np.bincount(place, share, minlength=LEVELS**3)
    return total / len(colors)
