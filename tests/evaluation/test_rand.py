from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partworks.evaluation.overlap import measure_overlap
from partworks.evaluation.rand import rand_error
from tests.shared_assets import requires_shared, shared


def by_pairs(labels: list[int], truth: list[int]) -> float:
    """The definition, pair by pair."""
    pairs = list(combinations(range(len(labels)), 2))
    apart = [(labels[a] == labels[b]) != (truth[a] == truth[b]) for a, b in pairs]
    return sum(apart) / len(pairs)


@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 3)), min_size=2, max_size=12))
def test_it_is_the_share_of_pairs_that_disagree(rows: list[tuple[int, int]]) -> None:
    labels, truth = ([row[side] for row in rows] for side in (0, 1))
    overlap = measure_overlap(
        np.asarray(labels), np.asarray(truth), areas=np.arange(len(rows)) + 1.0
    )
    assert rand_error(overlap) == pytest.approx(by_pairs(labels, truth))


def test_one_face_cannot_disagree() -> None:
    assert rand_error(measure_overlap(np.zeros(1, int), np.ones(1, int), areas=np.ones(1))) == 0


@requires_shared
@pytest.mark.parametrize("name", ["psb_plier_205", "psb_human_3"])
def test_people_disagree_as_much_as_others_have_measured(name: str) -> None:
    path = shared(f"assets/dev/research_only/labels/{name}.json")
    people = np.load(path.with_name(f"{name}.all_humans.npz"))["segs"]
    areas = np.ones(people.shape[1])
    errors = [rand_error(measure_overlap(a, b, areas=areas)) for a, b in combinations(people, 2)]
    expected = json.loads(path.read_text())["mean_pairwise_rand_error"]
    assert np.mean(errors) == pytest.approx(expected, abs=1e-4)
