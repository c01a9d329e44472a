import numpy as np
import pytest

from segment.proposers.hierarchy import Borders, build_hierarchy, find_borders


def borders(*rows: tuple[int, int, float, float]) -> Borders:
    table = np.array(rows)
    return Borders(
        pairs=table[:, :2].astype(np.int64), length=table[:, 2], strength=table[:, 2] * table[:, 3]
    )


def test_the_weakest_border_goes_first_and_borders_are_pooled() -> None:
    # 0-1 weakly parted; 2 lies beside both, strongly beside 0.
    tree = build_hierarchy(
        np.array([50, 50, 50]),
        borders((0, 1, 10, 0.1), (0, 2, 30, 0.8), (1, 2, 10, 0.4)),
        small=1.0,
    )
    assert tree.children.tolist() == [[0, 1], [2, 3]]
    assert tree.size.tolist() == [50, 50, 50, 100, 150] and tree.regions == 3
    assert tree.outer[3] == pytest.approx((30 * 0.8 + 10 * 0.4) / 40) == tree.inner[4]
    assert tree.inner[:4] == pytest.approx([0, 0, 0, 0.1]) and tree.outer[4] == 1
    assert [leaves.tolist() for leaves in tree.leaves()] == [[0], [1], [2], [0, 1], [0, 1, 2]]


def test_small_regions_merge_sooner() -> None:
    rows = borders((0, 1, 10, 0.3), (1, 2, 10, 0.5))
    assert build_hierarchy(np.array([90, 90, 90]), rows, small=1.0).children[0].tolist() == [0, 1]
    assert build_hierarchy(np.array([90, 90, 9]), rows, small=90.0).children[0].tolist() == [1, 2]


def test_what_does_not_touch_stays_apart() -> None:
    tree = build_hierarchy(np.array([9, 9, 9]), borders((0, 2, 3, 0.2)), small=1.0)
    assert tree.children.tolist() == [[0, 2]] and tree.outer[1] == 1


def test_borders_of_an_image() -> None:
    regions = np.array([[1, 1, 2], [1, 3, 2], [0, 3, 2]], np.int32)
    right = np.arange(6, dtype=np.float32).reshape(3, 2) / 10
    down = np.full((2, 3), 0.5, np.float32)
    found = find_borders(regions, right, down)
    assert found.pairs.tolist() == [[0, 1], [0, 2], [1, 2]]
    assert found.length.tolist() == [1, 2, 2]
    assert found.strength == pytest.approx([0.1, 0.2 + 0.5, 0.3 + 0.5])


def test_one_region_has_no_borders() -> None:
    found = find_borders(
        np.ones((4, 4), np.int32), np.ones((4, 3), np.float32), np.ones((3, 4), np.float32)
    )
    assert found.pairs.shape == (0, 2)
    assert build_hierarchy(np.array([16]), found, small=1.0).leaves()[0].tolist() == [0]
