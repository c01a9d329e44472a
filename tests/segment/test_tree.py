import numpy as np
import pytest

from segment.graph import CREASE, LENGTH, MATERIAL, NODE, WEIGHT, RegionGraph, build_graph
from segment.linkage import linkage
from segment.tree import build_tree, shrink
from tests.segment.shapes import is_tree


def ring(creases: list[float]) -> RegionGraph:
    """Regions of equal area in a ring; `creases[i]` lies between i and i + 1."""
    count = len(creases)
    pairs = np.stack([np.arange(count), (np.arange(count) + 1) % count], axis=1)
    sums = np.zeros((count, 7))
    sums[:, LENGTH] = sums[:, WEIGHT] = 10.0
    sums[:, CREASE] = 10.0 * np.asarray(creases)
    return build_graph(np.ones(count), pairs, sums, np.zeros(count))


def random_graph(count: int, seed: int) -> RegionGraph:
    random = np.random.default_rng(seed)
    line = np.stack([np.arange(count - 1), np.arange(1, count)], axis=1)
    pairs = np.concatenate([line, random.integers(0, count, (4 * count, 2))])
    sums = random.random((len(pairs), 7))
    sums[:, CREASE] *= sums[:, LENGTH]
    sums[:, WEIGHT] += sums[:, LENGTH]
    sums[:, [MATERIAL, NODE]] *= sums[:, [WEIGHT]]
    gap = random.random(len(pairs)) * 0.1
    return build_graph(random.random(count) ** 4, pairs, sums, gap)


def test_flat_borders_go_first() -> None:
    tree = build_tree(ring([0.9, 0.0, 0.5, 0.2]), diagonal=1.0)
    assert tree.children.tolist() == [[1, 2], [0, 3], [4, 5]]
    assert tree.height.tolist() == pytest.approx([0.0, 0.1, 0.35])


def test_equal_borders_merge_in_the_order_of_numbers() -> None:
    tree = build_tree(ring([0.5] * 6), diagonal=1.0)
    assert tree.children.tolist()[:3] == [[0, 1], [2, 3], [4, 5]]
    assert (tree.height == np.float32(0.25)).all()


@pytest.mark.parametrize("seed", range(5))
def test_any_graph_gives_a_whole_tree_with_rising_heights(seed: int) -> None:
    graph = random_graph(200, seed)
    tree = build_tree(graph, diagonal=1.0)
    assert is_tree(tree.children, 200)
    assert (np.diff(tree.height) >= 0).all() and np.isfinite(tree.height).all()


@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_merging_one_pair_at_a_time_over_the_whole_graph(seed: int) -> None:
    graph = random_graph(40, seed)
    tree = build_tree(graph, diagonal=1.0)
    names = list(range(40))
    highest = 0.0
    for row in range(39):
        cost = linkage(
            graph.sums,
            graph.gap,
            graph.area[graph.pairs].min(axis=1),
            total_area=float(graph.area.sum()),
            diagonal=1.0,
        )
        left, right = graph.pairs[cost.argmin()]
        highest = max(highest, float(cost.min()))
        assert set(tree.children[row].tolist()) == {names[left], names[right]}
        assert tree.height[row] == pytest.approx(highest, rel=1e-5)
        group = np.arange(len(names))
        group[right] = left
        group = np.unique(group, return_inverse=True)[1]
        names = [
            40 + row if group[i] == group[left] else name
            for i, name in enumerate(names)
            if i != right
        ]
        graph = graph.contract(group)


def test_single_region_has_an_empty_tree() -> None:
    one = build_graph(np.ones(1), np.zeros((0, 2), np.int64), np.zeros((0, 7)), np.zeros(0))
    tree = build_tree(one, diagonal=1.0)
    assert tree.children.shape == (0, 2) and tree.height.shape == (0,)


@pytest.mark.parametrize("most", [1, 7, 64, 500])
def test_shrink_merges_the_smallest_and_no_more_than_needed(most: int) -> None:
    graph = random_graph(300, 0)
    group = shrink(graph, most=most, diagonal=1.0)
    found = int(group.max()) + 1
    assert found <= most and len(np.unique(group)) == found
    if most >= 300:
        assert group.tolist() == list(range(300))
    if most == 64:
        assert found > 32
        alone = np.bincount(group)[group] == 1
        assert graph.area[alone].min() > np.median(graph.area)
