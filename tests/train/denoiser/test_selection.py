from __future__ import annotations

import numpy as np

from train.denoiser.selection import choose_parts, parts_in_order


def test_few_parts_are_all_there_in_every_order() -> None:
    levels = np.array([5, 3, 1])
    orders = {
        tuple(choose_parts(levels, most=8, generator=np.random.default_rng(seed)))
        for seed in range(100)
    }
    assert len(orders) == 6
    assert all(sorted(order) == [0, 1, 2] for order in orders)


def test_of_many_parts_large_ones_are_chosen_more_often() -> None:
    """Of two, one is drawn with a probability by its level, which counts from 1 here."""
    levels = np.array([2, 0])
    first = [
        int(choose_parts(levels, most=1, generator=np.random.default_rng(seed))[0])
        for seed in range(4000)
    ]
    # 3 of 4; a standard deviation is 0.007.
    assert abs(np.mean(np.array(first) == 0) - 0.75) < 0.03


def test_no_part_is_chosen_twice() -> None:
    for seed in range(50):
        rows = choose_parts(np.zeros(12, int), most=8, generator=np.random.default_rng(seed))
        assert len(set(rows.tolist())) == 8


def test_validation_takes_the_first() -> None:
    assert parts_in_order(12, most=8).tolist() == list(range(8))
    assert parts_in_order(3, most=8).tolist() == [0, 1, 2]
