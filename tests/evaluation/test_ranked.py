from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from partworks.evaluation.ranked import (
    average_precision,
    mask_iou,
    match_ranked,
    rank_masks,
    recall_at,
    score_ranked,
)


def test_average_precision_of_a_miss_between_two_hits() -> None:
    assert average_precision([True, False, True], truths=2) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision([True, False, True], truths=4) == pytest.approx((1 + 2 / 3) / 4)
    assert average_precision([], truths=1) == 0.0


def test_iou_is_weighted_and_that_of_two_empty_masks_is_1() -> None:
    masks = csr_array(np.asarray([[1, 1, 0], [0, 1, 1], [0, 0, 0]]))
    found = mask_iou(masks, masks, weights=np.asarray([1.0, 2.0, 3.0]))
    assert found[0, 1] == pytest.approx(2 / 6, abs=1e-4)
    assert np.diag(found) == pytest.approx([1, 1, 1])


def test_masks_that_others_repeat_come_first_and_once() -> None:
    iou = np.eye(4)
    for a, b in ((1, 2), (1, 3)):
        iou[a, b] = iou[b, a] = 0.6
    assert rank_masks(iou).tolist() == [1, 0]


def test_a_true_mask_is_matched_once() -> None:
    iou = np.asarray([[0.9, 0.6], [0.95, 0.55], [0.2, 0.9]])
    assert match_ranked(iou, threshold=0.5).tolist() == [True, True, False], "all are taken"
    assert match_ranked(iou, threshold=0.6).tolist() == [True, False, True]


def test_recall_looks_at_the_first_masks() -> None:
    iou = np.asarray([[0.9, 0.1], [0.0, 0.5], [0.0, 0.8]])
    assert [recall_at(iou, depth, threshold=0.5) for depth in (1, 2, 3)] == [0.5, 0.5, 1.0]


def test_perfect_masks_score_in_full() -> None:
    found = score_ranked(np.eye(3))
    assert (found.average_precision_50, found.average_precision_75, found.recall_10) == (1, 1, 1)
