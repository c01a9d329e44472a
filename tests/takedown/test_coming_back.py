"""What was taken down stays away: by its uid, by its bytes, through the whole command line."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.config import IngestConfig
from ingest.sources import open_source
from ingest.stage import Ingest
from partworks import dataset, layout
from partworks.cli import main
from partworks.ledger import Ledger
from partworks.pipeline import RunRequest, run
from partworks.progress import PlainDisplay
from partworks.records import Item
from partworks.store import Store
from partworks.takedown.tombstones import REASON, Tombstones
from tests.takedown.made_root import UIDS, make_root
from tests.toy_run import toy_settings


def listed(store: Store, uid: str, *sums: str) -> None:
    Tombstones().joined_by({uid: sums}, date="", reason="").save(store)


@pytest.mark.usefixtures("toys", "ray_of_two")
def test_a_run_passes_over_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store(str(tmp_path))
    listed(store, "0001-ok")
    request = RunRequest(
        store=store, settings=toy_settings(), source="toy:ok,ok,ok", stages=["make"]
    )
    run(request, PlainDisplay())
    assert Ledger(store).latest("make", ["uid"])["uid"].to_pylist() == ["0000-ok", "0002-ok"]
    known = dataset.require(store).source
    assert known is not None and known.records == 2
    assert "taken down" in capsys.readouterr().err


@pytest.mark.parametrize("under", ["its own uid", "another uid"])
def test_its_bytes_are_refused_and_not_kept(tmp_path: Path, under: str) -> None:
    store = Store(str(tmp_path))
    record = next(iter(open_source("samples").records()))
    stage = Ingest(IngestConfig(), store=store)
    data = stage.process(Item(uid=record.uid, record=record)).files[
        layout.source(record.uid, "glb")
    ]
    if under == "its own uid":
        listed(store, record.uid)
    else:
        listed(store, "somebody", hashlib.sha256(data).hexdigest())
    outcome = Ingest(IngestConfig(), store=store).process(Item(uid=record.uid, record=record))
    assert (outcome.status, outcome.reason, dict(outcome.files)) == ("rejected", REASON, {})
    assert REASON in Ingest.reasons


def test_others_come_in(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    listed(store, "somebody", "0" * 64)
    record = next(iter(open_source("samples").records()))
    outcome = Ingest(IngestConfig(), store=store).process(Item(uid=record.uid, record=record))
    assert outcome.status == "ok"


def test_checksums_that_a_source_states_are_looked_at_before_anything_is_fetched() -> None:
    record = replace(next(iter(open_source("samples").records())), sha256="5" * 64)
    found = Tombstones().joined_by({"x": ["5" * 64]}, date="", reason="")
    assert found.refuses(record.uid, record.sha256)


def test_the_command_says_what_went_and_what_it_cannot_reach(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(str(tmp_path))
    make_root(store)
    assert main(["takedown", "--root", store.url, UIDS[0], "nobody", "--reason", "asked"]) == 0
    out = capsys.readouterr().out
    assert UIDS[0] in out and "nobody" in out and "train again" in out and "latents" in out
    assert main(["verify", "--root", store.url]) == 0
    capsys.readouterr()
    assert main(["takedown", "--root", store.url, UIDS[1], "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["uids"] == [UIDS[1]] and told["remade"] == ["shards"] and told["out_of_reach"]
    assert layout.source(UIDS[1], "glb") in told["files"]


@pytest.mark.parametrize("uid", ["../x", "a b", ""])
def test_a_uid_that_is_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], uid: str
) -> None:
    store = Store(str(tmp_path))
    dataset.save(store, dataset.Dataset())
    assert main(["takedown", "--root", store.url, uid]) == 2
    assert "must match" in capsys.readouterr().err
    assert not store.exists(layout.TAKEDOWNS)
