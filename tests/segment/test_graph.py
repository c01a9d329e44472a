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
    SOLID,
    THICKNESS,
    TRAITS,
    WEIGHT,
    Whole,
    boundary_rows,
    build_graph,
    crease_strength,
    group_pairs,
    region_traits,
    sum_pairs,
    whole_of,
)
from segment.surface import read_surface
from tests.segment.shapes import box, mesh, node

WHOLE = Whole(area=10.0, diagonal=1.0, shells=1.0)


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
    rows = np.zeros((0, COLUMNS))
    graph = build_graph(np.ones((1, TRAITS)), none, rows, np.zeros(0), whole=WHOLE)
    assert graph.pairs.shape == (0, 2) and graph.sums.shape == rows.shape
    assert graph.gap.shape == (0,)


def test_contraction_adds_sums_and_keeps_the_least_gap() -> None:
    pairs = np.asarray([[0, 1], [1, 2], [2, 3], [0, 3]])
    sums = np.arange(4.0 * COLUMNS).reshape(4, COLUMNS)
    traits = np.arange(1.0, 5.0)[:, None] * [1, 10, 100, 1000]
    graph = build_graph(traits, pairs, sums, np.asarray([4.0, 3, 2, 1]), whole=WHOLE)
    small = graph.contract(np.asarray([0, 0, 1, 1]))
    assert small.area.tolist() == [3, 7]
    assert small.traits.tolist() == [[3, 30, 300, 3000], [7, 70, 700, 7000]]
    assert small.whole == WHOLE
    assert small.pairs.tolist() == [[0, 1]]
    assert small.sums.tolist() == [(sums[1] + sums[3]).tolist()]
    assert small.gap.tolist() == [1]


def test_boundary_of_two_faces_of_a_box() -> None:
    shape = box((1, 2, 3))
    surface = read_surface(mesh(node(shape, material=0)), weld_tolerance=0, soup_tolerance=0)
    side = np.abs(shape.face_normals).argmax(axis=1) * 2 + (shape.face_normals.sum(axis=1) > 0)
    turn = np.full(12, np.radians(45.0))
    turn[:2] = np.radians(-30.0)
    outer = side[surface.pairs[:, 0]] != side[surface.pairs[:, 1]]
    assert outer.sum() == 12
    pairs, rows = boundary_rows(side.astype(np.int32), surface, turn)
    merged, sums = sum_pairs(pairs, rows[:, LENGTH])
    assert len(merged) == 12 and sums.sum() == pytest.approx(4 * (1 + 2 + 3))
    assert rows[:2, CONCAVE] == pytest.approx(0.5 * rows[:2, LENGTH])
    assert rows[2:, CONVEX] == pytest.approx(0.5 * rows[2:, LENGTH])
    assert not rows[2:, CONCAVE].any() and not rows[:2, CONVEX].any()
    assert np.array_equal(rows[:, WEIGHT], rows[:, LENGTH])
    assert not rows[:, [MATERIAL, NODE]].any()


def test_traits_and_whole_of_a_box_and_a_smaller_one() -> None:
    large, small = box((2, 2, 2)), box((1, 1, 1))
    surface = read_surface(
        mesh(node(large, material=0), node(small, material=0, move=(5, 0, 0))),
        weld_tolerance=0,
        soup_tolerance=0,
    )
    labels = (np.arange(24) >= 12).astype(np.int32)
    thickness = np.where(labels == 0, 0.5, 0.0)
    traits = region_traits(labels, surface, thickness)
    assert traits[:, AREA] == pytest.approx([24, 6])
    assert traits[:, SOLID] == pytest.approx([24, 0])
    assert traits[:, THICKNESS] == pytest.approx([24 * np.log(0.5), 0])
    assert traits[:, BODY] == pytest.approx([24 * 0.8, 6 * 0.2])
    whole = whole_of(surface)
    assert whole.area == pytest.approx(30)
    assert whole.shells == pytest.approx(1 / (0.8**2 + 0.2**2))
