from __future__ import annotations

from itertools import permutations, product

import pytest
import torch

from train.flexicubes.tables import (
    EDGES,
    FACES,
    Tables,
    crossing_edges,
    doubly_crossed_face,
    is_ambiguous,
    loop_edges,
    loops,
    segments,
    tables,
)

PATTERNS = range(256)
CLASHING = [pattern for pattern in PATTERNS if doubly_crossed_face(pattern) is not None]


def groups(pattern: int) -> set[frozenset[int]]:
    return {frozenset(loop_edges(loop)) for loop in loops(pattern)}


def ambiguous_faces(pattern: int) -> list[int]:
    return [face for face in range(6) if is_ambiguous(pattern, face)]


def rotations() -> list[list[int]]:
    """Where each corner goes, for the 24 rotations of the cube."""
    found = []
    for order, flips in product(permutations(range(3)), product((0, 1), repeat=3)):
        swaps = sum(order[i] > order[j] for i in range(3) for j in range(i + 1, 3))
        if (swaps + sum(flips)) % 2 == 0:
            found.append(
                [
                    sum(((i >> axis & 1) ^ flips[axis]) << order[axis] for axis in range(3))
                    for i in range(8)
                ]
            )
    return found


@pytest.mark.parametrize("pattern", [0, 255])
def test_nothing_crosses_a_uniform_cube(pattern: int) -> None:
    assert segments(pattern) == []
    assert loops(pattern) == []


def test_every_crossed_edge_is_in_exactly_one_loop() -> None:
    for pattern in PATTERNS:
        edges = [edge for loop in loops(pattern) for edge in loop_edges(loop)]
        assert sorted(edges) == crossing_edges(pattern)


def test_loops_are_closed_lines_over_faces_that_share_their_edges() -> None:
    for pattern in PATTERNS:
        for loop in loops(pattern):
            ends = [edge for segment in loop for edge in segment.edges]
            assert all(ends.count(edge) == 2 for edge in ends)
            assert all(
                edge in FACES[segment.face].edges for segment in loop for edge in segment.edges
            )


def test_sizes_are_those_of_dual_marching_cubes() -> None:
    sizes = [len(loop_edges(loop)) for pattern in PATTERNS for loop in loops(pattern)]
    assert min(sizes) == 3
    assert max(sizes) == 7
    assert max(len(loops(pattern)) for pattern in PATTERNS) == 4


def test_an_ambiguous_face_cuts_off_its_inside_corners() -> None:
    diagonal = 0b1001
    face = next(face for face in ambiguous_faces(diagonal))
    cut = {frozenset(s.edges) for s in segments(diagonal) if s.face == face}
    around_corner = {
        corner: frozenset(
            edge for edge, ends in enumerate(EDGES) if corner in ends and edge in FACES[face].edges
        )
        for corner in (0, 3)
    }
    assert cut == set(around_corner.values())


def test_36_patterns_may_clash_each_at_its_only_ambiguous_face() -> None:
    inside = [pattern.bit_count() for pattern in CLASHING]
    assert len(CLASHING) == 36
    assert (inside.count(5), inside.count(6)) == (24, 12)
    for pattern in CLASHING:
        assert ambiguous_faces(pattern) == [doubly_crossed_face(pattern)]
        assert len(loops(pattern)) == 1
        assert len(loops(255 - pattern)) == 2


def test_the_loops_do_not_depend_on_how_the_cube_is_turned() -> None:
    turns = rotations()
    assert len({tuple(turn) for turn in turns}) == 24
    number = {frozenset(ends): edge for edge, ends in enumerate(EDGES)}
    for turn in turns:
        edge_to = {e: number[frozenset((turn[a], turn[b]))] for e, (a, b) in enumerate(EDGES)}
        for pattern in PATTERNS:
            turned = sum(1 << turn[i] for i in range(8) if pattern >> i & 1)
            expected = {frozenset(edge_to[edge] for edge in group) for group in groups(pattern)}
            assert groups(turned) == expected


def test_a_pattern_and_its_complement_agree_where_no_face_is_ambiguous() -> None:
    plain = [pattern for pattern in PATTERNS if not ambiguous_faces(pattern)]
    assert len(plain) == 136
    assert all(groups(pattern) == groups(255 - pattern) for pattern in plain)


def test_the_tensors_say_the_same() -> None:
    table = tables(torch.device("cpu"))
    assert isinstance(table, Tables)
    for pattern in PATTERNS:
        rows = table.loop_edges[pattern]
        found = {frozenset(row[row >= 0].tolist()) for row in rows if (row >= 0).any()}
        assert found == groups(pattern)
        assert table.loop_count[pattern] == len(found)
        face = doubly_crossed_face(pattern)
        assert tuple(table.partner[pattern].tolist()) == (
            (0, 0, 0) if face is None else FACES[face].normal
        )


def test_edges_know_their_axis_and_the_quarter_that_their_cube_takes() -> None:
    table = tables(torch.device("cpu"))
    ends = table.corners[table.edge_corners]
    steps = ends[:, 1] - ends[:, 0]
    assert torch.equal(steps, torch.eye(3, dtype=torch.long)[table.edge_axis])
    for axis in range(3):
        # The middle of the cube, as seen from the edge, turned about the axis.
        mine = table.edge_axis == axis
        middle = 1 - 2 * ends[mine, 0]
        angle = torch.atan2(middle[:, (axis + 2) % 3].float(), middle[:, (axis + 1) % 3].float())
        quarter = (angle / (torch.pi / 2) + 2).floor().long()
        assert torch.equal(table.edge_quarter[mine], quarter)
        assert sorted(quarter.tolist()) == [0, 1, 2, 3]
