import numpy as np
import pytest

from segment.graph import (
    CREASE,
    LENGTH,
    MATERIAL,
    NODE,
    WEIGHT,
    boundary_rows,
    build_graph,
    crease_strength,
    group_pairs,
    sum_pairs,
)
from segment.surface import read_surface
from tests.segment.shapes import box, mesh, node


def test_crease_strength_follows_the_minima_rule() -> None:
    degrees = np.asarray([0, -30, -60, -120, 30, 90, 180])
    found = crease_strength(np.radians(degrees))
    assert found == pytest.approx([0, 0.5, 1, 1, 0.05, 0.15, 0.15])


def test_pairs_are_grouped_whatever_their_direction() -> None:
    pairs = np.asarray([[2, 1], [1, 2], [3, 3], [0, 5], [1, 2]])
    merged, order, starts = group_pairs(pairs)
    assert merged.tolist() == [[0, 5], [1, 2]]
    assert order.tolist() == [3, 0, 1, 4] and starts.tolist() == [0, 1]
    _, sums = sum_pairs(pairs, np.asarray([1.0, 2, 100, 7, 4]))
    assert sums.tolist() == [7, 7]


def test_no_pairs() -> None:
    none = np.zeros((0, 2), np.int64)
    merged, sums = sum_pairs(none, np.zeros(0))
    assert merged.shape == (0, 2) and sums.shape == (0,)
    graph = build_graph(np.ones(1), none, np.zeros((0, 7)), np.zeros(0))
    assert graph.pairs.shape == (0, 2) and graph.sums.shape == (0, 7) and graph.gap.shape == (0,)


def test_contraction_adds_sums_and_keeps_the_least_gap() -> None:
    pairs = np.asarray([[0, 1], [1, 2], [2, 3], [0, 3]])
    sums = np.arange(28.0).reshape(4, 7)
    graph = build_graph(np.asarray([1.0, 2, 3, 4]), pairs, sums, np.asarray([4.0, 3, 2, 1]))
    small = graph.contract(np.asarray([0, 0, 1, 1]))
    assert small.area.tolist() == [3, 7]
    assert small.pairs.tolist() == [[0, 1]]
    assert small.sums.tolist() == [(sums[1] + sums[3]).tolist()]
    assert small.gap.tolist() == [1]


def test_boundary_of_two_faces_of_a_box() -> None:
    shape = box((1, 2, 3))
    surface = read_surface(mesh(node(shape, material=0)), weld_tolerance=0, soup_tolerance=0)
    side = np.abs(shape.face_normals).argmax(axis=1) * 2 + (shape.face_normals.sum(axis=1) > 0)
    pairs, rows = boundary_rows(side.astype(np.int32), surface)
    merged, sums = sum_pairs(pairs, rows[:, LENGTH])
    assert len(merged) == 12 and sums.sum() == pytest.approx(4 * (1 + 2 + 3))
    assert rows[:, CREASE] == pytest.approx(0.15 * rows[:, LENGTH])
    assert np.array_equal(rows[:, WEIGHT], rows[:, LENGTH])
    assert not rows[:, [MATERIAL, NODE]].any()
