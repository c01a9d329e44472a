from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from ingest.judge.neighbours import near_pairs


@pytest.mark.parametrize("within", [0.0, 1.0, 3.0, 1e9])
def test_it_finds_what_looking_at_every_pair_finds(within: float) -> None:
    generator = np.random.default_rng(0)
    vectors = generator.integers(-20, 20, (40, 64)).astype(np.int16)
    close = np.repeat(vectors, 3, axis=0) + generator.integers(0, 2, (120, 64)) * (
        generator.random((120, 64)) < 0.03
    )
    distance = squareform(pdist(close.astype(np.float64)))
    expected = np.argwhere(np.triu(distance <= within, 1))
    assert np.array_equal(near_pairs(close, within=within), expected)


def test_none_or_one_have_no_pairs() -> None:
    for count in (0, 1):
        assert near_pairs(np.zeros((count, 64), np.int16), within=1.0).shape == (0, 2)
