"""The frame that a shape is learnt in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

BOUND = 1.05
"""Half of the side of the cube that fields are asked in; a fitted shape lies in [-1, 1]³."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """Takes the object frame to another one: x becomes (rotation x - center) / scale.

    Attributes:
        rotation: (3, 3) float64.
        center: (3,) float64, in the object's units.
        scale: > 0, in the object's units.
    """

    rotation: Float64
    center: Float64
    scale: float

    @classmethod
    def upright(cls, center: NDArray[Any], scale: float) -> Self:
        """A frame that turns nothing."""
        return cls(rotation=np.eye(3), center=np.asarray(center, np.float64), scale=float(scale))

    @classmethod
    def fitted(cls, points: NDArray[Any], *, rotation: Float64) -> Self:
        """The frame in which the longest side of the turned points' box spans [-1, 1].

        Args:
            points: (N, 3), N at least 1, not all at one place.
        """
        turned = points.astype(np.float64) @ rotation.T
        low, high = turned.min(axis=0), turned.max(axis=0)
        return cls(rotation=rotation, center=(low + high) / 2, scale=float((high - low).max() / 2))

    def points(self, points: NDArray[Any]) -> Float32:
        """(N, 3) float32 points of the object frame in this one."""
        turned = points.astype(np.float64) @ self.rotation.T
        return ((turned - self.center) / self.scale).astype(np.float32)

    def back(self, points: NDArray[Any]) -> Float64:
        """(N, 3) float64 points of this frame in the object's."""
        places: Float64 = (points.astype(np.float64) * self.scale + self.center) @ self.rotation
        return places

    def rows(self, rows: NDArray[Any]) -> Float32:
        """(N, 6) float32 points with unit normals of the object frame in this one."""
        normals = (rows[:, 3:].astype(np.float64) @ self.rotation.T).astype(np.float32)
        return np.concatenate([self.points(rows[:, :3]), normals], axis=1)


def random_rotation(generator: np.random.Generator) -> Float64:
    """(3, 3) float64, uniform over all rotations: of a unit quaternion (Shoemake 1992)."""
    w, x, y, z = (drawn := generator.standard_normal(4)) / np.linalg.norm(drawn)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
