"""What every mask proposer takes and gives: images of views in, ranked masks out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from segment.views import ViewImages

Bool = NDArray[np.bool_]
Float32 = NDArray[np.float32]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ViewMasks:
    """The masks of one view, best first; they may overlap and be nested.

    Attributes:
        shape: (H, W) of the image.
        pixels: (N,) int32 flat indices of the pixels of all masks, one mask after another, each
            ascending and without repeats.
        starts: (M + 1,) int64: mask k owns `pixels[starts[k]:starts[k + 1]]`.
        score: (M,) float32 in [0, 1], never rising.
    """

    shape: tuple[int, int]
    pixels: Int32
    starts: Int64
    score: Float32

    def __post_init__(self) -> None:
        assert self.pixels.dtype == np.int32 and self.score.dtype == np.float32
        assert self.starts.dtype == np.int64 and self.starts.shape == (len(self.score) + 1,)
        assert self.starts[0] == 0 and self.starts[-1] == len(self.pixels)

    @property
    def count(self) -> int:
        """The number of masks."""
        return len(self.score)

    @property
    def sizes(self) -> Int64:
        """(M,) int64: the number of pixels of each mask."""
        return np.diff(self.starts)

    def mask(self, index: int) -> Bool:
        """(H, W) bool: mask `index` as an image."""
        image = np.zeros(self.shape[0] * self.shape[1], bool)
        image[self.pixels[self.starts[index] : self.starts[index + 1]]] = True
        return image.reshape(self.shape)

    def best(self, count: int) -> ViewMasks:
        """The first `count` masks, or all if there are fewer."""
        kept = min(count, self.count)
        return ViewMasks(
            shape=self.shape,
            pixels=self.pixels[: self.starts[kept]],
            starts=self.starts[: kept + 1],
            score=self.score[:kept],
        )

    @classmethod
    def from_masks(
        cls, masks: Sequence[Bool] | Bool, score: Iterable[float] | NDArray[Any], *, shape: Any
    ) -> ViewMasks:
        """Rank masks of (H, W) bool each; those without a pixel are left out.

        Args:
            masks: M images, or (M, H, W).
            score: M numbers; what lies outside [0, 1] is clipped.
            shape: (H, W), for views without masks.
        """
        return cls.from_pixels([np.flatnonzero(mask) for mask in masks], score, shape=shape)

    @classmethod
    def from_pixels(
        cls, pixels: Sequence[NDArray[Any]], score: Iterable[float] | NDArray[Any], *, shape: Any
    ) -> ViewMasks:
        """Rank masks given as flat pixel indices, ascending; those without a pixel are left out.

        Masks of equal score keep their order.
        """
        scores = np.clip(np.asarray(list(score), np.float32), 0, 1)
        assert len(scores) == len(pixels)
        filled = np.array([len(each) > 0 for each in pixels], bool)
        order = np.argsort(-scores, kind="stable")
        order = order[filled[order]]
        ranked = [np.asarray(pixels[index], np.int32) for index in order]
        return cls(
            shape=(int(shape[0]), int(shape[1])),
            pixels=np.concatenate([*ranked, np.zeros(0, np.int32)]),
            starts=np.cumsum([0, *(len(each) for each in ranked)], dtype=np.int64),
            score=scores[order],
        )

    @classmethod
    def joined(cls, parts: Sequence[ViewMasks]) -> ViewMasks:
        """The masks of several images of one view, ranked together. Needs at least one."""
        pixels = [
            each.pixels[start:stop]
            for each in parts
            for start, stop in zip(each.starts[:-1], each.starts[1:], strict=True)
        ]
        assert len({each.shape for each in parts}) == 1
        scores = np.concatenate([each.score for each in parts])
        return cls.from_pixels(pixels, scores, shape=parts[0].shape)


class Proposer(Protocol):
    """Finds masks of what may be parts, in each view by itself."""

    @property
    def name(self) -> str:
        """The word by which settings and outputs know the proposer."""
        ...

    def propose(
        self, views: Sequence[ViewImages], *, generator: np.random.Generator
    ) -> list[ViewMasks]:
        """The masks of each view, in the order of the views."""
        ...
