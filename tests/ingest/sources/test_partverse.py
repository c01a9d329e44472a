from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.archive import ArchiveLimits
from ingest.partverse.bundle import Bundle
from ingest.sources import open_source
from ingest.sources.partverse import fetch, open_partverse
from partworks.errors import Rejected, UsageError
from partworks.partverse.facts import Facts
from tests.ingest.partverse.made import CAPTIONS, LABELS, UID, write_entry


def test_every_object_is_listed_once_and_strange_names_are_counted(tmp_path: Path) -> None:
    write_entry(tmp_path, "b2")
    write_entry(tmp_path, "a1")
    (tmp_path / "textured_part_glbs" / "only_parts").mkdir()
    (tmp_path / "anno_infos" / "no uid!").mkdir()
    source = open_source(f"partverse:{tmp_path}")
    assert [record.uid for record in source.records()] == ["a1", "b2", "only_parts"]
    assert dict(source.ignored) == {"no uid": 1} and not source.duplicates


def test_the_bytes_are_all_files_of_the_object(tmp_path: Path) -> None:
    write_entry(tmp_path)
    (record,) = open_partverse(str(tmp_path)).records()
    data = fetch(record)
    assert data == fetch(record)
    bundle = Bundle.from_bytes(data, ArchiveLimits())
    assert bundle.whole == (tmp_path / "normalized_glbs" / f"{UID}.glb").read_bytes()
    assert set(bundle.parts) == set(LABELS) and bundle.facts is None
    assert json.loads(bundle.captions or b"") == CAPTIONS
    assert bundle.to_bytes() == data


def test_where_it_comes_from_is_told_by_our_own_file(tmp_path: Path) -> None:
    write_entry(tmp_path)
    facts = Facts(
        geometry_hash="", part_names=("a",) * 8, part_source="auto",
        origin={
            "name": "Table", "licence": "CC-BY-4.0", "creator": "ada", "categories": ["table"],
            "link": "https://example.org/t", "strange": "x",
        },
    )  # fmt: skip
    (tmp_path / "anno_infos" / UID / f"{UID}_partworks.json").write_bytes(facts.to_bytes())
    (record,) = open_partverse(str(tmp_path)).records()
    assert (record.name, record.licence, record.creator) == ("Table", "CC-BY-4.0", "ada")
    assert record.categories == ("table",) and record.link == "https://example.org/t"


def test_without_it_the_licence_is_unknown(tmp_path: Path) -> None:
    write_entry(tmp_path)
    (record,) = open_partverse(str(tmp_path)).records()
    assert (record.licence, record.attribution) == ("unknown", "")


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "partverse"
    write_entry(root)
    outside = tmp_path / "secret.glb"
    outside.write_bytes(b"glTF secret")
    whole = root / "normalized_glbs" / f"{UID}.glb"
    whole.unlink()
    whole.symlink_to(outside)
    (record,) = open_partverse(str(root)).records()
    with pytest.raises(Rejected) as caught:
        fetch(record)
    assert caught.value.reason == "unsafe_path"


def test_a_table_of_captions_that_leads_out_or_is_broken_ends_the_call(tmp_path: Path) -> None:
    for content in ("{", "[]", '"x"'):
        write_entry(tmp_path, captions=None)
        (tmp_path / "text_captions.json").write_text(content)
        with pytest.raises(UsageError, match=r"text_captions\.json"):
            list(open_partverse(str(tmp_path)).records())


@pytest.mark.parametrize("rest", ["", "nowhere", "."])
def test_other_folders_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rest: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="partverse"):
        open_partverse(rest)
