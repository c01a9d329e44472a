"""Normal maps: unit normals bent as a texture says.

A texel is a unit vector in the tangent space of glTF 2.0 (section 3.9.3): x to the right of the
picture, y up in it, z along the normal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]


def tilts(texels: Float32, *, scale: float = 1.0) -> Float64:
    """(N, 3) float64: vectors in tangent space, of any length, from sampled colours.

    Args:
        texels: (N, 3 or more) float32 in [0, 1], of a normal map, without sRGB decoding.
        scale: how much stronger the bend is, `Material.normal_scale`.
    """
    vectors: Float64 = texels[:, :3].astype(np.float64) * 2 - 1
    vectors *= np.array([scale, scale, 1.0])
    return vectors


def bend(normals: Float32, tilt: Float64, *, corners: Float32, uv: Float32) -> Float32:
    """(N, 3) float32: unit normals tilted within the directions in which the UVs grow.

    The tangent is made orthogonal to the normal; the third axis is orthogonal to both and points to
    where v falls, on mirrored UVs too. A normal stays as it is where the UVs of its face enclose no
    area or anything is not finite.

    Args:
        normals: (N, 3) unit, on the side that the face's front is on; where 0, the face's own.
        tilt: (N, 3) in tangent space, see `tilts`.
        corners: (N, 3, 3) positions of the three corners of each normal's face.
        uv: (N, 3, 2) their UVs, v growing downwards.
    """
    with np.errstate(all="ignore"):  # foreign numbers; what is not finite is sorted out below
        first, second = _sides(corners)
        (u1, v1), (u2, v2) = (side.T[..., None] for side in _sides(uv))
        # The gradients of the position are these over the determinant; only its sign matters here.
        winding = np.sign(u1 * v2 - u2 * v1)
        along_u = winding * (v2 * first - v1 * second)
        along_v = winding * (u1 * second - u2 * first)
        normal = normals.astype(np.float64)
        bare = np.flatnonzero(_dot(normal, normal) == 0)
        normal[bare] = _normalized(np.cross(first[bare], second[bare]))
        tangent = _normalized(along_u - normal * _dot(normal, along_u))
        up = np.cross(normal, tangent)
        up *= np.sign(_dot(up, -along_v))
        bent = _normalized(tilt[:, :1] * tangent + tilt[:, 1:2] * up + tilt[:, 2:] * normal)
        # Of unit length or, where anything is of no use, 0.
        usable = _dot(tangent, tangent) * _dot(up, up) * _dot(bent, bent) > 0.5
    return np.where(usable, bent, normals).astype(np.float32)


def _sides(corners: Float32) -> tuple[Float64, Float64]:
    """From the first corner to the second and to the third."""
    first = corners[:, 0].astype(np.float64)
    return corners[:, 1] - first, corners[:, 2] - first


def _normalized(vectors: Float64) -> Float64:
    """(N, 3) of unit length, 0 where there is no direction."""
    lengths = np.sqrt(_dot(vectors, vectors))
    sound = np.isfinite(lengths) & (lengths > 0)
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=sound)


def _dot(first: Float64, second: Float64) -> Float64:
    """(N, 1) inner products of rows."""
    product: Float64 = np.einsum("nc,nc->n", first, second)[:, None]
    return product
