"""Neighbouring faces made to agree on what is outside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from shards.closed import has_no_rim, is_oriented
from shards.field.body import Body
from shards.field.native import oriented_patches

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


def made_to_agree(body: Body) -> Body:
    """The body with faces turned so that neighbours agree and each patch has a volume above 0.

    A closed patch has but two such orientations, so nothing is guessed. The body comes back as it
    was if its neighbours agree already, or cannot: on a Möbius strip, or where more than two faces
    share an edge.
    """
    if body.rimless or body.oriented:
        return body
    faces, patch = oriented_patches(body.faces)
    if not is_oriented(faces):
        return body
    inside_out = _volumes(body.vertices, faces, patch) < 0
    turned = np.where(inside_out[patch][:, None], faces[:, ::-1], faces)
    return replace(
        body, faces=np.ascontiguousarray(turned), rimless=has_no_rim(turned), oriented=True
    )


def _volumes(vertices: Float64, faces: Int64, patch: Int64) -> Float64:
    """The signed volume between each patch and the mean of its corners."""
    corners = vertices[faces]
    sizes = np.bincount(patch)
    sums = [np.bincount(patch, corners[:, :, axis].mean(axis=1)) for axis in range(3)]
    corners = corners - (np.stack(sums, axis=1) / sizes[:, None])[patch][:, None]
    sixfold = (corners[:, 0] * np.cross(corners[:, 1], corners[:, 2])).sum(axis=1)
    return np.bincount(patch, sixfold) / 6
