"""What is done on one side is done on the other."""

import uuid
from itertools import count

import numpy as np
import pytest

from annotate.review.base import Base
from annotate.review.fold import step
from annotate.review.mirror import Mirroring, find_mirror_planes, mirrored_sides, twins
from annotate.review.operations import Merge, Operation, Refine
from annotate.review.runs import faces_of_runs, runs_of_faces
from annotate.review.state import State, first_state
from annotate.review.surface import read_surface
from tests.annotate.review.made import atoms, dumbbell
from tests.annotate.review.objects import say
from tests.annotate.shapes import table

MESH = table()
SURFACE = read_surface(MESH)
PLANES = find_mirror_planes(SURFACE, generator=np.random.default_rng(0))
ACROSS_X = next(plane for plane in PLANES if plane.axis == 0)
BASE = atoms(MESH.face_node, default_height=0.0)  # a group for the top and for each leg


def mirrored(operation: Operation, *, base: Base = BASE) -> tuple[Operation | None, State, State]:
    numbers = count(100)
    mirroring = Mirroring(
        base=base,
        surface=SURFACE,
        plane=ACROSS_X,
        new_id=lambda: str(uuid.UUID(int=next(numbers))),
    )
    before = first_state(base)
    after = step(base, before, operation)
    return mirroring.mirrored(before, operation, after), before, after


def test_a_table_is_the_same_left_and_right_and_back_and_front() -> None:
    assert {plane.axis for plane in PLANES} == {0, 2}
    assert all(plane.share == pytest.approx(1.0) for plane in PLANES)
    assert twins(MESH.face_node, SURFACE, ACROSS_X).tolist() == [0, 2, 1, 4, 3]


def test_a_twin_of_a_twin_is_the_face_itself() -> None:
    surface = read_surface(dumbbell())
    plane = next(
        p for p in find_mirror_planes(surface, generator=np.random.default_rng(0)) if p.axis == 0
    )
    there = plane.twin >= 0
    back = surface.centroids[plane.twin[there]] * [-1, 1, 1]
    assert np.linalg.norm(back - surface.centroids[there], axis=1).max() < 0.02 * surface.diagonal


def test_legs_are_merged_on_both_sides() -> None:
    found, _, after = mirrored(say("merge", groups=[1, 3]))
    assert isinstance(found, Merge) and set(found.groups) == {2, 4}
    assert step(BASE, after, found).group_of_atom.tolist() == [0, 1, 2, 1, 2]


def test_a_merge_across_the_plane_has_no_twin() -> None:
    assert mirrored(say("merge", groups=[1, 2]))[0] is None
    assert mirrored(say("merge", groups=[0, 1, 2]))[0] is None


def test_names_change_sides() -> None:
    found, _, _ = mirrored(say("rename", group=1, name="back left leg"))
    assert found is not None
    assert (found.group, found.name) == (2, "back right leg")  # type: ignore[union-attr]
    assert mirrored(say("rename", group=0, name="top"))[0] is None


def test_a_dropped_leg_takes_its_twin_along() -> None:
    found, _, _ = mirrored(say("drop", group=3, dropped=True))
    assert found is not None and found.group == 4  # type: ignore[union-attr]


def test_the_same_faces_leave_on_the_other_side() -> None:
    leg = np.flatnonzero(MESH.face_node == 1)
    low = leg[SURFACE.centroids[leg, 1] < -1.0]
    runs = list(runs_of_faces(low))
    found, _, _ = mirrored(say("refine", atom=1, faces=runs, method="plane"))
    assert isinstance(found, Refine) and found.atom == 2
    there = faces_of_runs(found.faces)
    assert (SURFACE.centroids[there, 1] < -1.0).all() and (SURFACE.normals[there, 1] < -0.9).all()
    assert SURFACE.areas[there].sum() == pytest.approx(SURFACE.areas[low].sum())


def test_whole_atoms_leave_on_the_other_side() -> None:
    labels = MESH.face_node.copy()
    rows = [(1, 3, 0.0), (2, 4, 0.0), (0, 5, 0.5), (7, 6, 0.6)]
    base = Base(
        atom_of_face=labels,
        children=np.asarray([r[:2] for r in rows], np.int32),
        heights=np.asarray([r[2] for r in rows]),
        default_height=0.0,
    )
    found, _, after = mirrored(say("cleave", group=1, atoms=[[3]]), base=base)
    assert found is not None
    assert step(base, after, found).group_of_atom.tolist() == [0, 1, 2, 3, 4]
    moved, _, after = mirrored(say("assign", group=1, atoms=[0]), base=base)
    assert moved is None  # the top lies across the plane: it cannot go both ways


def test_a_split_is_made_on_the_other_side_too() -> None:
    """Legs leave a whole table: one by hand, its image by what is said here."""
    whole = atoms(MESH.face_node)
    state = step(whole, first_state(whole), say("cleave", 0, group=0, atoms=[[1]]))
    found = mirrored_sides(state, [np.flatnonzero(MESH.face_node == 1)], ACROSS_X)
    assert found is not None
    group, sides = found
    rest = np.flatnonzero(state.group_of_face == 0)
    assert group == 0 and set(rest[sides == 1]) == set(np.flatnonzero(MESH.face_node == 2))
    both = step(whole, state, say("cleave", 1, group=0, atoms=[[2]]))
    assert mirrored_sides(both, [np.flatnonzero(MESH.face_node == 1)], ACROSS_X) is None
