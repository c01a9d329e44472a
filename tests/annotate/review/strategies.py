"""Bases and logs of operations that fit them, for hypothesis."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from annotate.review.base import Base
from annotate.review.fold import step
from annotate.review.operations import Operation
from annotate.review.runs import runs_of_faces
from annotate.review.state import State, first_state
from tests.annotate.review.objects import base, say


@st.composite
def bases(draw: Any) -> Base:
    atoms = draw(st.integers(1, 8))
    extra = draw(st.lists(st.integers(0, atoms - 1), max_size=24))
    faces = draw(st.permutations([*range(atoms), *extra]))
    live, rows, height = list(range(atoms)), [], 0.0
    for row in range(atoms - 1):
        left, right = draw(st.permutations(live))[:2]
        live = [node for node in live if node not in (left, right)] + [atoms + row]
        height += draw(st.sampled_from([0.0, 0.0625, 0.125]))
        rows.append((left, right, height))
    return base(list(faces), rows, default_height=draw(st.sampled_from([0.0, 0.125, 0.3])))


def _subset(draw: Any, values: list[int], least: int, most: int) -> list[int]:
    size = draw(st.integers(least, min(most, len(values))))
    return list(draw(st.permutations(values)))[:size]


@st.composite
def fitting(draw: Any, start: Base, state: State, number: int) -> Operation:
    """One operation that fits the state."""
    groups = state.groups.tolist()
    group = draw(st.sampled_from(groups))
    atoms = state.atoms_of(group).tolist()
    atom = draw(st.sampled_from(atoms))
    faces = np.flatnonzero(state.atom_of_face == atom).tolist()
    kinds = ["level", "rename", "drop"]
    kinds += ["merge"] * 2 * (len(groups) > 1) + ["cleave"] * 2 * (len(atoms) > 1)
    kinds += ["refine"] * 2 * (len(faces) > 1) + ["assign"] * (len(groups) > 1)
    kinds += ["undo"] * 3 * state.can_undo + ["redo"] * 3 * state.can_redo
    kind = draw(st.sampled_from(kinds))
    fields: dict[str, Any] = {}
    if kind == "level":
        fields = {"count": draw(st.integers(1, start.atom_count))}
    elif kind == "rename":
        fields = {"group": group, "name": draw(st.sampled_from(["", "seat", "dos à dos", "腳"]))}
    elif kind == "drop":
        fields = {"group": group, "dropped": draw(st.booleans())}
    elif kind == "merge":
        fields = {"groups": _subset(draw, groups, 2, 4)}
    elif kind == "cleave":
        leaving = _subset(draw, atoms, 1, len(atoms) - 1)
        cut = draw(st.integers(0, len(leaving) - 1))
        fields = {"group": group, "atoms": [p for p in (leaving[:cut], leaving[cut:]) if p]}
    elif kind == "refine":
        leaving = _subset(draw, faces, 1, len(faces) - 1)
        runs = list(runs_of_faces(np.asarray(leaving)))
        fields = {"atom": atom, "faces": runs, "method": "brush", "apart": draw(st.booleans())}
    elif kind == "assign":
        others = np.flatnonzero(state.group_of_atom != group).tolist()
        chosen = _subset(draw, others, 1, len(others))
        fields = {"atoms": chosen, "group": group}
    return say(kind, number, **fields)


@st.composite
def logs(draw: Any, *, most: int = 14) -> tuple[Base, list[Operation]]:
    start = draw(bases())
    state, log = first_state(start), []
    for number in range(draw(st.integers(0, most))):
        operation = draw(fitting(start, state, number))
        log.append(operation)
        state = step(start, state, operation)
    return start, log
