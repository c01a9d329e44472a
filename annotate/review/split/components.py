"""Split a group into what hangs together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotate.review.surface import Patch, ReviewSurface, patch_of
from partworks.geometry.adjacency import connected_components

Bool = NDArray[np.bool_]
Int64 = NDArray[np.int64]


def component_sides(surface: ReviewSurface, inside: Bool) -> Int64:
    """(K,) int64: the connected component of each face in `inside` (F,), the largest area first.

    Faces are connected over edges, with vertices welded by position.
    """
    patch = patch_of(surface, inside)
    return _largest_first(surface, patch, np.ones(len(patch.edges), bool))


def flood_sides(
    surface: ReviewSurface, inside: Bool, *, sharpest: float, stop_at_material: bool = False
) -> Int64:
    """`component_sides`, where edges sharper than `sharpest` radians connect nothing.

    Nor do, on request, edges between two materials.
    """
    patch = patch_of(surface, inside)
    open_edge = np.abs(surface.angle[patch.edges]) <= sharpest
    if stop_at_material:
        material = surface.material[surface.pairs[patch.edges]]
        open_edge &= material[:, 0] == material[:, 1]
    return _largest_first(surface, patch, open_edge)


def _largest_first(surface: ReviewSurface, patch: Patch, kept: Bool) -> Int64:
    component = connected_components(len(patch.faces), patch.pairs[kept])
    areas = np.bincount(component, surface.areas[patch.faces])
    rank = np.argsort(np.argsort(-areas, kind="stable"), kind="stable")
    sides: Int64 = rank[component].astype(np.int64)
    return sides
