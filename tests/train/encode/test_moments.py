from __future__ import annotations

import json

import numpy as np
import pytest

from train.encode.moments import Moments, total

VALUES = np.random.default_rng(0).normal(50, 0.1, (60, 7, 3)).astype(np.float32)


def test_shards_add_up_to_the_whole() -> None:
    shards = [{"part_latent": Moments.of(VALUES[start : start + 25])} for start in (0, 25, 50)]
    found = total(shards)["part_latent"].summary()
    flat = VALUES.reshape(-1, 3).astype(np.float64)
    assert found["tokens"] == 420
    assert found["mean"] == pytest.approx(flat.mean(axis=0), rel=1e-9)
    # A large mean must not swallow the deviation.
    assert found["std"] == pytest.approx(flat.std(axis=0), rel=1e-9)


def test_equal_numbers_have_no_deviation() -> None:
    both = Moments.of(np.full((4, 2), 0.1, np.float32)) + Moments.of(np.full((3, 2), 0.1))
    assert both.summary()["std"] == pytest.approx([0, 0], abs=1e-8)


def test_arrays_that_some_shards_lack_count_where_they_are() -> None:
    one, two = Moments.of(np.ones((2, 1))), Moments.of(np.zeros((3, 1)))
    found = total([{"a": one}, {"a": one, "b": two}])
    assert (found["a"].count, found["b"].count) == (4, 3)


def test_a_manifest_keeps_every_bit() -> None:
    moments = Moments.of(VALUES)
    again = Moments.from_tree(json.loads(json.dumps(moments.to_tree())))
    assert again.count == moments.count
    assert np.array_equal(again.mean, moments.mean)
    assert np.array_equal(again.squares, moments.squares)
