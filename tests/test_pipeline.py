"""Whole runs of the real stages over generated samples, as a newcomer starts them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from partworks import cluster, dataset, layout
from partworks.artifacts.captions import Captions
from partworks.artifacts.parts import Parts
from partworks.artifacts.renders import Renders
from partworks.cli import main
from partworks.ledger import Ledger
from partworks.plan import StageCounts
from partworks.stages import STAGES
from partworks.store import Store
from partworks.verification import verify
from shards.reader import ShardIndex
from tests.trees import contents

SMALL = ("--render.size", "96")


@pytest.fixture(scope="module")
def session() -> Iterator[None]:
    with cluster.session(None, workers=2):
        yield


def run(root: Path, *more: str, limit: int | None = 3) -> Store:
    """A run that must end with every object ok."""
    limits = ("--limit", str(limit)) if limit else ()
    assert main(["run", "--root", str(root), "--source", "samples", *SMALL, *limits, *more]) == 0
    return Store(str(root))


@pytest.fixture(scope="module")
def root(session: None, tmp_path_factory: pytest.TempPathFactory) -> Store:
    return run(tmp_path_factory.mktemp("pipeline") / "root")


def test_every_object_gets_through_every_stage(root: Store) -> None:
    ledger = Ledger(root)
    for stage in STAGES:
        statuses = [attempt.status for attempt in ledger.attempts(stage)]
        assert statuses == ["ok"] * 3, stage
    assert list(verify(root, dataset.require(root))) == []


@pytest.mark.parametrize("of", [layout.truth, layout.segments, layout.parts])
def test_labels_of_another_surface_are_found(root: Store, of: Callable[[str], str]) -> None:
    first, second = (attempt.uid for attempt in Ledger(root).attempts("ingest")[:2])
    kept = root.read(of(first))
    root.write(of(first), root.read(of(second)))
    try:
        found = list(verify(root, dataset.require(root)))
    finally:
        root.write(of(first), kept)
    kinds = {breach.kind for breach in found if breach.path == of(first)}
    assert kinds >= {"checksum", "geometry_hash"}


def test_what_each_stage_leaves_speaks_of_the_same_parts(root: Store) -> None:
    for attempt in Ledger(root).attempts("caption"):
        uid = attempt.uid
        parts = Parts.from_bytes(root.read(layout.parts(uid)))
        renders = Renders(root.read(layout.renders(uid)))
        captions = Captions.from_bytes(root.read(layout.captions(uid)))
        assert parts.count == len(renders.overlap) == len(captions.parts) >= 2
        assert renders.views("object") and renders.views("part_00")
        assert captions.captioner == "template", "a default says so"
        assert parts.source == "auto"


def test_the_shards_hold_the_objects(root: Store) -> None:
    index = ShardIndex(f"{root.url}/shards")
    keys = [key for split in index.splits() for key in index.keys(split)]
    assert sorted(keys) == [attempt.uid for attempt in Ledger(root).attempts("shards")]


def test_a_second_run_does_nothing(root: Store) -> None:
    before = contents(root), [len(Ledger(root).rows(stage)) for stage in STAGES]
    assert main(["run", "--root", root.url, "--limit", "3"]) == 0
    assert (contents(root), [len(Ledger(root).rows(stage)) for stage in STAGES]) == before


def test_a_report_of_the_run(root: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--root", root.url]) == 0
    page = root.read("report/index.html").decode()
    for attempt in Ledger(root).attempts("ingest"):
        assert attempt.uid in page
    root.delete("report/index.html")


def test_status_as_json_is_one_document(root: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--root", root.url, "--json"]) == 0
    counts = json.loads(capsys.readouterr().out)
    assert counts["shards"] == asdict(StageCounts(ok=3))
    assert counts["ingest"]["pending"] > 5, "the samples beyond the limit"


@pytest.mark.slow
@pytest.mark.usefixtures("session")
def test_an_estimate_from_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--root", str(tmp_path / "r"), "--source", "samples", "--sample", "1", "--json"]
    assert main(["estimate", *arguments, *SMALL]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [row["stage"] for row in document["stages"]] == list(STAGES)
    assert document["records"] >= 12
    assert all(row["worker_seconds"] > 0 and row["disk_bytes"] > 0 for row in document["stages"])
    assert not (tmp_path / "r").exists()


@pytest.mark.slow
def test_one_and_two_workers_leave_the_same_bytes(tmp_path: Path) -> None:
    one = run(tmp_path / "one", "--run.workers", "1", limit=None)
    two = run(tmp_path / "two", "--run.workers", "2", limit=None)
    assert contents(one) == contents(two)
    assert len(Ledger(one).attempts("shards")) >= 12
