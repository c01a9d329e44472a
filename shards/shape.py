"""What shape an object has, in a few numbers that turning, moving, scaling and mirroring leave.

Copies of an object that were turned, rescaled, recoloured or written by another program have the
same numbers, so that `shards.families` finds them. The numbers are integrals over the surface, made
exactly and not from random points: neither how it is cut into triangles nor a seed changes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from math import factorial

import numpy as np
from numpy.polynomial.legendre import leg2poly, leggauss
from numpy.typing import NDArray

from partworks.geometry.measures import face_normals
from shards.surface import Surface

Float64 = NDArray[np.float64]
Exponents = tuple[int, int, int]

LENGTH = 18
_ORDER = 6
_HARMONICS = ((3, 1), (3, 3), (4, 2), (4, 4), (5, 1), (5, 3), (5, 5), (6, 2), (6, 4), (6, 6))
_CHUNK = 1 << 14


def shape_descriptor(surface: Surface) -> list[float]:
    """18 numbers for the shape of a surface; empty where it has no area.

    With x a point's place from the centroid in units of the root mean square of its length r, n its
    unit normal, and the mean E taken evenly over the area:

    - the two largest eigenvalues of E[x xᵀ], whose trace is one;
    - E[r⁴]^(1/4) and E[r⁶]^(1/6);
    - for degrees n from 3 to 6, the length of the part of E[rⁿ Y(x / r)] that lies in the spherical
      harmonics of degree l, as a share of the most that it can be (the rotation-invariant shape
      descriptor of Kazhdan, Funkhouser and Rusinkiewicz 2003, section 4, with polynomials in r);
    - the two largest eigenvalues of E[n nᵀ];
    - the mean and the root mean square of |n · x|, how far the planes of the faces pass.

    Each is rounded to six digits after the point, far below any difference that matters, because
    sums differ in their last bits between processors.
    """
    keep = np.flatnonzero(surface.areas > 0)
    if not len(keep):
        return []
    corners = surface.vertices[surface.faces[keep]].astype(np.float64)
    weights = surface.areas[keep] / surface.areas[keep].sum()
    corners = corners - np.einsum("f,fcd->d", weights, corners) / 3
    corners = corners / _root_mean_square(corners, weights)
    moments = _moments(corners, weights)
    normals = face_normals(surface.vertices, surface.faces[keep])
    planes = np.abs(np.einsum("fd,fd->f", normals, corners[:, 0]))
    values = [
        *_eigenvalues(_second_moments(moments)),
        _radial(moments, 4) ** (1 / 4),
        _radial(moments, 6) ** (1 / 6),
        *(_harmonic_share(moments, degree, band) for degree, band in _HARMONICS),
        *_eigenvalues(np.einsum("f,fi,fj->ij", weights, normals, normals)),
        weights @ planes,
        np.sqrt(weights @ planes**2),
    ]
    return [round(float(value), 6) for value in values]


def _root_mean_square(corners: Float64, weights: Float64) -> float:
    """Of the distance from the origin, exactly: a quadratic's mean over a triangle."""
    squares = (corners**2).sum(axis=(1, 2)) + (corners.sum(axis=1) ** 2).sum(axis=1)
    return float(np.sqrt(weights @ squares / 12))


def _eigenvalues(matrix: Float64) -> Float64:
    """The two largest of a (3, 3) matrix whose trace is one."""
    return np.linalg.eigvalsh(matrix)[:0:-1]


def _exponents(degree: int) -> Iterator[Exponents]:
    """The exponents (a, b, c) of all monomials xᵃ yᵇ zᶜ of a degree."""
    for a, b in product(range(degree + 1), repeat=2):
        if a + b <= degree:
            yield a, b, degree - a - b


def _moments(corners: Float64, weights: Float64) -> dict[Exponents, float]:
    """E[xᵃ yᵇ zᶜ] for all a + b + c up to 6.

    Two monomials of degree 3 at the most make one of degree 6, so one matrix product of the
    monomials at the nodes of a quadrature gives all the moments.
    """
    half = [each for degree in range(_ORDER // 2 + 1) for each in _exponents(degree)]
    nodes, shares = _quadrature()
    total = np.zeros((len(half), len(half)))
    for start in range(0, len(corners), _CHUNK):
        points = np.einsum("qc,fcd->fqd", nodes, corners[start : start + _CHUNK]).reshape(-1, 3)
        heavy = np.outer(weights[start : start + _CHUNK], shares).ravel()
        values = _monomials(points, half)
        total += (values * heavy) @ values.T
    moments: dict[Exponents, float] = {}
    for (row, one), (column, other) in product(enumerate(half), repeat=2):
        a, b, c = (i + j for i, j in zip(one, other, strict=True))
        moments.setdefault((a, b, c), float(total[row, column]))
    return moments


def _monomials(points: Float64, exponents: list[Exponents]) -> Float64:
    """(M, N) float64: each monomial at (N, 3) points, by products of those before it."""
    found: dict[Exponents, Float64] = {(0, 0, 0): np.ones(len(points))}
    for each in exponents[1:]:
        axis = next(index for index, power in enumerate(each) if power)
        a, b, c = (power - (index == axis) for index, power in enumerate(each))
        found[each] = found[a, b, c] * points[:, axis]
    return np.stack([found[each] for each in exponents])


def _quadrature() -> tuple[Float64, Float64]:
    """Barycentric nodes (16, 3) and weights (16,), exact to degree 6 on a triangle.

    Stroud's conical product of Gauss rules (1971): a square is folded onto the triangle, which
    raises the degree along one side by one.
    """
    roots, shares = leggauss(_ORDER // 2 + 1)  # type: ignore[no-untyped-call]
    at, share = (roots + 1) / 2, shares / 2
    u, v = (grid.ravel() for grid in np.meshgrid(at, at, indexing="ij"))
    weight = np.multiply.outer(2 * share * (1 - at), share).ravel()
    return np.stack([u, (1 - u) * v, (1 - u) * (1 - v)], axis=1), weight


def _second_moments(moments: Mapping[Exponents, float]) -> Float64:
    axes = np.eye(3, dtype=int)
    rows = [[moments[_as_exponents(one + other)] for other in axes] for one in axes]
    return np.array(rows)


def _as_exponents(powers: NDArray[np.int64]) -> Exponents:
    a, b, c = powers.tolist()
    return a, b, c


def _multinomial(powers: Exponents) -> int:
    a, b, c = powers
    return factorial(a + b + c) // (factorial(a) * factorial(b) * factorial(c))


def _weighted(moments: Mapping[Exponents, float], powers: Exponents, pairs: int) -> float:
    """E[r^(2 pairs) xᵃ yᵇ zᶜ]."""
    a, b, c = powers
    return sum(
        _multinomial((i, j, k)) * moments[a + 2 * i, b + 2 * j, c + 2 * k]
        for i, j, k in _exponents(pairs)
    )


def _radial(moments: Mapping[Exponents, float], degree: int) -> float:
    """E[r^degree] for an even degree."""
    return _weighted(moments, (0, 0, 0), degree // 2)


def _tensor_square(moments: Mapping[Exponents, float], degree: int, rank: int) -> float:
    """The squared length of E[r^(degree - rank) x⊗…⊗x], a tensor of a rank."""
    pairs = (degree - rank) // 2
    return sum(
        _multinomial(each) * _weighted(moments, each, pairs) ** 2 for each in _exponents(rank)
    )


def _harmonic_share(moments: Mapping[Exponents, float], degree: int, band: int) -> float:
    """How much of E[r^degree Y] lies in the harmonics of a band, from 0 to 1.

    The square is E[rⁿ r'ⁿ P(cos)] over pairs of points with the Legendre polynomial P of the band,
    and E[rⁿ r'ⁿ cosᵏ] is the squared length of a tensor of rank k. An odd power of r has no exact
    integral; the geometric mean of its neighbours stands for it.
    """
    polynomial = leg2poly([0] * band + [1])  # type: ignore[no-untyped-call]
    square = sum(
        factor * _tensor_square(moments, degree, rank)
        for rank, factor in enumerate(polynomial)
        if rank % 2 == band % 2
    )
    below, above = degree - degree % 2, degree + degree % 2
    most = (_radial(moments, below) * _radial(moments, above)) ** 0.5
    return float(np.sqrt(max(square, 0.0)) / most)
