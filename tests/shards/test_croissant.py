from __future__ import annotations

import hashlib
import json
import tarfile
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from shards.card import Card
from shards.croissant import DataFile, croissant
from tests.shards.made_shards import make_record, make_sample, write_shards


@pytest.fixture
def shards(tmp_path: Path) -> Path:
    samples = {
        f"o{n}": make_sample(f"o{n}", split="val" if n == 1 else "train", parts=n + 1)
        for n in range(5)
    }
    return write_shards(tmp_path / "set", samples)


def described(shards: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shards / "croissant.json").read_bytes())
    return found


def of_type(description: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [entry for entry in description["distribution"] if entry["@type"] == kind]


def test_every_file_is_named_with_its_checksum(shards: Path) -> None:
    listed = {file["contentUrl"]: file for file in of_type(described(shards), "cr:FileObject")}
    expected = {path.name for pattern in ("*.tar", "*.parquet") for path in shards.glob(pattern)}
    assert set(listed) == expected
    for name, file in listed.items():
        data = (shards / name).read_bytes()
        assert file["sha256"] == hashlib.sha256(data).hexdigest()
        assert file["contentSize"] == f"{len(data)} B"


def test_file_sets_match_the_tars_and_their_json(shards: Path) -> None:
    sets = {each["@id"]: each for each in of_type(described(shards), "cr:FileSet")}
    names = sorted(path.name for path in shards.glob("*.tar"))
    for split in ("train", "val"):
        pattern = sets[f"{split}-shards"]["includes"]
        matched = [name for name in names if fnmatch(name, pattern)]
        assert matched == [name for name in names if name.startswith(split)]
    inside = sets["sample-json"]
    assert [each["@id"] for each in inside["containedIn"]] == names
    found = []
    for name in names:
        with tarfile.open(shards / name) as archive:
            found += [each for each in archive.getnames() if fnmatch(each, inside["includes"])]
    assert sorted(found) == [f"o{n}.json" for n in range(5)]


def test_ids_are_unique_and_references_lead_somewhere(shards: Path) -> None:
    description = described(shards)
    ids: list[str] = []
    references: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if "@id" in node:
                (ids if "@type" in node else references).append(node["@id"])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk({name: value for name, value in description.items() if name != "@context"})
    assert len(ids) == len(set(ids))
    assert set(references) <= set(ids)


def test_columns_are_those_of_the_tables(shards: Path) -> None:
    records = {each["@id"]: each for each in described(shards)["recordSet"]}
    for name, file in (("members", "index.parquet"), ("attribution", "ATTRIBUTION.parquet")):
        columns = [field["source"]["extract"]["column"] for field in records[name]["field"]]
        assert set(columns) == set(pq.read_schema(shards / file).names)


def test_paths_find_one_value_in_every_sample(shards: Path) -> None:
    """The few forms of JSON path that are used: `$.a.b`, and `$.parts[*].a`."""
    records = {each["@id"]: each for each in described(shards)["recordSet"]}
    record = make_record(parts=3)
    for field in records["samples"]["field"]:
        value: Any = record
        for step in field["source"]["extract"]["jsonPath"].removeprefix("$.").split("."):
            value = value[step]
        assert isinstance(value, str)
    for field in records["parts"]["field"]:
        path = field["source"]["extract"].get("jsonPath")
        if path:
            assert path.startswith("$.parts[*].")
            assert all(path.removeprefix("$.parts[*].") in part for part in record["parts"])


def test_terms_are_those_of_the_context(shards: Path) -> None:
    description = described(shards)
    known = set(description["@context"])
    croissant_terms = {"field", "recordSet", "source", "extract", "column", "jsonPath", "key"}
    croissant_terms |= {"containedIn", "includes", "fileObject", "fileSet", "dataType", "regex"}
    assert croissant_terms <= known
    assert description["conformsTo"] == "http://mlcommons.org/croissant/1.1"


def test_licences_are_addresses_where_they_are_known() -> None:
    card = Card(name="made", version=3)
    card.add(make_record("a", licence="CC0-1.0"))
    file = DataFile(name="index.parquet", sha256="00", size=1)
    one = json.loads(croissant(card, files=[file], url="https://data.test", published="2030-01-01"))
    assert one["license"] == "https://spdx.org/licenses/CC0-1.0.html"
    assert (one["url"], one["datePublished"]) == ("https://data.test", "2030-01-01")
    card.add(make_record("b", licence="Mine"))
    two = json.loads(croissant(card, files=[file], url="", published=""))
    assert two["license"] == ["Mine", "https://spdx.org/licenses/CC0-1.0.html"]
    assert "url" not in two
