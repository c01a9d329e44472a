"""Each way not to fit has its code."""

from typing import Any

import pytest

from annotate.review import checks
from annotate.review.base import Base
from annotate.review.checks import CODES, check
from annotate.review.errors import OperationError
from annotate.review.fold import fold
from annotate.review.state import first_state
from tests.annotate.review.objects import base, say, six

REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("unknown_group", "merge", {"groups": [0, 1]}),
    ("unknown_group", "merge", {"groups": [0, 600]}),
    ("repeated", "merge", {"groups": [0, 0]}),
    ("empty", "merge", {"groups": [0]}),
    ("empty", "merge", {"groups": []}),
    ("unknown_group", "cleave", {"group": 1, "atoms": [[1]]}),
    ("empty", "cleave", {"group": 0, "atoms": []}),
    ("empty", "cleave", {"group": 0, "atoms": [[1], []]}),
    ("repeated", "cleave", {"group": 0, "atoms": [[1], [1]]}),
    ("not_in_group", "cleave", {"group": 0, "atoms": [[2]]}),
    ("unknown_atom", "cleave", {"group": 0, "atoms": [[6]]}),
    ("whole_group", "cleave", {"group": 0, "atoms": [[0], [1]]}),
    ("unknown_atom", "refine", {"atom": 6, "faces": [0, 1], "method": "brush"}),
    ("empty", "refine", {"atom": 0, "faces": [], "method": "brush"}),
    ("empty", "refine", {"atom": 0, "faces": [0, 0], "method": "brush"}),
    ("malformed", "refine", {"atom": 0, "faces": [0], "method": "brush"}),
    ("unknown_face", "refine", {"atom": 0, "faces": [15, 2], "method": "brush"}),
    ("unknown_face", "refine", {"atom": 0, "faces": [2**31 - 1, 2**31 - 1], "method": "brush"}),
    ("repeated", "refine", {"atom": 0, "faces": [0, 2, 1, 1], "method": "brush"}),
    ("repeated", "refine", {"atom": 0, "faces": [0, 1, 1, 1], "method": "brush"}),
    ("repeated", "refine", {"atom": 0, "faces": [1, 1, 0, 1], "method": "brush"}),
    ("not_in_atom", "refine", {"atom": 0, "faces": [2, 2], "method": "brush"}),
    ("whole_atom", "refine", {"atom": 0, "faces": [0, 3, 15, 1], "method": "brush"}),
    ("bad_count", "level", {"count": 0}),
    ("bad_count", "level", {"count": 7}),
    ("no_effect", "assign", {"atoms": [0, 1], "group": 0}),
    ("empty", "assign", {"atoms": [], "group": 0}),
    ("repeated", "assign", {"atoms": [2, 2], "group": 0}),
    ("unknown_atom", "assign", {"atoms": [6], "group": 0}),
    ("unknown_group", "assign", {"atoms": [0], "group": 3}),
    ("unknown_group", "rename", {"group": 1, "name": "x"}),
    ("unknown_group", "drop", {"group": 1, "dropped": True}),
    ("nothing_to_undo", "undo", {}),
    ("nothing_to_redo", "redo", {}),
]


@pytest.mark.parametrize(("code", "kind", "fields"), REFUSED)
def test_what_does_not_fit_is_refused(code: str, kind: str, fields: dict[str, Any]) -> None:
    operation = say(kind, **fields)
    for refuse in (
        lambda: check(six(), first_state(six()), operation),
        lambda: fold(six(), [operation]),
    ):
        with pytest.raises(OperationError) as found:
            refuse()
        assert found.value.code == code
        assert code in CODES


def test_an_id_is_used_once() -> None:
    state = fold(six(), [say("level", 3, count=2)])
    with pytest.raises(OperationError, match="repeated_id"):
        check(six(), state, say("level", 3, count=2))
    check(six(), state, say("level", 4, count=2))


def test_logs_and_atoms_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "MOST_OPERATIONS", 1)
    state = fold(six(), [say("level", 0, count=2)])
    with pytest.raises(OperationError, match="too_large"):
        check(six(), state, say("level", 1, count=2))
    monkeypatch.setattr(checks, "MOST_ATOMS", 6)
    with pytest.raises(OperationError, match="too_many_atoms"):
        fold(six(), [say("refine", 0, atom=0, faces=[0, 1], method="brush")])


@pytest.mark.parametrize(
    ("faces", "rows"),
    [
        ([0, 0], [(0, 1, 0.5)]),  # an atom without faces
        ([0, 1, 2], [(0, 1, 0.5)]),  # an atom without a leaf
        ([0, 1, 2], [(0, 1, 0.5), (3, 3, 0.6)]),  # a node used twice
        ([0, 1, 2], [(0, 4, 0.5), (1, 2, 0.6)]),  # a node that is not there yet
        ([0, 1, 2], [(0, 1, 0.5), (3, 2, 0.4)]),  # a height that falls
    ],
)
def test_a_base_must_be_a_tree(faces: list[int], rows: list[tuple[int, int, float]]) -> None:
    with pytest.raises(ValueError, match=r"atoms|tree"):
        base(faces, rows)


def test_a_tree_survives_json() -> None:
    start = six()
    again = Base.from_json(start.atom_of_face, start.tree_to_json())
    assert again.heights.tolist() == start.heights.tolist()
    assert again.children.tolist() == start.children.tolist()
    assert again.default_count == start.default_count == 4
