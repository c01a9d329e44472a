"""What is said before an object is accepted."""

import numpy as np
import trimesh

from annotate.review.base import Base
from annotate.review.fold import fold
from annotate.review.state import State, first_state
from annotate.review.suggest.facts import ObjectFacts, gather_facts
from annotate.review.surface import read_surface
from annotate.review.warnings import warnings_of
from partworks.geometry.mesh import Mesh
from tests.annotate.review.made import atoms, single
from tests.annotate.review.objects import say
from tests.annotate.shapes import table


def facts_of(mesh: Mesh, base: Base) -> ObjectFacts:
    return gather_facts(base, read_surface(mesh), generator=np.random.default_rng(0))


def seen(facts: ObjectFacts, state: State) -> set[tuple[str, tuple[int, ...]]]:
    return {(warning.code, warning.groups) for warning in warnings_of(facts, state)}


MESH = table()
BASE = atoms(MESH.face_node, default_height=0.0)
FACTS = facts_of(MESH, BASE)
NAMES = [say("rename", n, group=n, name=f"part {n}") for n in range(5)]


def test_a_named_table_needs_no_remark() -> None:
    assert seen(FACTS, fold(BASE, NAMES)) == set()


def test_parts_without_a_name() -> None:
    assert seen(FACTS, fold(BASE, NAMES[:1])) == {("unnamed", (1, 2, 3, 4))}
    assert seen(FACTS, fold(BASE, NAMES[:4])) == {("unnamed", (4,))}
    assert seen(FACTS, fold(BASE, [*NAMES[:4], say("drop", 9, group=4, dropped=True)])) == set()


def test_an_object_without_any_name_needs_no_remark() -> None:
    assert seen(FACTS, first_state(BASE)) == set()
    named_and_dropped = [NAMES[4], say("drop", 9, group=4, dropped=True)]
    assert seen(FACTS, fold(BASE, named_and_dropped)) == set()


def test_legs_that_do_not_touch_are_no_part() -> None:
    state = fold(BASE, [*NAMES, say("merge", 10, groups=[1, 2])])
    assert ("disconnected", (1,)) in seen(FACTS, state)
    assert seen(FACTS, fold(BASE, [*NAMES, say("merge", 10, groups=[0, 1, 2, 3, 4])])) == set()


def test_one_leg_in_two_is_not_what_the_other_side_has() -> None:
    leg = np.flatnonzero(MESH.face_node == 1)
    runs = [int(leg[0]), 6]
    apart = say("refine", 20, atom=1, faces=runs, method="brush", apart=True)
    codes = {code for code, _ in seen(FACTS, fold(BASE, [*NAMES, apart]))}
    assert "asymmetric" in codes


def test_crumbs() -> None:
    boxes = [trimesh.creation.box(extents=(s, s, s)) for s in (1.0, 0.03)]
    boxes[1].apply_translation((0.4, 0.5, 0.3))
    mesh = single(*boxes)
    base = atoms(np.repeat([0, 1], 12), default_height=0.0)
    codes = seen(facts_of(mesh, base), first_state(base))
    assert ("tiny", (1,)) in codes and ("tiny", (0,)) not in codes


def test_nothing_is_left() -> None:
    drops = [say("drop", n, group=n, dropped=True) for n in range(5)]
    assert seen(FACTS, fold(BASE, drops)) == {("nothing_left", ())}
