"""The parts of made objects: upright blocks and cylinders that taper towards the top."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray

from train.metrics.mesh import TriangleMesh

Float64 = NDArray[np.float64]

_SIDES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Solid:
    """A prism with a square or round floor, in the object frame.

    Attributes:
        low: lower corner of its bounding box, which the floor touches on all sides.
        high: upper corner.
        is_round: it is a cylinder, not a block.
        taper: how wide the top is beside the floor, in (0, 1].
    """

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    is_round: bool
    taper: float

    @property
    def box(self) -> Float64:
        """(2, 3) float64 lower and upper corner."""
        return np.array([self.low, self.high])

    def mesh(self) -> TriangleMesh:
        """Its closed surface."""
        ring = _circle() if self.is_round else _square()
        middle, half = self.box.mean(axis=0), np.diff(self.box, axis=0)[0] / 2
        floor, top = ring * [1, -1, 1], ring * [self.taper, 1, self.taper]
        ends = np.array([[0.0, -1.0, 0.0], [0.0, 1.0, 0.0]])
        vertices = middle + half * np.concatenate([floor, top, ends])
        return TriangleMesh(vertices=vertices, faces=_faces(len(ring)))


def _square() -> Float64:
    return np.array([[1.0, 1.0, 1.0], [1.0, 1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, 1.0, 1.0]])


def _circle() -> Float64:
    angle = np.arange(_SIDES) * (2 * pi / _SIDES)
    return np.stack([np.sin(angle), np.ones(_SIDES), np.cos(angle)], axis=1)


def _faces(sides: int) -> NDArray[np.int64]:
    now = np.arange(sides)
    after = np.roll(now, -1)
    below, above = np.full(sides, 2 * sides), np.full(sides, 2 * sides + 1)
    return np.concatenate(
        [
            np.stack([now, after, sides + after], axis=1),
            np.stack([now, sides + after, sides + now], axis=1),
            np.stack([below, after, now], axis=1),
            np.stack([above, sides + now, sides + after], axis=1),
        ]
    )
