from itertools import product

import numpy as np
import pytest

from segment.minimum_cut import takers


def cost(took: np.ndarray, unary: np.ndarray, pairs: np.ndarray, capacity: np.ndarray) -> int:
    parted = took[pairs[:, 0]] != took[pairs[:, 1]]
    return int(unary[took].sum() + capacity[parted].sum())


@pytest.mark.parametrize("seed", range(20))
def test_no_set_of_takers_is_cheaper(seed: int) -> None:
    random = np.random.default_rng(seed)
    unary = random.integers(-9, 10, 8)
    pairs = random.integers(0, 8, (14, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    capacity = random.integers(0, 7, len(pairs))
    best = min(
        cost(np.asarray(took), unary, pairs, capacity) for took in product((False, True), repeat=8)
    )
    assert cost(takers(unary, pairs, capacity), unary, pairs, capacity) == best


def test_ties_take_nothing() -> None:
    one = np.asarray([[0, 1]])
    assert not takers(np.asarray([-5, 0]), one, np.asarray([0])).tolist()[1]
    assert takers(np.asarray([-5, 5]), one, np.asarray([9])).tolist() == [False, False]


def test_nobody_wishes_or_there_is_nobody() -> None:
    nothing = np.zeros((0, 2), np.int64)
    assert takers(np.asarray([3, 0]), nothing, np.zeros(0, np.int64)).tolist() == [False, False]
    assert takers(np.zeros(0, np.int64), nothing, np.zeros(0, np.int64)).tolist() == []


def test_flows_beyond_32_bits_in_all_are_exact() -> None:
    count = 64
    large = (1 << 30) - 1
    unary = np.where(np.arange(count) % 2 == 0, large - 1, -large)
    pairs = np.arange(count).reshape(-1, 2)
    took = takers(unary, pairs, np.full(len(pairs), large))
    assert took.all()
    unary[::2] += 1
    assert not takers(unary, pairs, np.full(len(pairs), large)).any()
