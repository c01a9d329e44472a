"""Rigid motions as URDF writes them, and its frame: z up, where glTF has y up."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, sin

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

Y_UP: Float64 = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
"""Takes points of URDF's frame (x forward, z up) to that of layouts (y up)."""

Z_UP: Float64 = Y_UP.T
"""The way back, a quarter turn about x."""

Z_UP_RPY = (np.pi / 2, 0.0, 0.0)
"""The same as URDF writes it."""


def rotation_of(rpy: Sequence[float]) -> Float64:
    """(3, 3) float64: about the fixed x axis by roll, then y by pitch, then z by yaw; radians."""
    (cr, sr), (cp, sp), (cy, sy) = ((cos(angle), sin(angle)) for angle in rpy)
    about_x = np.array([[1, 0, 0], [0, cr, -sr], [0, sr, cr]])
    about_y = np.array([[cp, 0, sp], [0, 1, 0], [-sp, 0, cp]])
    about_z = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]])
    turned: Float64 = about_z @ about_y @ about_x
    return turned


def motion(xyz: Sequence[float], rpy: Sequence[float]) -> Float64:
    """(4, 4) float64: the pose of a child in its parent."""
    matrix = np.eye(4)
    matrix[:3, :3] = rotation_of(rpy)
    matrix[:3, 3] = xyz
    return matrix
