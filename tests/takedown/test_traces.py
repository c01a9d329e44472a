from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from partworks import dataset
from partworks.dataset import StageRecord
from partworks.ledger import Ledger
from partworks.records import Attempt, Output
from partworks.store import Store
from partworks.takedown.tombstones import Tombstones
from partworks.takedown.traces import traces
from tests.takedown.made_root import UIDS, make_root

GONE = "aa02"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A root in which an object is only listed."""
    store = Store(str(tmp_path_factory.mktemp("root")))
    make_root(store)
    Tombstones().joined_by({GONE: []}, date="", reason="").save(store)
    return store


def places(store: Store) -> set[str]:
    return {breach.path for breach in traces(store, dataset.require(store))}


def test_every_place_that_knows_of_it_is_told(store: Store) -> None:
    found = places(store)
    folders = {path.split("/aa/")[0] for path in found if f"/{GONE}." in path}
    assert folders == {
        "sources", "objects", "given/parts", "given/captions", "segments", "parts", "renders",
        "captions", "samples",
    }  # fmt: skip
    assert {f"ledger/{stage}" for stage in dataset.require(store).stages} <= found
    assert {"shards", "shards/index.parquet", "shards/ATTRIBUTION.parquet"} <= found
    assert any(path.startswith("shards/manifests/") for path in found)


def test_a_uid_in_a_text_is_told_and_a_word_is_not(tmp_path: Path) -> None:
    store, uid = Store(str(tmp_path)), "0123456789abcdef"
    Tombstones().joined_by({uid: [], "chair": []}, date="", reason="").save(store)
    readme = store.write("shards/README.md", f"A chair and {uid}.".encode())
    record = StageRecord(version=1, settings={}, fingerprint="", outputs=(readme,))
    found = list(traces(store, dataset.Dataset(stages={"shards": record})))
    assert [breach.path for breach in found] == ["shards/README.md"] and uid in found[0].message


def test_nobody_else_is_accused(store: Store) -> None:
    for uid in {*UIDS} - {GONE}:
        assert not any(f"{uid}." in path for path in places(store))


def test_bytes_that_came_in_again_under_another_uid_are_told(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    Tombstones().joined_by({"old": ["5"]}, date="", reason="").save(store)
    row = Attempt(uid="new", stage="ingest", status="ok", fingerprint="")
    with Ledger(store).writer("ingest") as writer:
        output = Output(path="sources/ne/new.glb", sha256="5", size=3)
        writer.append(replace(row, outputs=(output,)))
    (breach,) = traces(store, dataset.Dataset())
    assert "new" in breach.message and breach.kind == "taken_down"
