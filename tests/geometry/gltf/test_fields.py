from collections.abc import Callable
from typing import Any

import pytest

from partworks.errors import Rejected
from partworks.geometry.gltf.fields import Fields

READERS: dict[str, Callable[[Fields], Any]] = {
    "integer": lambda fields: fields.integer("x", 5),
    "number": lambda fields: fields.number("x", 0.5),
    "numbers": lambda fields: fields.numbers("x", 2),
    "indices": lambda fields: fields.indices("x"),
    "text": lambda fields: fields.text("x"),
    "texts": lambda fields: fields.texts("x"),
    "flag": lambda fields: fields.flag("x"),
    "child": lambda fields: fields.child("x"),
    "children": lambda fields: fields.children("x"),
    "integers": lambda fields: fields.integers("x"),
}
GOOD: dict[str, list[tuple[Any, Any]]] = {
    "integer": [(3, 3), (3.0, 3), (0, 0)],
    "number": [(3, 3.0), (-0.25, -0.25)],
    "numbers": [([1, 2.5], [1.0, 2.5])],
    "indices": [([0, 7], [0, 7])],
    "text": [("a", "a"), ("\ud800b", "\ufffdb"), ("🚗", "🚗")],
    "texts": [(["a"], ["a"])],
    "flag": [(True, True)],
    "integers": [({"a": 1}, {"a": 1})],
}
BAD: dict[str, list[Any]] = {
    "integer": [-1, 1.5, "3", True, [], 1 << 60, 1e300],
    "number": ["3", True, [], float("inf"), 10**400],
    "numbers": [[1], [1, 2, 3], [1, "2"], [1, float("inf")], "12", {}],
    "indices": [[-1], [1.5], ["1"], [True], 3, {}],
    "text": [3, [], {}, True],
    "texts": [[3], "a", {}],
    "flag": [1, "true"],
    "child": [[], 3, "a"],
    "children": [{}, 3, [3], ["a"], [None]],
    "integers": [[], {"a": -1}, {"a": "b"}],
}


@pytest.mark.parametrize("name", READERS)
def test_absent_and_null_give_the_default(name: str) -> None:
    absent = READERS[name](Fields({}, "here"))
    assert READERS[name](Fields({"x": None}, "here")) == absent
    assert absent in (5, 0.5, None, [], "", False, {})


@pytest.mark.parametrize(("name", "value", "expected"), [(n, *g) for n in GOOD for g in GOOD[n]])
def test_right_types_are_read(name: str, value: Any, expected: Any) -> None:
    found = READERS[name](Fields({"x": value}, "here"))
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(("name", "value"), [(n, b) for n in BAD for b in BAD[n]])
def test_wrong_types_are_named_with_their_place(name: str, value: Any) -> None:
    with pytest.raises(Rejected, match=r"invalid_gltf: (here\.)?x") as caught:
        READERS[name](Fields({"x": value}, "here"))
    assert len(caught.value.message) < 200


def test_places_name_the_path() -> None:
    inner = Fields({"nodes": [{}, {"a": {"b": "text"}}]}, "document").children("nodes")[1]
    with pytest.raises(Rejected, match=r"nodes\[1\]\.a\.b is str 'text', expected a whole number"):
        child = inner.child("a")
        assert child is not None
        child.needed_integer("b")


def test_needed_integers_must_be_there() -> None:
    with pytest.raises(Rejected, match="here has no count"):
        Fields({}, "here").needed_integer("count")
