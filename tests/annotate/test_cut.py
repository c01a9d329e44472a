import numpy as np
import pytest

from annotate.config import AnnotateConfig
from annotate.cut import cut_segments, kept_splits
from tests.annotate.shapes import tree

CONFIG = AnnotateConfig()


def chain(areas: list[float], heights: list[float]) -> list[int]:
    """Parts of segments that join the first one after another."""
    count = len(areas)
    merges = [
        (0 if row == 0 else count + row - 1, row + 1, height) for row, height in enumerate(heights)
    ]
    return cut_segments(tree(areas, merges), CONFIG).tolist()


def test_what_is_surely_apart_parts_and_what_is_within_does_not() -> None:
    assert chain([1, 1, 1, 1], [0.1, 0.84, 0.84]) == [0, 0, 1, 2]


def test_a_body_that_would_stay_whole_parts_at_its_surest_joint_if_that_is_sure_enough() -> None:
    assert chain([1, 1, 1, 1, 1], [0.05, 0.06, 0.28, 0.3]) == [0, 0, 0, 0, 1]
    assert chain([1, 1, 1, 1, 1], [0.05, 0.06, 0.1, 0.15]) == [0] * 5


def test_a_body_without_a_joint_stays_whole() -> None:
    assert chain([1] * 6, [0.10, 0.105, 0.11, 0.115, 0.12]) == [0] * 6
    assert chain([1], []) == [0]
    assert chain([1, 1], [0.0]) == [0, 0]


def test_two_smooth_halves_with_one_joint_part() -> None:
    assert chain([1, 1], [0.3]) == [0, 1]


def test_a_crumb_above_the_cut_finds_no_part_and_is_none() -> None:
    # The last segment, far away and tiny, joins on top of two parts.
    assert chain([1, 1, 0.001], [0.84, 0.95]) == [0, 1, -1]
    # Below the cut a crumb goes with what the tree joined it to.
    assert chain([1, 0.001, 1], [0.3, 0.84]) == [0, 0, 1]


def test_crumbs_alone_do_not_make_an_object_of_parts() -> None:
    assert chain([1, 0.001, 0.001], [0.84, 0.9]) == [0, 0, 0]


def test_too_many_parts_are_merged_from_below() -> None:
    config = AnnotateConfig(max_parts=4)
    height = np.asarray([0.73, 0.74, 0.75, 0.80, 0.85, 0.9])
    assert kept_splits(height, config).tolist() == [False] * 3 + [True] * 3


def test_four_legs_part_together_or_not_at_all() -> None:
    height = np.asarray([0.75, 0.75, 0.75, 0.75, 0.9, 0.95])
    assert kept_splits(height, AnnotateConfig(max_parts=5)).sum() == 2
    assert kept_splits(height, AnnotateConfig(max_parts=7)).sum() == 6
    # Were all alike, none could be kept: then as many as there is room for.
    assert kept_splits(np.full(20, 0.8), AnnotateConfig(max_parts=8)).sum() == 7


def test_splits_kept_among_equals_are_the_upper_ones() -> None:
    kept = kept_splits(np.full(20, 0.8), AnnotateConfig(max_parts=8))
    assert kept.tolist() == [False] * 13 + [True] * 7


@pytest.mark.parametrize("seed", range(10))
def test_random_trees(seed: int) -> None:
    random = np.random.default_rng(seed)
    count = 60
    free = list(range(count))
    merges = []
    for row, height in enumerate(np.sort(random.random(count - 1))):
        left, right = (free.pop(int(random.integers(len(free)))) for _ in range(2))
        merges.append((left, right, float(height)))
        free.append(count + row)
    areas = random.random(count) ** 6
    parts = cut_segments(tree(areas, merges), CONFIG)
    found = np.unique(parts[parts >= 0])
    assert found.tolist() == list(range(len(found))) and 2 <= len(found) <= 32
    per_part = np.bincount(parts[parts >= 0], areas[parts >= 0])
    assert per_part.min() >= CONFIG.min_area_share * areas.sum() * 0.999
    assert areas[parts < 0].sum() < 0.1 * areas.sum()
