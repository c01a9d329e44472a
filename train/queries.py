"""What an autoencoder of shapes reads and is asked: points on and around a surface."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from train.frames import BOUND, Frame

Float32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryConfig:
    """How points are drawn from those of the shards. The defaults are AutoPartGen's, section 4.1.

    Attributes:
        surface: even surface points that the encoder reads.
        sharp: points on sharp edges that it reads too, for networks with `sharp_points`.
        count: points at which the field is compared, 0 for none.
        surface_share: how many of them lie on the surface, and
        near_share: near it, and
        volume_share: anywhere around, in proportion to one another.
    """

    surface: int = 4096
    sharp: int = 0
    count: int = 24_576
    surface_share: float = 1.0
    near_share: float = 1.0
    volume_share: float = 1.0

    def __post_init__(self) -> None:
        for name, least in (("surface", 1), ("sharp", 0), ("count", 0)):
            if getattr(self, name) < least:
                raise ValueError(
                    f"queries.{name} is {getattr(self, name)}, expected at least {least}"
                )
        shares = (self.surface_share, self.near_share, self.volume_share)
        if min(shares) < 0 or not sum(shares) > 0:
            raise ValueError(
                f"the shares of queries are {shares}, expected none below 0 and one above"
            )

    @property
    def counts(self) -> tuple[int, int, int]:
        """Points on the surface, near it and around it: `count` in all."""
        total = self.surface_share + self.near_share + self.volume_share
        surface = round(self.count * self.surface_share / total)
        both = round(self.count * (self.surface_share + self.near_share) / total)
        return surface, both - surface, self.count - both


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FieldRows:
    """The field of one shape as it is stored: object frame and units.

    Attributes:
        surface: (S, 6) points with normals, whose distance is 0.
        near: (N, 4) points and signed distances.
        volume: (V, 4) the same.
        center: (3,) and
        scale: of the shape's own frame, whose cube [-1, 1]³ it fills.
        truncation: distances are clipped to ± this, object units.
    """

    surface: Float32
    near: Float32
    volume: Float32
    center: NDArray[np.float64]
    scale: float
    truncation: float


def draw_queries(
    rows: FieldRows, config: QueryConfig, *, frame: Frame, generator: np.random.Generator
) -> dict[str, Float32 | NDArray[np.bool_]]:
    """Draw the queries of one shape, surface points first, then near ones, then those around.

    Where the frame's cube is larger than the shape's own, its outer part is asked too: there a
    query is so far from the shape that its truncated distance is known.

    Returns:
        queries (Q, 3) and distance (Q,) float32, signed, negative inside, in the frame's units;
        normals (Qs, 3) of the surface points; near (Q,) bool, which are near points.
    """
    surface_count, near_count, volume_count = config.counts
    surface = frame.rows(rows.surface[_chosen(len(rows.surface), surface_count, generator)])
    near = rows.near[_chosen(len(rows.near), near_count, generator)]
    volume = rows.volume[_chosen(len(rows.volume), volume_count, generator)]
    places, distance = frame.points(volume[:, :3]), volume[:, 3]
    drawn = generator.uniform(-BOUND, BOUND, (volume_count, 3))
    own = np.abs(frame.back(drawn) - rows.center).max(axis=1, initial=0.0)
    far = own >= rows.scale + rows.truncation
    places = np.where(far[:, None], drawn, places).astype(np.float32)
    distance = np.where(far, np.float32(rows.truncation), distance)
    signed = np.concatenate([np.zeros(surface_count, np.float32), near[:, 3], distance])
    return {
        "queries": np.concatenate([surface[:, :3], frame.points(near[:, :3]), places]),
        "distance": (signed / frame.scale).astype(np.float32),
        "normals": surface[:, 3:],
        "near": np.repeat([False, True, False], [surface_count, near_count, volume_count]),
    }


def no_queries(config: QueryConfig) -> dict[str, Float32 | NDArray[np.bool_]]:
    """The same shapes full of zeros, for a shape whose field is not known."""
    surface_count, near_count, volume_count = config.counts
    return {
        "queries": np.zeros((config.count, 3), np.float32),
        "distance": np.zeros(config.count, np.float32),
        "normals": np.zeros((surface_count, 3), np.float32),
        "near": np.repeat([False, True, False], [surface_count, near_count, volume_count]),
    }


def draw_surface(
    surface: Float32, count: int, *, frame: Frame, generator: np.random.Generator
) -> Float32:
    """(count, 6) float32 of the (N, 6) points, each once, in random order, in the frame."""
    return frame.rows(surface[generator.permutation(len(surface))[:count]])


def _chosen(available: int, count: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """(count,) rows in random order, none twice before all were there once."""
    return np.resize(generator.permutation(available), count)
