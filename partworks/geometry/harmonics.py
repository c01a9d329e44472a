"""Real spherical harmonics at many directions, by recurrences in x, y and z."""

from __future__ import annotations

from math import factorial, sqrt

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


def harmonics(directions: Float64, *, most: int) -> list[Float64]:
    """Per degree l = 0…most the (2 l + 1, N) float64 values of its harmonics.

    Scaled so that the sum over m of Y_lm(a) Y_lm(b) is the Legendre polynomial P_l(a · b) (the
    addition theorem without its factor): turning all directions multiplies the rows of a degree by
    an orthogonal matrix.

    Args:
        directions: (N, 3) float64 unit vectors; the zero vector is allowed and stands for none.
        most: the highest degree.
    """
    x, y, z = np.ascontiguousarray(directions.T)
    found: list[list[Float64]] = [[] for _ in range(most + 1)]
    # (x + iy)^m carries sin^m(theta) with it, so the poles need no care.
    real, imaginary = np.ones_like(z), np.zeros_like(z)
    for order in range(most + 1):
        for degree, legendre in enumerate(_legendre(z, order=order, most=most), start=order):
            scale = sqrt(
                (2 if order else 1) * factorial(degree - order) / factorial(degree + order)
            )
            scaled = scale * legendre
            found[degree].append(scaled * real)
            if order:
                found[degree].append(scaled * imaginary)
        real, imaginary = real * x - imaginary * y, real * y + imaginary * x
    return [np.stack(rows) for rows in found]


def _legendre(z: Float64, *, order: int, most: int) -> list[Float64]:
    """P_l^m(z) / sin^m for l = m…most, without the Condon-Shortley phase."""
    diagonal = float(np.prod(np.arange(1, 2 * order, 2), dtype=np.float64))
    values = [np.full_like(z, diagonal)]
    for degree in range(order + 1, most + 1):
        value = (2 * degree - 1) * z * values[-1]
        if len(values) > 1:
            value -= (degree + order - 1) * values[-2]
        values.append(value / (degree - order))
    return values
