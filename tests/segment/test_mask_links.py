from __future__ import annotations

import numpy as np

from segment.counts import MaskCounts, count_masks
from segment.graph import COLUMNS, HELD, LENGTH, PARTED, TRAITS, RegionGraph, Whole, build_graph
from segment.mask_links import with_masks
from segment.proposers.base import ViewMasks

LABELS = np.arange(4, dtype=np.int32)


def strips() -> np.ndarray:
    """(64, 64) four faces side by side."""
    return np.repeat(np.arange(4, dtype=np.int32), 16)[None].repeat(64, axis=0)


def counts(*masks: tuple[int, ...], views: int = 3) -> MaskCounts:
    """What is counted where each mask holds some of the faces, in several equal views."""
    found = [
        ViewMasks.from_masks(
            [np.isin(strips(), mask) for mask in masks], np.ones(len(masks)), shape=(64, 64)
        )
    ] * views
    return count_masks([strips()] * views, found, face_count=4)


def chain() -> RegionGraph:
    """Regions 0 to 3 in a row, each touching the next."""
    pairs = np.array([[0, 1], [1, 2], [2, 3]])
    sums = np.zeros((3, COLUMNS))
    sums[:, LENGTH] = 1.0
    whole = Whole(area=4.0, diagonal=1.0, shells=1.0)
    return build_graph(np.ones((4, TRAITS)), pairs, sums, np.zeros(3), whole=whole)


def test_neighbours_get_what_masks_say_of_them() -> None:
    graph = with_masks(chain(), counts((0, 1), (2, 3)), LABELS)
    np.testing.assert_array_equal(graph.pairs, [[0, 1], [1, 2], [2, 3]])
    held, parted = graph.sums[:, HELD], graph.sums[:, PARTED]
    assert held[0] == held[2] > 1 and held[1] == 0
    assert parted[1] > 1 and parted[0] == parted[2] == 0
    np.testing.assert_array_equal(graph.sums[:, LENGTH], 1.0)


def test_a_mask_links_what_does_not_touch() -> None:
    graph = with_masks(chain(), counts((0, 3), (1, 2)), LABELS)
    rows = {tuple(pair): row for row, pair in enumerate(graph.pairs.tolist())}
    assert set(rows) == {(0, 1), (1, 2), (2, 3), (0, 3)}
    link = rows[0, 3]
    assert np.isinf(graph.gap[link]) and graph.sums[link, LENGTH] == 0
    assert graph.sums[link, HELD] > 1 and graph.sums[link, PARTED] == 0


def test_without_masks_nothing_is_said() -> None:
    graph = with_masks(chain(), counts(), LABELS)
    np.testing.assert_array_equal(graph.pairs, chain().pairs)
    assert not graph.sums[:, [HELD, PARTED]].any()
