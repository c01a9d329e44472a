from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from train.sampling.rounds import plan_rounds


def boxes_of(seed: int, count: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    low = generator.uniform(-1, 0.8, (count, 3))
    return np.stack([low, low + generator.uniform(0.01, 0.6, (count, 3))], axis=1)


@given(
    seed=some.integers(0, 1000),
    count=some.integers(1, 40),
    slots=some.integers(2, 9),
    data=some.data(),
)
def test_every_box_is_sampled_once(
    seed: int, count: int, slots: int, data: some.DataObject
) -> None:
    kept = data.draw(some.integers(1, slots - 1))
    done = data.draw(some.sets(some.integers(0, count - 1), max_size=count))
    rounds = plan_rounds(boxes_of(seed, count), slots=slots, kept=kept, done=done)
    new = [row for each in rounds for row in each.new]
    assert sorted(new) == sorted(set(range(count)) - done)
    there = set(done)
    for each in rounds:
        assert set(each.kept) <= there
        assert not set(each.kept) & set(each.new)
        assert len(each.rows) <= slots
        assert len(each.kept) >= min(kept, len(there))
        there |= set(each.new)


@pytest.mark.parametrize("kept", [5, 6, 7])
@pytest.mark.parametrize("count", range(9, 30))
def test_five_to_seven_of_eight_stay(count: int, kept: int) -> None:
    first, *later = plan_rounds(boxes_of(count, count), kept=kept)
    assert (len(first.new), first.kept) == (8, ())
    assert all(5 <= len(each.kept) <= 7 for each in later)
    assert all(len(each.rows) == 8 for each in later)
    assert len(later) == -(-(count - 8) // (8 - kept))


def test_the_biggest_come_first() -> None:
    boxes = boxes_of(3, 20)
    size = boxes[:, 1] - boxes[:, 0]
    area = (size * np.roll(size, 1, axis=1)).sum(axis=1)
    least = np.inf
    for each in plan_rounds(boxes):
        assert area[list(each.new)].max() <= least
        least = area[list(each.new)].min()


def test_the_nearest_stay() -> None:
    """Nine cubes in a row, the last the smallest: it is sampled beside its neighbours."""
    low = np.stack([2.0 * np.arange(9), np.zeros(9), np.zeros(9)], axis=1)
    side = np.linspace(1, 0.5, 9)[:, None]
    later = plan_rounds(np.stack([low, low + side], axis=1), slots=8, kept=5)[1]
    assert later.new == (8,)
    assert later.kept == (1, 2, 3, 4, 5, 6, 7)


def test_editing_shows_all_parts_where_they_fit() -> None:
    (only,) = plan_rounds(boxes_of(0, 8), done=[0, 1, 2, 4, 6])
    assert (only.new, only.kept) == ((3, 5, 7), (0, 1, 2, 4, 6))


@pytest.mark.parametrize(("slots", "kept"), [(8, 0), (8, 8), (1, 1)])
def test_impossible_numbers_are_refused(slots: int, kept: int) -> None:
    with pytest.raises(ValueError, match="are to be kept"):
        plan_rounds(boxes_of(0, 3), slots=slots, kept=kept)
