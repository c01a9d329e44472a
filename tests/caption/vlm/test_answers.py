from __future__ import annotations

import json
from typing import Any

import pytest

from caption.vlm.answers import (
    Described,
    SeveralDescribed,
    Shortened,
    Unreadable,
    Verified,
    WrongPicture,
    read,
    schema,
)

GOOD: dict[str, Any] = {
    "image": "part00-aa",
    "name": "leg",
    "short": "a leg",
    "long": "A leg.",
    "color": "",
    "material": "wood",
    "shape": "rod",
    "relation": "below",
    "confidence": 0.5,
    "unsure": False,
}


def test_an_answer_is_read_with_or_without_a_fence() -> None:
    for text in (json.dumps(GOOD), f"```json\n{json.dumps(GOOD)}\n```", f"  {json.dumps(GOOD)}\n"):
        assert read(text, Described, labels=("part00-aa",)).name == "leg"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "name"),
        ({"confidence": 1.5}, "confidence"),
        ({"unsure": "perhaps"}, "unsure"),
        ({"caption": "more"}, "caption"),
    ],
)
def test_another_form_is_refused_and_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read(json.dumps(GOOD | change), Described, labels=("part00-aa",))


def test_half_of_it_is_refused() -> None:
    text = json.dumps(GOOD)
    with pytest.raises(Unreadable):
        read(text[: len(text) // 2], Described, labels=("part00-aa",))


def test_labels_must_be_those_sent_and_in_order() -> None:
    other = GOOD | {"image": "part01-bb"}
    both = json.dumps({"parts": [GOOD, other]})
    assert len(read(both, SeveralDescribed, labels=("part00-aa", "part01-bb")).parts) == 2
    for labels in (("part01-bb", "part00-aa"), ("part00-aa",), ("part00-aa", "part01-bb", "c")):
        with pytest.raises(WrongPicture):
            read(both, SeveralDescribed, labels=labels)


@pytest.mark.parametrize("kind", [Described, SeveralDescribed, Shortened, Verified])
def test_every_object_of_a_schema_is_closed_and_wants_all(kind: Any) -> None:
    def check(node: Any) -> int:
        if isinstance(node, list):
            return sum(map(check, node))
        if not isinstance(node, dict):
            return 0
        found = 0
        if node.get("type") == "object":
            assert node["additionalProperties"] is False
            assert set(node["required"]) == set(node["properties"])
            found = 1
        assert not {"$ref", "$defs", "minLength", "minimum"} & node.keys()
        return found + sum(map(check, node.values()))

    assert check(schema(kind)) >= 1
