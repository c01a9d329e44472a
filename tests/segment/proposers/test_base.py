import numpy as np
import pytest

from segment.proposers.base import ViewMasks


def three_masks() -> list[np.ndarray]:
    masks = [np.zeros((4, 6), bool) for _ in range(3)]
    masks[0][1, 2:5] = True
    masks[2][:, 0] = True
    return masks


def test_masks_are_ranked_and_empty_ones_left_out() -> None:
    masks = three_masks()
    ranked = ViewMasks.from_masks(masks, [0.2, 0.9, 0.7], shape=(4, 6))
    assert ranked.count == 2 and ranked.sizes.tolist() == [4, 3]
    assert ranked.score.tolist() == pytest.approx([0.7, 0.2])
    assert np.array_equal(ranked.mask(0), masks[2]) and np.array_equal(ranked.mask(1), masks[0])
    assert ranked.pixels.tolist() == [0, 6, 12, 18, 8, 9, 10]


def test_equal_scores_keep_their_order_and_scores_are_clipped() -> None:
    masks = [np.eye(3, dtype=bool), ~np.eye(3, dtype=bool), np.ones((3, 3), bool)]
    ranked = ViewMasks.from_masks(masks, [0.5, 0.5, 7.0], shape=(3, 3))
    assert ranked.score.tolist() == [1.0, 0.5, 0.5] and ranked.sizes.tolist() == [9, 3, 6]


def test_a_view_without_masks() -> None:
    none = ViewMasks.from_masks([], [], shape=(4, 6))
    assert none.count == 0 and none.starts.tolist() == [0] and not len(none.pixels)
    assert ViewMasks.joined([none, none]).count == 0 and none.best(3).count == 0


def test_images_of_one_view_are_joined_by_score() -> None:
    masks = three_masks()
    first = ViewMasks.from_masks(masks[:1], [0.4], shape=(4, 6))
    second = ViewMasks.from_masks(masks[2:], [0.6], shape=(4, 6))
    both = ViewMasks.joined([first, second])
    assert np.array_equal(both.mask(0), masks[2]) and np.array_equal(both.mask(1), masks[0])
    best = both.best(1)
    assert best.count == 1 and np.array_equal(best.mask(0), masks[2])
    assert both.best(9).count == 2


def test_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(AssertionError):
        ViewMasks(
            shape=(2, 2),
            pixels=np.zeros(3, np.int32),
            starts=np.array([0, 2], np.int64),
            score=np.ones(1, np.float32),
        )
