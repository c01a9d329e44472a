"""How far a surface turns where one region meets another, whatever its tessellation.

A limb that joins a finely meshed body in a soft fillet has no edge that is sharp: the turn is
spread over many. So the angle is measured across a band, between what lies on either side.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from partworks.geometry.measures import face_normals
from partworks.geometry.sampling import sample_surface, surface_points
from segment.graph import borders
from segment.surface import Surface

Bool = NDArray[np.bool_]
Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

TINY = float(np.finfo(np.float64).tiny)
BAND = 0.015
"""How far from the border the surface is looked at, as a share of the diagonal."""

MOST_NEAR = 64
CHUNK = 1 << 15


def border_turns(
    labels: Int32, surface: Surface, *, samples: int, generator: np.random.Generator
) -> Float64:
    """(E,) float64 radians, in the order of the edges between regions: > 0 convex, < 0 concave.

    Around the middle of each edge the surface of its two regions within the band is averaged, a
    side each, and the angle is that between the mean normals; it is concave where the normals lean
    towards one another. Where a side has nothing in the band it is the edge's own angle.

    Args:
        labels: (F,) int32 regions.
        samples: points on the surface, besides the middle of each face.
        generator: places them.
    """
    outer = np.flatnonzero(borders(labels, surface))
    turns: Float64 = surface.angle[outer].astype(np.float64)
    if surface.diagonal <= 0 or surface.total_area <= 0:
        return turns
    band = _Band(labels, surface, samples=samples, generator=generator)
    for start in range(0, len(outer), CHUNK):
        edges = outer[start : start + CHUNK]
        turn, found = band.turns(surface.pairs[edges])
        turns[start : start + CHUNK][found] = turn[found]
    return turns


class _Band:
    """Points all over the surface, each with its share of the area, normal, region and shell."""

    def __init__(
        self, labels: Int32, surface: Surface, *, samples: int, generator: np.random.Generator
    ) -> None:
        face, weights = sample_surface(
            surface.vertices, surface.faces, count=samples, generator=generator
        )
        spread = surface_points(surface.vertices, surface.faces, face, weights)
        each = surface.total_area / samples
        self._face = np.concatenate([face, np.arange(len(surface.faces))])
        self._points = np.concatenate([spread, surface.centroids])
        # A face that is larger than a sample's share has samples besides its middle.
        self._weight = np.concatenate([np.full(len(face), each), np.minimum(surface.areas, each)])
        self._normal = face_normals(surface.vertices, surface.faces) * surface.sign[:, None]
        self._piece = labels.astype(np.int64) * (int(surface.shell.max()) + 1) + surface.shell
        self._surface = surface
        self._radius = BAND * surface.diagonal
        # An unbalanced tree copes with thousands of points in one place.
        self._tree = cKDTree(self._points, balanced_tree=False, compact_nodes=False)

    def turns(self, pairs: Int32) -> tuple[Float64, Bool]:
        """(K,) radians, and whether both sides of the edge between two faces were found."""
        most = min(MOST_NEAR, len(self._points))
        distance, near = self._tree.query(
            self._middles(pairs), k=most, distance_upper_bound=self._radius
        )
        near = np.asarray(near).reshape(len(pairs), most)
        within = np.isfinite(distance).reshape(near.shape)
        near = np.where(within, near, 0)
        left, right = (self._side(near, within, pairs[:, side]) for side in range(2))
        cosine = np.einsum("kc,kc->k", left[0], right[0])
        apart = np.einsum("kc,kc->k", right[0] - left[0], right[1] - left[1])
        return np.arccos(np.clip(cosine, -1, 1)) * np.sign(apart), left[2] & right[2]

    def _side(
        self, near: Int64, within: Bool, face: Int32
    ) -> tuple[Float64, Float64, NDArray[np.bool_]]:
        """Unit mean normal (K, 3) and centre (K, 3) of one side, and whether it has any area."""
        own = within & (self._piece[self._face[near]] == self._piece[face][:, None])
        weight = self._weight[near] * own
        normal = np.einsum("kn,knc->kc", weight, self._normal[self._face[near]])
        total = weight.sum(axis=1)
        centre = np.einsum("kn,knc->kc", weight, self._points[near])
        length = np.linalg.norm(normal, axis=1)
        return (
            normal / np.maximum(length, TINY)[:, None],
            centre / np.maximum(total, TINY)[:, None],
            (total > 0) & (length > 1e-9 * total),
        )

    def _middles(self, pairs: Int32) -> Float64:
        """(K, 3): the middle of what two faces share: the two nearest corners of the first."""
        corners = self._surface.vertices.astype(np.float64)[self._surface.faces]
        first, second = corners[pairs[:, 0]], corners[pairs[:, 1]]
        off = np.linalg.norm(first[:, :, None] - second[:, None], axis=-1).min(axis=2)
        shared = np.argsort(off, axis=1, kind="stable")[:, :2]
        middles: Float64 = np.take_along_axis(first, shared[:, :, None], axis=1).mean(axis=1)
        return middles
