"""Masks made of the true parts, and spoilt as told: what lifting does with masks of known quality.

It measures the steps after the proposer apart from the proposer, and is of no other use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from partworks.geometry.adjacency import number_by_first
from segment.proposers.base import ViewMasks
from segment.views import ViewImages

Bool = NDArray[np.bool_]
Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

EIGHT = np.ones((3, 3), bool)
WAVELENGTH = 8.0
"""The jitter of a border sways over this many times its own reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OracleConfig:
    """How the true masks are spoilt; the default is moderate noise, all zeros none.

    Attributes:
        jitter: pixels by which borders sway, at 1024 pixels a side.
        drop_rate: share of masks that are missing.
        merge_rate: share of masks that cover a neighbouring part too.
        split_rate: share of masks that come in two halves.
        connected: a part gets a mask for each connected piece that is seen of it, as most models
            give it, instead of one for all of them.
        coarse_levels: further sets of masks, each with half as many parts, of neighbours together;
            as a model gives parts, and what the parts belong to.
        min_share: of the image that a mask must cover.
    """

    jitter: float = 3.0
    drop_rate: float = 0.1
    merge_rate: float = 0.05
    split_rate: float = 0.05
    connected: bool = False
    coarse_levels: int = 0
    min_share: float = 1e-4

    def __post_init__(self) -> None:
        for name in ("drop_rate", "merge_rate", "split_rate"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be in [0, 1], not {getattr(self, name)}")
        if self.jitter < 0 or self.coarse_levels < 0:
            raise ValueError("jitter and coarse_levels must not be negative")
        if not 0 <= self.min_share < 1:
            raise ValueError(f"min_share must be in [0, 1), not {self.min_share}")


class OracleProposer:
    """Proposes the parts that it is told.

    Args:
        face_labels: (F,) int, the true part of each face; what is negative is in no mask.
        config: how to spoil the masks.
    """

    name = "oracle"

    def __init__(self, face_labels: NDArray[Any], config: OracleConfig) -> None:
        self._labels = np.asarray(face_labels).astype(np.int32)
        self._config = config

    def propose(
        self, views: Sequence[ViewImages], *, generator: np.random.Generator
    ) -> list[ViewMasks]:
        """See `Proposer.propose`.

        Raises:
            ValueError: a view sees a face that the labels do not know.
        """
        largest = max((int(view.face_id.max(initial=-1)) for view in views), default=-1)
        if largest >= len(self._labels):
            raise ValueError(
                f"a view sees face {largest}, but there are labels of {len(self._labels)} faces; "
                "give the labels of the mesh that was rendered"
            )
        return [self._masks(view, generator) for view in views]

    def _masks(self, view: ViewImages, generator: np.random.Generator) -> ViewMasks:
        image = np.where(view.hit, self._labels[view.face_id], -1)
        levels = [_islands(image) if self._config.connected else image + 1]
        for _ in range(self._config.coarse_levels):
            levels.append(_halved(levels[-1], generator))
        reach = self._config.jitter * max(image.shape) / 1024
        place = _sway((view.camera.height, view.camera.width), reach=reach, generator=generator)
        masks = [
            pixels
            for islands in levels
            for pixels in _spoilt(islands, place, self._config, generator)
        ]
        # A model does not know which of its masks are spoilt, so the scores tell nothing of it.
        score = generator.uniform(0.5, 1.0, len(masks))
        return ViewMasks.from_pixels(masks, score, shape=view.face_id.shape)


def _islands(image: Int32) -> Int32:
    """(H, W) int32: connected pieces of equal label, from 1 on; 0 where the label is negative."""
    islands = np.zeros(image.shape, np.int32)
    count = 0
    for label in np.unique(image[image >= 0]):
        rows, columns = np.nonzero(image == label)
        box = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        pieces, found = ndimage.label(image[box] == label, structure=EIGHT)
        islands[box] += np.where(pieces > 0, pieces + count, 0).astype(np.int32)
        count += int(found)
    return islands


def _halved(islands: Int32, generator: np.random.Generator) -> Int32:
    """Islands after each joined a neighbour, drawn by lot, about half as many."""
    pairs = _touching(islands)
    joined = np.arange(int(islands.max(initial=0)) + 1)
    free = np.ones(len(joined), bool)
    for first, second in generator.permutation(pairs):
        if free[first] and free[second]:
            joined[second] = first
            free[[first, second]] = False
    merged: Int32 = np.where(islands > 0, number_by_first(joined)[islands], 0).astype(np.int32)
    return merged


def _touching(islands: Int32) -> Int64:
    """(E, 2) int64 islands that share a border of pixels, the smaller first, sorted."""
    rows = np.stack([islands[:, :-1].reshape(-1), islands[:, 1:].reshape(-1)], axis=1)
    columns = np.stack([islands[:-1].reshape(-1), islands[1:].reshape(-1)], axis=1)
    pairs = np.sort(np.concatenate([rows, columns]), axis=1).astype(np.int64)
    across: Int64 = pairs[(pairs[:, 0] != pairs[:, 1]) & (pairs[:, 0] > 0)]
    return np.unique(across, axis=0)


def _spoilt(
    islands: Int32,
    place: tuple[Int64, Int64],
    config: OracleConfig,
    generator: np.random.Generator,
) -> list[Int64]:
    """The pixels of each mask that is left, ascending; each pixel is read at its `place`."""
    read = islands[place]
    # What reads the background stays as it was: a model does not take it for a part.
    seen = np.where((islands > 0) & (read > 0), read, islands)
    count = int(islands.max(initial=0))
    order = np.argsort(seen, axis=None, kind="stable")
    starts = np.searchsorted(seen.reshape(-1)[order], np.arange(1, count + 2))
    pairs = _touching(islands)
    least = max(1, round(config.min_share * islands.size))
    rates = (config.drop_rate, config.merge_rate, config.split_rate)
    masks: list[Int64] = []
    for island in range(1, count + 1):
        dropped, merged, split = generator.random(3) < rates
        pixels = order[starts[island - 1] : starts[island]]
        beside = pairs[(pairs == island).any(axis=1)]
        if merged and len(beside):
            other = int(generator.choice(beside).sum()) - island
            pixels = np.sort(np.concatenate([pixels, order[starts[other - 1] : starts[other]]]))
        pieces = _cut(pixels, islands.shape[1], generator) if split else [pixels]
        if not dropped:
            masks += [piece for piece in pieces if len(piece) >= least]
    return masks


def _sway(
    shape: tuple[int, int], *, reach: float, generator: np.random.Generator
) -> tuple[Int64, Int64]:
    """(H, W) rows and columns of pixels about `reach` away, varying smoothly over the image."""
    rows, columns = np.indices(shape)
    if reach <= 0:
        return rows, columns
    noise = generator.standard_normal((2, *shape)).astype(np.float32)
    smooth = [ndimage.gaussian_filter(each, WAVELENGTH * reach / 2, mode="wrap") for each in noise]
    moved = [
        np.clip(np.rint(place + reach * shift / max(float(shift.std()), 1e-12)), 0, size - 1)
        for place, shift, size in zip((rows, columns), smooth, shape, strict=True)
    ]
    return moved[0].astype(np.int64), moved[1].astype(np.int64)


def _cut(pixels: Int64, width: int, generator: np.random.Generator) -> list[Int64]:
    """Two halves on either side of a line through the middle, in any direction."""
    if not len(pixels):
        return []
    place = np.stack(np.divmod(pixels, width), axis=1).astype(np.float64)
    angle = generator.uniform(0, np.pi)
    side = (place - place.mean(axis=0)) @ (np.cos(angle), np.sin(angle)) > 0
    return [pixels[side], pixels[~side]]
