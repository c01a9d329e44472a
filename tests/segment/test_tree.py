import numpy as np
import pytest

from segment.graph import (
    AREA,
    BODY,
    COLUMNS,
    CONCAVE,
    CONVEX,
    LENGTH,
    MATERIAL,
    NODE,
    TRAITS,
    WEIGHT,
    RegionGraph,
    Whole,
    build_graph,
)
from segment.linkage import linkage
from segment.tree import build_tree, shrink
from tests.segment.shapes import is_tree


def graph_of(area: np.ndarray, pairs: np.ndarray, sums: np.ndarray, gap: np.ndarray) -> RegionGraph:
    traits = np.zeros((len(area), TRAITS))
    traits[:, AREA] = traits[:, BODY] = area
    whole = Whole(area=float(area.sum()), diagonal=1.0, shells=1.0)
    return build_graph(traits, pairs, sums, gap, whole=whole)


def ring(concave: list[float]) -> RegionGraph:
    """Regions of equal area in a ring; `concave[i]` lies between i and i + 1."""
    count = len(concave)
    pairs = np.stack([np.arange(count), (np.arange(count) + 1) % count], axis=1)
    sums = np.zeros((count, COLUMNS))
    sums[:, LENGTH] = sums[:, WEIGHT] = 10.0
    sums[:, CONCAVE] = 10.0 * np.asarray(concave)
    return graph_of(np.ones(count), pairs, sums, np.zeros(count))


def random_graph(count: int, seed: int) -> RegionGraph:
    random = np.random.default_rng(seed)
    line = np.stack([np.arange(count - 1), np.arange(1, count)], axis=1)
    pairs = np.concatenate([line, random.integers(0, count, (4 * count, 2))])
    sums = random.random((len(pairs), COLUMNS))
    sums[:, [CONCAVE, CONVEX]] *= sums[:, [LENGTH]]
    sums[:, WEIGHT] += sums[:, LENGTH]
    sums[:, [MATERIAL, NODE]] *= sums[:, [WEIGHT]]
    gap = random.random(len(pairs)) * 0.1
    return graph_of(random.random(count) ** 4, pairs, sums, gap)


def test_flat_borders_go_first() -> None:
    tree = build_tree(ring([0.9, 0.0, 0.5, 0.2]))
    assert tree.children.tolist() == [[1, 2], [0, 3], [4, 5]]
    assert (np.diff(tree.height) > 0).all() and 0 < tree.height[0] < tree.height[2] < 1


def test_equal_borders_merge_in_the_order_of_numbers() -> None:
    graph = ring([0.5] * 6)
    tree = build_tree(graph)
    prices = linkage(
        graph.sums, graph.gap, *graph.traits[graph.pairs].transpose(1, 0, 2), whole=graph.whole
    )
    assert (prices == prices[0]).all() and tree.children[0].tolist() == [0, 1]


@pytest.mark.parametrize("seed", range(5))
def test_any_graph_gives_a_whole_tree_with_rising_heights(seed: int) -> None:
    graph = random_graph(200, seed)
    tree = build_tree(graph)
    assert is_tree(tree.children, 200)
    assert (np.diff(tree.height) >= 0).all() and np.isfinite(tree.height).all()


@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_merging_one_pair_at_a_time_over_the_whole_graph(seed: int) -> None:
    graph = random_graph(40, seed)
    tree = build_tree(graph)
    names = list(range(40))
    highest = 0.0
    for row in range(39):
        cost = linkage(
            graph.sums,
            graph.gap,
            *graph.traits[graph.pairs].transpose(1, 0, 2),
            whole=graph.whole,
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


def test_twins_merge_at_one_height() -> None:
    # A chain 0-1-2-3-4-5 that is the same from both ends, but for noise in the prices.
    creases = [0.1, 0.5, 0.9, 0.52, 0.12]
    pairs = np.stack([np.arange(5), np.arange(1, 6)], axis=1)
    sums = np.zeros((5, COLUMNS))
    sums[:, LENGTH] = sums[:, WEIGHT] = 10.0
    sums[:, CONCAVE] = 10.0 * np.asarray(creases)
    graph = graph_of(np.ones(6), pairs, sums, np.zeros(5))
    tree = build_tree(graph, twin=np.arange(6)[::-1])
    assert tree.children.tolist() == [[0, 1], [4, 5], [2, 6], [3, 7], [8, 9]]
    assert tree.height[0] == tree.height[1] and tree.height[2] == tree.height[3]
    alone = build_tree(graph)
    assert alone.height[0] < alone.height[1]


@pytest.mark.parametrize("seed", range(5))
def test_any_twins_leave_a_whole_tree(seed: int) -> None:
    random = np.random.default_rng(seed)
    twin = np.arange(100)
    paired = random.permutation(100)[:60].reshape(-1, 2)
    twin[paired] = paired[:, ::-1]
    tree = build_tree(random_graph(100, seed), twin=twin)
    assert is_tree(tree.children, 100)
    assert (np.diff(tree.height) >= 0).all()


def test_single_region_has_an_empty_tree() -> None:
    one = graph_of(np.ones(1), np.zeros((0, 2), np.int64), np.zeros((0, COLUMNS)), np.zeros(0))
    tree = build_tree(one)
    assert tree.children.shape == (0, 2) and tree.height.shape == (0,)


@pytest.mark.parametrize("most", [1, 7, 64, 500])
def test_shrink_merges_the_smallest_and_no_more_than_needed(most: int) -> None:
    graph = random_graph(300, 0)
    group = shrink(graph, most=most)
    found = int(group.max()) + 1
    assert found <= most and len(np.unique(group)) == found
    if most >= 300:
        assert group.tolist() == list(range(300))
    if most == 64:
        assert found > 32
        alone = np.bincount(group)[group] == 1
        assert graph.area[alone].min() > np.median(graph.area)
