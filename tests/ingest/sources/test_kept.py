from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.config import IngestConfig
from ingest.fetch.config import FetchConfig
from ingest.samples import build_sample
from ingest.sources import open_source
from ingest.sources.kept import is_right, kept_bytes
from ingest.stage import Ingest
from partworks import layout
from partworks.errors import Failed
from partworks.geometry.glb import write_glb
from partworks.records import Item, SourceRecord
from partworks.store import Store
from tests.ingest.mirror import Manner, Mirror, add_objaverse, serving
from tests.ingest.running import run

UID = "ab" * 16


@pytest.fixture(scope="module")
def mug() -> bytes:
    return write_glb(build_sample("mug").mesh)


@pytest.fixture
def mirror(mug: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    made = Mirror()
    add_objaverse(made, {UID: mug})
    with serving(made):
        monkeypatch.setenv("HF_ENDPOINT", made.url)
        yield made


@pytest.fixture
def stage(tmp_path: Path) -> Ingest:
    config = IngestConfig(fetch=FetchConfig(attempts=2, backoff_s=0.01))
    return Ingest(config, store=Store(str(tmp_path / "root")))


def only() -> SourceRecord:
    (record,) = open_source("objaverse:").records()
    return record


def test_what_was_kept_is_not_fetched_again(mirror: Mirror, stage: Ingest, mug: bytes) -> None:
    record = only()
    first = run(stage, record)
    assert first.status == "ok" and first.files[layout.source(UID, "glb")] == mug
    mirror.forget()
    stage.store.write(layout.source(UID, "glb"), mug)
    again = run(stage, record)
    assert mirror.paths() == []
    assert again.files == first.files and again.metrics == first.metrics


@pytest.mark.parametrize("damage", ["half", "empty"])
def test_what_is_kept_and_broken_is_fetched_again(
    mirror: Mirror, stage: Ingest, mug: bytes, damage: str
) -> None:
    stage.store.write(layout.source(UID, "glb"), mug[: len(mug) // 2] if damage == "half" else b"")
    assert run(stage, only()).files[layout.source(UID, "glb")] == mug
    assert mirror.count(f"{UID}.glb") == 2, "the hub's answer and where it points to"


def test_a_known_sum_or_size_decides(stage: Ingest, mug: bytes) -> None:
    record = SourceRecord(uid=UID, location="x", ext="glb", source="manifest")
    stage.store.write(layout.source(UID, "glb"), mug)
    right = replace(record, sha256=hashlib.sha256(mug).hexdigest().upper(), size=len(mug))
    assert kept_bytes(record, stage.store) == kept_bytes(right, stage.store) == mug
    assert kept_bytes(replace(record, sha256="0" * 64), stage.store) is None
    assert kept_bytes(replace(right, size=len(mug) - 1), stage.store) is None
    assert kept_bytes(replace(record, source="folder"), stage.store) is None
    assert kept_bytes(replace(record, uid="cd" * 16), stage.store) is None
    assert is_right(record, b"any other format") and not is_right(record, b"")


def test_a_licence_that_is_not_allowed_costs_no_request(mirror: Mirror, stage: Ingest) -> None:
    record = only()
    mirror.forget()
    for licence, reason in (
        ("CC-BY-NC-4.0", "licence_not_allowed"),
        ("unknown", "licence_unknown"),
    ):
        outcome = stage.process(Item(uid=UID, record=replace(record, licence=licence)))
        assert (outcome.status, outcome.reason) == ("rejected", reason)
    assert mirror.paths() == []


def test_every_reason_of_fetching_is_the_stages(mirror: Mirror, stage: Ingest) -> None:
    record = only()
    mirror.manners[f"/lying/{UID}.glb"] = Manner(kind="server_error")
    with pytest.raises(Failed, match=r"HTTP 500.*2 attempts") as caught:
        run(stage, record)
    assert caught.value.reason in stage.reasons
