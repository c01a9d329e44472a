"""What a part VAE is asked: points in space around a part, with their distance to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Float32 = NDArray[np.float32]

BOUND = 1.05
"""Half of the side of the cube that volume points fill; a normalised part lies in [-1, 1]³."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryConfig:
    """How points are drawn.

    Attributes:
        surface: surface points that the encoder sees.
        near: query points near the surface.
        volume: query points anywhere in the cube.
        near_sigma: standard deviation of near points from the surface, in normalised units.
    """

    surface: int = 512
    near: int = 384
    volume: int = 384
    near_sigma: float = 0.08

    def __post_init__(self) -> None:
        for name in ("surface", "near", "volume"):
            if getattr(self, name) < 1:
                raise ValueError(f"queries.{name} is {getattr(self, name)}, expected at least 1")
        if not self.near_sigma > 0:
            raise ValueError(f"queries.near_sigma is {self.near_sigma}, expected more than 0")


def normalise(surface: Float32, box: Float32) -> Float32:
    """(N, 6) float32 points with normals, in a frame where the box's longest side is [-1, 1].

    Args:
        surface: (N, 6) points with unit normals, object frame.
        box: (2, 3) lower and upper corner of the part.
    """
    center = box.mean(axis=0)
    scale = (box[1] - box[0]).max() / 2
    return np.concatenate([(surface[:, :3] - center) / scale, surface[:, 3:]], axis=1)


def draw_queries(
    surface: Float32, config: QueryConfig, *, generator: np.random.Generator
) -> dict[str, Float32]:
    """Draw the encoder's points and the queries of one normalised part.

    Args:
        surface: (N, 6) float32, from `normalise`.

    Returns:
        surface: (S, 6) a random choice of the points.
        queries: (Q, 3) near points, then volume points.
        distance: (Q,) to the nearest of all N points. It is unsigned, and too large by up to the
            spacing of the points, because the surface between them is not known here.
    """
    points = surface[:, :3]
    chosen = generator.permutation(len(surface))[: config.surface]
    at = points[generator.integers(len(points), size=config.near)]
    near = at + generator.normal(scale=config.near_sigma, size=at.shape)
    volume = generator.uniform(-BOUND, BOUND, size=(config.volume, 3))
    queries = np.concatenate([near, volume]).astype(np.float32)
    distance = np.asarray(cKDTree(points).query(queries)[0], np.float32)
    return {
        "surface": surface[chosen],
        "queries": queries,
        "distance": distance,
    }
