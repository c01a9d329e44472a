"""What is inside of a body: decided by the first method that can be trusted, or not at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shards.field.body import Body
from shards.field.native import winding_numbers
from shards.field.orient import made_to_agree
from shards.field.proxy import proxy_inside

Float64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

MAX_DOUBTFUL = 0.005
"""Share of points, near the surface or around it, whose winding number may leave the sign open."""

MAX_INVERTED = 0.001
"""Share of points that may lie in what is wound inside out."""

OPEN = 0.25
"""Share of points near an oriented surface with open signs from which on it has no inside."""

REASONS = {
    "no_volume": "nothing is inside: two sides of a sheet, or a body too thin for a sample",
    "open": "large openings leave no inside",
    "sheet": "much of the surface has the outside on both sides",
    "no_proxy": "no watertight proxy lies near the surface",
    "ambiguous": "watertight proxy and surface disagree on what is inside",
}
"""Why a body has no sign."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Signs:
    """What is inside, and how that is known.

    Attributes:
        method: `closed`: no edge is left open, once neighbours agree, and winding numbers are
            whole. `winding`: openings are so small that winding numbers still tell. `proxy`: a
            watertight proxy tells. Else one of `REASONS`.
        inside: (N,) bool, None where no sign can be trusted.
    """

    method: str
    inside: Mask | None


def find_signs(
    body: Body,
    near: Float64,
    around: Float64,
    *,
    distances: Float64,
    generator: np.random.Generator,
) -> Signs:
    """Which points are inside of a body.

    Inside is where the surface winds around a point once or more often, so nested and overlapping
    shells are solid; a surface that is inside out as a whole counts as turned.

    Args:
        near: (N, 3) float64 points near the surface, in the body's frame.
        around: (M, 3) float64 points in a box around it.
        distances: (N + M,) float64 of both from the surface.

    Returns:
        Signs of near and around, in this order.
    """
    points, body = np.concatenate([near, around]), made_to_agree(body)
    winding = winding_numbers(body.vertices, body.faces, points)
    if winding[np.abs(winding) > 0.5].sum() < 0:
        winding = -winding
    inside = winding > 0.5
    inverted = float(np.mean(winding < -0.25))
    if body.rimless and inverted <= MAX_INVERTED:
        return Signs(method="closed", inside=inside) if inside.any() else _none("no_volume")
    doubtful = np.abs(winding - 0.5) < 0.25
    shares = [float(np.mean(some)) for some in np.split(doubtful, [len(near)]) if len(some)]
    if max(shares) <= MAX_DOUBTFUL and inverted <= MAX_INVERTED:
        return Signs(method="winding", inside=inside) if inside.any() else _none("no_volume")
    if body.oriented and shares[0] > OPEN:
        return _none("open")
    found = proxy_inside(body, points, distances=distances, generator=generator)
    return _none(found) if isinstance(found, str) else Signs(method="proxy", inside=found)


def _none(reason: str) -> Signs:
    assert reason in REASONS, reason
    return Signs(method=reason, inside=None)
