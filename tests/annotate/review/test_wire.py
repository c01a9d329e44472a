"""Operations as JSON, there and back, and what is refused."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from annotate.review import wire
from annotate.review.errors import OperationError
from annotate.review.wire import operation_from_json, operation_to_json
from tests.annotate.review.objects import identifier
from tests.annotate.review.strategies import logs

STAMP = {"id": identifier(7), "at": 12, "tool": "click"}


@settings(max_examples=50, deadline=None, derandomize=True)
@given(logs())
def test_json_there_and_back(log: Any) -> None:
    for operation in log[1]:
        text = json.dumps(operation_to_json(operation))
        assert operation_from_json(json.loads(text)) == operation


def test_only_apart_may_be_left_out() -> None:
    fields = {**STAMP, "kind": "refine", "atom": 1, "faces": [0, 1], "method": "brush"}
    assert operation_to_json(operation_from_json(fields)) == {**fields, "apart": False}
    for name in fields.keys() - {"kind"}:
        short = {key: value for key, value in fields.items() if key != name}
        with pytest.raises(OperationError, match=f"missing: {name}"):
            operation_from_json(short)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("malformed", []),
        ("malformed", None),
        ("unknown_kind", {**STAMP}),
        ("unknown_kind", {**STAMP, "kind": "explode"}),
        ("unknown_kind", {**STAMP, "kind": ["undo"]}),
        ("malformed", {**STAMP, "kind": "undo", "group": 1}),
        ("malformed", {**STAMP, "kind": "undo", "id": identifier(7).upper()[:-1] + "A"}),
        ("malformed", {**STAMP, "kind": "undo", "id": "../../etc"}),
        ("malformed", {**STAMP, "kind": "undo", "id": identifier(7) + "\n"}),
        ("malformed", {**STAMP, "kind": "undo", "at": -1}),
        ("malformed", {**STAMP, "kind": "undo", "at": 2**53}),
        ("malformed", {**STAMP, "kind": "undo", "at": 1.5}),
        ("malformed", {**STAMP, "kind": "undo", "tool": ""}),
        ("malformed", {**STAMP, "kind": "undo", "tool": "<b>"}),
        ("malformed", {**STAMP, "kind": "merge", "groups": 3}),
        ("malformed", {**STAMP, "kind": "merge", "groups": [0, True]}),
        ("malformed", {**STAMP, "kind": "merge", "groups": [0, -1]}),
        ("malformed", {**STAMP, "kind": "merge", "groups": [0, 2**31]}),
        ("malformed", {**STAMP, "kind": "merge", "groups": [[0, 1]]}),
        ("malformed", {**STAMP, "kind": "cleave", "group": 0, "atoms": [1, 2]}),
        ("malformed", {**STAMP, "kind": "assign", "group": 0, "atoms": [[1]]}),
        ("malformed", {**STAMP, "kind": "drop", "group": 0, "dropped": 1}),
        ("malformed", {**STAMP, "kind": "rename", "group": 0, "name": 5}),
        ("bad_name", {**STAMP, "kind": "rename", "group": 0, "name": "a\nb"}),
        ("bad_name", {**STAMP, "kind": "rename", "group": 0, "name": " seat"}),
        ("bad_name", {**STAMP, "kind": "rename", "group": 0, "name": "\ud800"}),
        ("bad_name", {**STAMP, "kind": "rename", "group": 0, "name": "é" * 101}),
    ],
)
def test_what_is_not_exactly_right_is_refused(code: str, value: object) -> None:
    with pytest.raises(OperationError) as found:
        operation_from_json(value)
    assert found.value.code == code


def test_markup_in_a_name_is_text() -> None:
    name = "<script>alert('seat')</script>"
    operation = operation_from_json({**STAMP, "kind": "rename", "group": 0, "name": name})
    assert operation_to_json(operation)["name"] == name


def test_lists_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MOST_LIST", 3)
    value = {**STAMP, "kind": "merge", "groups": [0, 1, 2, 3]}
    with pytest.raises(OperationError, match="too_large"):
        operation_from_json(value)
