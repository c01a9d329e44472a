from __future__ import annotations

import html
import json
import re
from typing import Any

import markdown
import pytest
import yaml

from shards.card import Card, card_files
from shards.card_counts import digest
from shards.card_text import STAND_INS, size_category
from shards.statistics import sample_statistics
from tests.shards.made_shards import make_record
from tests.shards.test_markdown import HOSTILE
from tests.shards.test_statistics import noise, points, webp


def files_of(*records: dict[str, Any], **fields: Any) -> dict[str, bytes]:
    card = Card(**{"name": "made", "version": 3, **fields})
    for record in records:
        card.add(record)
    return dict(card_files(card, files=[], url="", published=""))


def page_of(*records: dict[str, Any], **fields: Any) -> tuple[dict[str, Any], str]:
    """Front matter and body of a card."""
    text = files_of(*records, **fields)["README.md"].decode()
    start, front, body = re.split(r"^---\n", text, maxsplit=2, flags=re.M)
    assert start == ""
    return yaml.safe_load(front), body


def render(body: str) -> str:
    return markdown.markdown(body, extensions=["tables", "fenced_code"])


def test_the_front_matter_is_what_hugging_face_reads() -> None:
    front, _ = page_of(make_record("a"), make_record("b", split="val", licence="Mine"))
    assert front["license"] == ["cc-by-4.0", "other"]
    assert front["license_link"] == "LICENSE.md"
    assert front["size_categories"] == ["n<1K"]
    assert front["configs"] == [
        {
            "config_name": "default",
            "data_files": [
                {"split": "train", "path": "train-*.tar"},
                {"split": "val", "path": "val-*.tar"},
            ],
        }
    ]


@pytest.mark.parametrize(
    ("count", "category"),
    [
        (0, "n<1K"),
        (999, "n<1K"),
        (1000, "1K<n<10K"),
        (99_999, "10K<n<100K"),
        (10**6, "1M<n<10M"),
        (5 * 10**8, "100M<n<1B"),
        (10**12, "n>1T"),
    ],
)
def test_size_categories(count: int, category: str) -> None:
    assert size_category(count) == category


def test_counts_by_split() -> None:
    records = [make_record(f"o{n}", parts=3, split="val" if n == 0 else "train") for n in range(5)]
    _, body = page_of(*records)
    assert "| `train` | 4 | 12 | 4 |" in body
    assert "| `val` | 1 | 3 | 1 |" in body
    assert "| all | 5 | 15 | 5 |" in body


def test_every_default_that_was_used_is_confessed() -> None:
    stages = {"segment": {"version": 2, "settings": {"method": "structure"}}}
    _, body = page_of(make_record(), stages=stages)
    for (what, maker), meaning in STAND_INS.items():
        assert f"`{what}: {maker}` (1 object): {meaning}" in body


def test_what_is_real_is_no_stand_in() -> None:
    made_by = {"parts": "ann", "captioner": "vlm", "renderer": "cycles"}
    stages = {"segment": {"version": 2, "settings": {"method": "sam2"}}}
    _, body = page_of(make_record(made_by=made_by), stages=stages)
    assert "Defaults were used" not in body
    assert "| `parts` | `ann` | 1 |" in body


def test_missing_signs_are_named_with_their_reason() -> None:
    field = {"parts": ["closed", "sheet"], "object": "proxy", "truncation": 0.1}
    _, body = page_of(make_record("a", field=field), make_record("b"))
    assert "1 of 2 parts have signed distances" in body
    assert "| `sheet` | 1 | 0 | no sign can be trusted" in body
    assert "| `proxy` | 0 | 1 | a closed surface" in body
    assert "For 1 object none were sampled" in body
    assert '`"field": null`' in page_of(make_record())[1]


def test_leaks_are_confessed() -> None:
    _, body = page_of(make_record("a", family="f"), make_record("b", family="f", split="val"))
    assert "**Leaks: 1 family lies in several splits**" in body
    assert "| `f` | train, val |" in body
    assert "Leaks" not in page_of(make_record())[1]


def test_how_it_was_made() -> None:
    stages = {"caption": {"version": 4, "settings": {"model": "big"}}}
    captions = {"model": "some-vlm"}
    _, body = page_of(make_record(captions=captions), stages=stages, settings={"preset": "trellis"})
    assert f"| `caption` | 4 | `{digest({'model': 'big'})[:12]}` |" in body
    assert f"| `shards` | 3 | `{digest({'preset': 'trellis'})[:12]}` |" in body
    assert "| caption model | `some-vlm` | 1 |" in body


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_strangers_say_becomes_markup(text: str) -> None:
    words = dict.fromkeys(("licence", "source", "family", "name", "attribution", "location"), text)
    field = {"parts": [text, "closed"], "object": text, "truncation": 0.1}
    made_by = {"parts": text, text: "x"}
    record = make_record(
        "a",
        **words,
        field=field,
        made_by=made_by,
        categories=[text],
        dropped_parts=[{"label": 9, "name": text, "reason": text}],
        captions={"model": text},
    )
    twin = {**record, "uid": "b", "split": "val"}
    files = files_of(record, twin, name=text)
    text_page = files["README.md"].decode()
    front, body = re.split(r"^---\n", text_page, maxsplit=2, flags=re.M)[1:]
    assert yaml.safe_load(front)["pretty_name"] == text
    assert yaml.safe_load(front)["license"] == ["other"]
    for page in (render(body), render(files["LICENSE.md"].decode())):
        tags = set(re.findall(r"<(/?\w+)", page))
        assert not tags & {"script", "b", "iframe"}
        links = re.findall(r'(?:href|src)="([^"]*)"', page)
        assert all(link.startswith(("images/", "https://")) for link in links)
        assert "spy.test" not in " ".join(links)
        assert page.count("<h1>") == 1
    for name in ("statistics.json", "croissant.json"):
        json.loads(files[name])


def test_lone_surrogates_can_be_written() -> None:
    record = make_record(licence="\ud800", source="\udfff", categories=["\ud800"])
    files = files_of(record)
    assert "\N{REPLACEMENT CHARACTER}" in files["README.md"].decode()


def test_pictures_are_there_and_are_described() -> None:
    field = {"parts": ["closed", "open"], "object": "closed", "truncation": 0.1}
    files = files_of(make_record(field=field, categories=["chair"]))
    page = render(files["README.md"].decode().split("---\n", 2)[2])
    shown = re.findall(r'<img src="([^"]+)" width="640" alt="([^"]+)">', page)
    assert {name for name, _ in shown} == {name for name in files if name.endswith(".png")}
    assert len(shown) == 6
    words = {name: html.unescape(alt) for name, alt in shown}
    assert words["images/licences.png"].startswith("Licences: 1 object by")


def test_the_same_records_give_the_same_bytes() -> None:
    records = [make_record(f"o{n}", parts=n + 1) for n in range(4)]
    assert files_of(*records) == files_of(*records)


def test_statistics_are_by_split_and_of_all() -> None:
    views = {"object.00.webp": webp(noise(1, 4))}
    first = make_record("a", statistics=sample_statistics(views, points(seed=1), None))
    second = make_record("b", split="val", statistics=sample_statistics({}, points(seed=2), None))
    found = json.loads(files_of(first, second, settings={"x": 1})["statistics.json"])
    assert found["all"]["objects"] == 2
    assert found["all"]["latents"] is None
    assert found["splits"]["val"]["images"] == {}
    assert found["splits"]["train"]["images"] == found["all"]["images"]
    assert found["splits"]["train"]["points"] != found["all"]["points"]
    assert found["settings"] == {"x": 1}
    assert found["stages"]["shards"] == {"version": 3, "settings_sha256": digest({"x": 1})}


def test_settings_of_other_stages_are_not_published() -> None:
    stages = {"caption": {"version": 1, "settings": {"base_url": "http://inside.test"}}}
    files = files_of(make_record(), stages=stages)
    assert not any(b"inside.test" in data for data in files.values())


def test_large_files_are_left_to_lfs() -> None:
    rules = files_of(make_record())[".gitattributes"].decode().splitlines()
    assert "*.tar filter=lfs diff=lfs merge=lfs -text" in rules
    assert "*.parquet filter=lfs diff=lfs merge=lfs -text" in rules


def test_an_empty_data_set_has_a_card() -> None:
    files = files_of()
    assert not any(name.endswith(".png") for name in files)
    front, body = page_of()
    assert "configs" not in front
    assert "| all | 0 | 0 | 0 |" in body
    assert json.loads(files["statistics.json"])["all"]["objects"] == 0
