import numpy as np

from segment.proposers.cleaning import clean_mask

EVERYWHERE = np.ones((40, 40), bool)


def block() -> np.ndarray:
    mask = np.zeros((40, 40), bool)
    mask[5:25, 5:25] = True
    return mask


def test_small_islands_go_and_small_holes_are_filled() -> None:
    mask = block()
    mask[10:13, 10:13] = False
    mask[35, 35] = True
    assert np.array_equal(clean_mask(mask, EVERYWHERE, least=16), block())


def test_large_islands_and_holes_stay() -> None:
    mask = block()
    mask[10:15, 10:15] = False
    mask[30:36, 30:36] = True
    assert np.array_equal(clean_mask(mask, EVERYWHERE, least=16), mask)


def test_a_bay_is_no_hole_and_pixels_touch_at_corners() -> None:
    mask = block()
    mask[5:8, 10:12] = False
    assert np.array_equal(clean_mask(mask, EVERYWHERE, least=16), mask)
    stairs = np.kron(np.eye(5, dtype=bool), np.ones((2, 2), bool))
    assert clean_mask(stairs, np.ones((10, 10), bool), least=16).sum() == 20


def test_only_the_object_is_covered() -> None:
    hit = np.zeros((40, 40), bool)
    hit[:, :20] = True
    assert np.array_equal(clean_mask(block(), hit, least=16), block() & hit)
    hit[:, 10:] = False
    assert not clean_mask(block(), hit, least=16).any()
    background_in_a_hole = EVERYWHERE.copy()
    background_in_a_hole[12:14, 12:14] = False
    kept = clean_mask(block(), background_in_a_hole, least=16)
    assert np.array_equal(kept, block() & background_in_a_hole)


def test_nothing_and_less_than_enough() -> None:
    nothing = np.zeros((40, 40), bool)
    assert not clean_mask(nothing, EVERYWHERE, least=1).any()
    assert not clean_mask(block(), nothing, least=1).any()
    assert not clean_mask(block(), EVERYWHERE, least=401).any()
