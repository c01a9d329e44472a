from __future__ import annotations

import json
from dataclasses import replace

import pytest

from shards.record import caption_table, part_table, provenance, to_json
from shards.selection import Tail, select_parts
from shards.surface import Surface
from tests.shards.made import Made, make_object


def tables(made: Made, *, max_parts: int, tail: Tail = "drop") -> dict[str, list[dict]]:
    selection = select_parts(
        made.mesh,
        made.parts.face_labels,
        surface=Surface(made.mesh.vertices, made.mesh.faces),
        count=made.parts.count,
        max_parts=max_parts,
        tail=tail,
    )
    return part_table(selection, parts=made.parts, captions=made.captions)


def test_a_creator_stands_before_the_attribution() -> None:
    extras = {"licence": "MIT", "attribution": "a chair by Ann, MIT", "faces": 3}
    assert provenance(extras)["creator"] == "a chair by Ann, MIT"
    found = provenance({**extras, "creator": "Ann"})
    assert found["creator"] == "Ann"
    assert found["attribution"] == "a chair by Ann, MIT"
    assert "faces" not in found


def test_an_object_of_unknown_origin_says_so() -> None:
    assert provenance({}) == {
        "name": "", "source": "", "licence": "unknown", "attribution": "", "location": "",
        "link": "", "creator": "", "creator_url": "", "categories": [], "tags": [],
        "to_source": None,
    }  # fmt: skip


def test_who_made_it_and_what_it_is_go_along() -> None:
    told = {
        "name": "Chair", "source": "objaverse", "licence": "CC-BY-4.0", "attribution": "Ada",
        "location": "000-023/ab.glb", "link": "https://example.org/chair", "creator": "ada",
        "creator_url": "https://example.org/ada", "categories": ["chair"], "tags": ["oak", "old"],
        "to_source": None,
    }  # fmt: skip
    assert provenance(told) == told


def test_a_part_has_its_own_names_and_captions() -> None:
    rows = tables(make_object(), max_parts=6)["parts"]
    assert [row["index"] for row in rows] == list(range(6))
    assert [row["labels"] for row in rows] == [[5], [0], [2], [1], [3], [4]]
    for row in rows:
        assert row["merged"] == []
        assert row["caption_name"] == row["name"]
        assert row["caption_long"].endswith(f"number {row['labels'][0]}.")


def test_a_merged_tail_is_the_rest_and_has_no_invented_caption() -> None:
    found = tables(make_object(), max_parts=3, tail="merge")
    assert found["dropped_parts"] == []
    rest = found["parts"][2]
    assert rest["name"] == rest["caption_name"] == "rest"
    assert rest["labels"] == [2, 1, 3, 4]
    assert rest["merged"] == ["leg", "leg", "leg", "cup"]
    assert rest["caption_short"] == rest["caption_long"] == ""
    assert rest["face_count"] == 48


def test_dropped_parts_are_named() -> None:
    assert tables(make_object(), max_parts=5)["dropped_parts"] == [
        {"label": 4, "name": "cup", "reason": "tail"}
    ]


def test_captions_of_the_object_say_what_made_them() -> None:
    found = caption_table(make_object().captions)
    assert found["short"] == "A table."
    assert found["captioner"] == "template"
    assert "request" not in found  # digests of pictures are the captions' own affair


def test_shorter_versions_and_flags_reach_the_shards() -> None:
    made = make_object()
    flagged = replace(made.captions.parts[5], flags=("color_disagrees:red",), source="vlm")
    parts = (*made.captions.parts[:5], flagged)
    captions = replace(made.captions, parts=parts, variants=("a table", "table"))
    assert caption_table(captions)["variants"] == ("a table", "table")
    rows = tables(replace(made, captions=captions), max_parts=6)["parts"]
    assert (rows[0]["caption_source"], rows[0]["caption_flags"]) == (
        "vlm",
        ["color_disagrees:red"],
    )
    assert rows[1]["caption_flags"] == []


def test_json_is_sorted_text_of_finite_numbers() -> None:
    data = to_json({"b": "é", "a": [1, 0.5]})
    assert data == '{"a": [1, 0.5], "b": "é"}\n'.encode()
    assert json.loads(data) == {"a": [1, 0.5], "b": "é"}
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json({"a": float("nan")})
