import numpy as np

from segment.proposers.edges import PixelEdges
from segment.proposers.flooding import components, flood

HIT = np.ones((12, 20), bool)


def fence(strength: float, *, gap: float = 0.0) -> PixelEdges:
    """An edge between columns 9 and 10, of another strength in its fifth row."""
    right = np.zeros((12, 19), np.float32)
    right[:, 9] = strength
    right[5, 9] = gap
    return PixelEdges(right=right, down=np.zeros((11, 20), np.float32))


def test_components_end_at_edges_that_are_strong_enough() -> None:
    image, count = components(HIT, fence(0.5, gap=0.5), level=0.4)
    assert count == 2 and (image[:, :10] == 1).all() and (image[:, 10:] == 2).all()
    assert components(HIT, fence(0.5, gap=0.5), level=0.6)[1] == 1
    assert components(HIT, fence(0.5, gap=0.1), level=0.4)[1] == 1


def test_regions_found_at_a_low_level_keep_apart_at_higher_ones() -> None:
    regions = flood(HIT, fence(0.5, gap=0.3), levels=(0.2, 0.4, 0.9), least=5)
    assert (regions[:, :10] == 1).all() and (regions[:, 10:] == 2).all()


def test_a_band_is_shared_out_halfway() -> None:
    right = np.zeros((12, 19), np.float32)
    right[:, 6:13] = 0.5
    edges = PixelEdges(right=right, down=np.zeros((11, 20), np.float32))
    regions = flood(HIT, edges, levels=(0.1, 0.9), least=20)
    assert set(np.unique(regions)) == {1, 2}
    assert (regions[:, :9] == 1).all() and (regions[:, 11:] == 2).all()


def test_what_is_too_small_joins_the_nearest_region() -> None:
    right, down = np.zeros((12, 19), np.float32), np.zeros((11, 20), np.float32)
    right[4, [3, 4]] = down[[3, 4], 4] = 1
    regions = flood(HIT, PixelEdges(right=right, down=down), levels=(0.5,), least=4)
    assert (regions == 1).all()


def test_nothing_and_little_that_hits() -> None:
    edges = fence(0.5)
    assert not flood(np.zeros_like(HIT), edges, levels=(0.5,), least=1).any()
    few = np.zeros_like(HIT)
    few[2, 2:4] = True
    assert not flood(few, edges, levels=(0.5,), least=10).any()
    assert np.array_equal(flood(few, edges, levels=(0.5,), least=2) == 1, few)


def test_crumbs_in_the_background_do_not_join_what_lies_far_off() -> None:
    hit = np.zeros_like(HIT)
    hit[2:8, 2:8] = hit[2, 15] = True
    regions = flood(hit, fence(0.0), levels=(0.5,), least=10)
    assert (regions[2:8, 2:8] == 1).all() and regions[2, 15] == 0
