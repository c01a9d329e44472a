"""Means and deviations of latents, channel by channel, out of what each shard brings along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
DIGITS = 9
"""Significant digits that are kept; the last ones of sums differ between processors."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moments:
    """Of N tokens with D channels: their mean, and the sum of squares around it.

    Attributes:
        count: N.
        mean: (D,) float64.
        squares: (D,) float64 sum over tokens of (value - mean)².
    """

    count: int
    mean: Float64
    squares: Float64

    @classmethod
    def of(cls, latents: NDArray[Any]) -> Moments:
        """Of (..., D) latents, at least one token."""
        values = latents.reshape(-1, latents.shape[-1]).astype(np.float64)
        mean = values.mean(axis=0)
        return cls(count=len(values), mean=mean, squares=((values - mean) ** 2).sum(axis=0))

    def __add__(self, other: Moments) -> Moments:
        """Of both together (Chan, Golub and LeVeque 1979)."""
        count, shift = self.count + other.count, other.mean - self.mean
        return Moments(
            count=count,
            mean=self.mean + shift * (other.count / count),
            squares=self.squares + other.squares + shift**2 * (self.count * other.count / count),
        )

    def to_tree(self) -> dict[str, Any]:
        """For JSON, to the last bit."""
        return {
            "count": self.count,
            "mean": self.mean.tolist(),
            "squares": self.squares.tolist(),
        }

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any]) -> Moments:
        """The inverse of `to_tree`."""
        return cls(
            count=tree["count"],
            mean=np.asarray(tree["mean"], np.float64),
            squares=np.asarray(tree["squares"], np.float64),
        )

    def summary(self) -> dict[str, Any]:
        """Count, mean and standard deviation (of the tokens there are) per channel, rounded."""
        deviation = np.sqrt(self.squares / self.count)
        return {"tokens": self.count, "mean": _rounded(self.mean), "std": _rounded(deviation)}


def total(shards: Sequence[Mapping[str, Moments]]) -> dict[str, Moments]:
    """The moments of each array over all shards, added up in their order."""
    found: dict[str, Moments] = {}
    for shard in shards:
        for name, moments in shard.items():
            found[name] = found[name] + moments if name in found else moments
    return found


def _rounded(values: Float64) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") for value in values]
