"""Agreement in closed form, and what must hold for any labels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.review.agreement import agreement, verdict_kappa

ONES = np.ones(4)
LABELS = st.lists(st.integers(-1, 3), min_size=6, max_size=6).map(np.asarray)
AREAS = st.lists(st.sampled_from([0.5, 1.0, 2.0]), min_size=6, max_size=6).map(np.asarray)
EXACT = settings(max_examples=100, deadline=None, derandomize=True)


def test_halves_against_a_whole() -> None:
    found = agreement(np.zeros(4, int), np.array([0, 0, 1, 1]), areas=ONES)
    # One bit more in the second; chance explains all that is shared.
    assert (found.split, found.merged) == (1.0, 0.0)
    assert found.adjusted_rand == 0.0
    assert found.matched_iou == 0.25  # 1/2 over two parts
    assert found.kappa == 0.0
    assert found.part_delta == 1


def test_quarters_across_one_another_are_independent() -> None:
    found = agreement(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), areas=ONES)
    assert found.split == found.merged == 1.0
    assert found.adjusted_rand == pytest.approx(0.0)
    assert found.kappa == pytest.approx(0.0)
    assert found.matched_iou == pytest.approx(1 / 3)


def test_one_of_four_faces_in_doubt() -> None:
    found = agreement(np.array([0, 0, 1, 1]), np.array([5, 5, 7, 5]), areas=ONES)
    # 3/4 agree, 3/8 + 1/8 by chance.
    assert found.kappa == pytest.approx((0.75 - 0.5) / 0.5)
    assert found.matched_iou == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_area_counts_and_not_faces() -> None:
    first, second = np.array([0, 0, 1]), np.array([0, 1, 1])
    small = agreement(first, second, areas=np.array([1.0, 1e-6, 1.0]))
    assert small.kappa > 0.999 and small.adjusted_rand > 0.999
    assert agreement(first, second, areas=np.array([1.0, 2.0, 1.0])).kappa < 0.5


def test_dropped_faces_are_matched_with_dropped_faces_alone() -> None:
    first, second = np.array([-1, -1, 0, 0]), np.array([0, 0, 1, 1])
    found = agreement(first, second, areas=ONES)
    assert found.part_delta == 1 and found.adjusted_rand == 1.0
    assert found.kappa < 0.5 and found.matched_iou == 0.5
    assert agreement(first, first, areas=ONES).kappa == 1.0
    assert agreement(np.full(4, -1), np.full(4, -1), areas=ONES).matched_iou == 1.0


@EXACT
@given(LABELS, LABELS, AREAS)
def test_what_always_holds(first: np.ndarray, second: np.ndarray, areas: np.ndarray) -> None:
    found = agreement(first, second, areas=areas)
    back = agreement(second, first, areas=areas)
    assert found.adjusted_rand == pytest.approx(back.adjusted_rand)
    assert (found.split, found.merged) == pytest.approx((back.merged, back.split))
    assert found.part_delta == -back.part_delta
    assert 0 <= found.matched_iou <= 1 + 1e-12 and found.kappa <= 1 + 1e-12
    assert found.variation_of_information <= np.log2(6) * 2 + 1e-9
    same = agreement(first, first, areas=areas)
    assert same.adjusted_rand == pytest.approx(1.0) and same.kappa == pytest.approx(1.0)
    assert same.variation_of_information == pytest.approx(0.0)
    assert same.matched_iou == pytest.approx(1.0)


@EXACT
@given(LABELS, LABELS, AREAS)
def test_names_of_labels_do_not_matter(
    first: np.ndarray, second: np.ndarray, areas: np.ndarray
) -> None:
    renamed = np.where(second < 0, second, 90 - 7 * second)
    one, two = (agreement(first, other, areas=areas) for other in (second, renamed))
    assert one.adjusted_rand == pytest.approx(two.adjusted_rand)
    assert one.variation_of_information == pytest.approx(two.variation_of_information)
    assert one.matched_iou == pytest.approx(two.matched_iou)


def test_a_face_cut_in_two_changes_nothing() -> None:
    first, second = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1])
    areas = np.array([1.0, 2.0, 3.0, 4.0])
    twice = agreement(np.repeat(first, 2), np.repeat(second, 2), areas=np.repeat(areas / 2, 2))
    assert twice.to_json() == agreement(first, second, areas=areas).to_json()


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ValueError, match="same object"):
        agreement(np.zeros(3, int), np.zeros(4, int), areas=ONES)
    with pytest.raises(ValueError, match="no area"):
        agreement(np.zeros(4, int), np.zeros(4, int), areas=np.zeros(4))


def test_verdicts() -> None:
    assert verdict_kappa(np.array([[20, 5], [10, 15]])) == pytest.approx(0.4)
    assert verdict_kappa(np.array([[3, 0], [0, 0]])) == 1.0
    with pytest.raises(ValueError, match="square"):
        verdict_kappa(np.zeros((2, 3)))
