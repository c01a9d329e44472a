"""Masks without a model: regions between the edges of a view, and what they merge to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segment.proposers.base import ViewMasks
from segment.proposers.edges import PixelEdges, find_edges
from segment.proposers.flooding import flood
from segment.proposers.hierarchy import Hierarchy, build_hierarchy, find_borders
from segment.proposers.thickness import LevelSet, find_level_sets
from segment.views import ViewImages

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

SMALL = 16.0
"""Regions below this many times the least size merge the sooner, the smaller they are."""

LEVELS = (0.05, 0.12, 0.25, 0.45, 0.7)
ALIKE = 0.9
"""Of two nested masks, one with more than this share of the other's pixels, the better is kept."""


# The parser of settings reads the attributes of a nested default through vars(), which slots lack.
@dataclass(frozen=True, kw_only=True)
class GeometricConfig:
    """How masks are found without a model.

    Attributes:
        working_size: pixels a side at which edges are looked for; larger views are thinned out.
        min_share: of the image that a mask must cover.
        max_masks: of one view.
        min_score: masks below it are dropped; the score is how much stronger the border of a mask
            is than the strongest border inside it.
    """

    working_size: int = 512
    min_share: float = 2e-4
    max_masks: int = 256
    min_score: float = 0.02

    def __post_init__(self) -> None:
        if self.working_size < 16:
            raise ValueError(f"working_size must be at least 16 pixels, not {self.working_size}")
        if self.max_masks < 1:
            raise ValueError(f"max_masks must be at least 1, not {self.max_masks}")
        for name in ("min_share", "min_score"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} must be in [0, 1), not {getattr(self, name)}")


class GeometricProposer:
    """Proposes the regions of each view and everything that they merge to, weakest border first.

    Needs no weights and draws no random numbers.
    """

    name = "geometric"

    def __init__(self, config: GeometricConfig) -> None:
        self._config = config

    def propose(
        self, views: Sequence[ViewImages], *, generator: np.random.Generator
    ) -> list[ViewMasks]:
        """See `Proposer.propose`."""
        return [propose_masks(view, self._config) for view in views]


def propose_masks(view: ViewImages, config: GeometricConfig) -> ViewMasks:
    """The masks of one view: regions and what they merge to, and limbs that differ in thickness."""
    stride = max(1, round(max(view.face_id.shape) / config.working_size))
    hit = view.hit[::stride, ::stride]
    if not hit.any():
        return ViewMasks.from_pixels([], [], shape=view.face_id.shape)
    edges = find_edges(view, stride=stride)
    least = max(1, round(config.min_share * hit.size))
    thinned = view.diameter[::stride, ::stride]
    levels = find_level_sets(thinned, hit, edges.drawn, least=least)
    regions = flood(hit, edges.every, levels=LEVELS, least=least)
    parts = [
        _nested(view, regions, edges.every, least=least, config=config),
        *(_enlarged_levels(view, level) for level in levels),
    ]
    return ViewMasks.joined(parts).best(config.max_masks)


def _nested(
    view: ViewImages, regions: Int32, edges: PixelEdges, *, least: int, config: GeometricConfig
) -> ViewMasks:
    """Masks of regions and of all that they merge to, weakest borders first."""
    size = np.bincount(regions.reshape(-1))[1:].astype(np.int64)
    borders = find_borders(regions, edges.right, edges.down)
    tree = build_hierarchy(size, borders, small=SMALL * least)
    score = np.clip(tree.outer - tree.inner, 0, 1)
    chosen = _choose(tree, score, least=least, config=config)
    pixels, starts = _pixels_by_region(_enlarged(regions, view))
    below = tree.leaves()
    masks = [
        np.sort(np.concatenate([pixels[starts[leaf] : starts[leaf + 1]] for leaf in below[node]]))
        for node in chosen
    ]
    return ViewMasks.from_pixels(masks, score[chosen], shape=view.face_id.shape)


def _enlarged_levels(view: ViewImages, level: LevelSet) -> ViewMasks:
    pixels, starts = _pixels_by_region(_enlarged(level.component, view))
    masks = [pixels[starts[k - 1] : starts[k]] for k in level.chosen]
    return ViewMasks.from_pixels(masks, level.score, shape=view.face_id.shape)


def _choose(tree: Hierarchy, score: Float64, *, least: int, config: GeometricConfig) -> Int64:
    """The nodes worth a mask, best first."""
    kept = (tree.size >= least) & (score >= config.min_score)
    for node, pair in enumerate(tree.children, start=tree.regions):
        larger = pair[np.argmax(tree.size[pair])]
        if kept[larger] and kept[node] and tree.size[larger] > ALIKE * tree.size[node]:
            kept[larger if score[larger] < score[node] else node] = False
    nodes = np.flatnonzero(kept)
    return nodes[np.argsort(-score[nodes], kind="stable")][: config.max_masks]


def _enlarged(regions: Int32, view: ViewImages) -> Int32:
    """(H, W) int32: the regions of a thinned-out view given to all pixels around each."""
    height, width = view.face_id.shape
    stride = -(-height // len(regions))
    full = np.repeat(np.repeat(regions, stride, axis=0), stride, axis=1)[:height, :width]
    return np.where(view.hit, full, 0).astype(np.int32)


def _pixels_by_region(regions: Int32) -> tuple[Int64, Int64]:
    """Flat pixels sorted by region; region r, from 0 on, owns `pixels[starts[r]:starts[r + 1]]`."""
    flat = regions.reshape(-1)
    pixels = np.argsort(flat, kind="stable")
    starts = np.searchsorted(flat[pixels], np.arange(1, int(flat.max()) + 2))
    return pixels, starts
