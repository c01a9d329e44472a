"""What the engine does with the files of a data set as a whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from partworks import dataset, plan, stages
from partworks.dataset import Dataset, StageRecord
from partworks.ledger import Ledger
from partworks.pipeline import RunRequest, run
from partworks.progress import PlainDisplay
from partworks.records import Attempt
from partworks.stage import Breach, Examination
from partworks.stages import StageEntry
from partworks.store import Store
from partworks.verification import verify
from tests.toy_run import toy_settings
from tests.toy_stages import TOYS, Use

Files = dict[str, bytes | None]


class Killed(BaseException):
    """Stands for the end of the process."""


class Gather(Use):
    """A toy that makes what it is told to."""

    files: ClassVar[Files] = {}
    left: ClassVar[tuple[str, ...]] = ()
    stop_before: ClassVar[str] = ""

    def finish(self, done: Sequence[Attempt]) -> Iterable[tuple[str, bytes | None]]:
        for path, data in self.files.items():
            if path == self.stop_before:
                raise Killed
            yield path, data

    def leftovers(self) -> Iterable[str]:
        return self.left

    def examine(self, done: Sequence[Attempt]) -> Examination:
        return Look([attempt.uid for attempt in done])


class Look:
    """Complains of one word, and tells the objects that are current."""

    def __init__(self, uids: list[str]) -> None:
        self.uids = uids

    def file(self, path: str, data: bytes) -> Iterable[Breach]:
        if b"ugly" in data:
            yield Breach(kind="unreadable", path=path, message="it is ugly")

    def whole(self) -> Iterable[Breach]:
        yield Breach(kind="cross_reference", path="all", message=" ".join(self.uids))


@pytest.fixture
def store(toys: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    entry = StageEntry("tests.test_finish:Gather", TOYS["use"].config)
    # Not by monkeypatch: that would put the toy back after `toys` has put back the real stages.
    stages.STAGES["use"] = entry
    monkeypatch.setattr(Gather, "files", {})
    monkeypatch.setattr(Gather, "left", ())
    monkeypatch.setattr(Gather, "stop_before", "")
    return Store(str(tmp_path))


def finish(store: Store, files: Files, *, objects: Sequence[str] = ()) -> None:
    """Run the toy with all objects done; `files` is what it makes of them."""
    Gather.files = files
    settings = toy_settings()
    marks = plan.fingerprints(settings.configs, seed=0)
    for at, stage in enumerate(("make", "use")):
        with Ledger(store).writer(stage) as writer:
            for uid in objects:
                row = Attempt(uid=uid, stage=stage, status="ok", fingerprint=marks[stage])
                writer.append(dataclasses.replace(row, finished_at=float(at)))
    run(RunRequest(store=store, settings=settings, stages=["use"]), PlainDisplay())


def known(store: Store) -> Dataset:
    """`dataset.json`, as if the first toy had run too."""
    found = dataset.require(store)
    mark = plan.fingerprints(toy_settings().configs, seed=0)["make"]
    record = StageRecord(version=1, settings={}, fingerprint=mark)
    return dataclasses.replace(found, stages={**found.stages, "make": record})


def outputs(store: Store) -> dict[str, int]:
    record = dataset.require(store).stages["use"]
    return {output.path: output.size for output in record.outputs}


def test_what_stays_is_not_written_and_still_accounted_for(store: Store) -> None:
    finish(store, {"all/1": b"one", "all/2": b"two"}, objects=["a"])
    before = (store.local_path / "all/1").stat().st_mtime_ns
    first = dataset.require(store).stages["use"].outputs[0]
    finish(store, {"all/1": None, "all/2": b"more"}, objects=["b"])
    assert (store.local_path / "all/1").stat().st_mtime_ns == before
    assert outputs(store) == {"all/1": 3, "all/2": 4}
    assert dataset.require(store).stages["use"].outputs[0] == first


def test_what_is_made_no_more_is_removed(store: Store) -> None:
    finish(store, {"all/1": b"one", "all/2": b"two"}, objects=["a"])
    finish(store, {"all/1": None}, objects=["b"])
    assert store.list("all") == ["all/1"]


def test_leftovers_of_a_killed_run_are_removed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Gather, "stop_before", "all/3")
    with pytest.raises(Killed):
        finish(store, {"all/1": b"one", "all/2": b"two", "all/3": b""}, objects=["a"])
    monkeypatch.setattr(Gather, "stop_before", "")
    monkeypatch.setattr(Gather, "left", ("all/1", "all/2"))
    store.write("all/mine", b"not a leftover")
    finish(store, {"all/1": None}, objects=["b"])
    assert store.list("all") == ["all/1", "all/mine"]
    assert outputs(store) == {"all/1": 3}


def test_a_killed_run_is_not_taken_for_a_finished_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The objects are those of the last finished run again, but the files are not."""
    finish(store, {"all/1": b"one", "all/2": b"two"}, objects=["a"])
    monkeypatch.setattr(Gather, "stop_before", "all/2")
    with pytest.raises(Killed):
        finish(store, {"all/1": b"eleven", "all/2": b"twelve"}, objects=["b"])
    monkeypatch.setattr(Gather, "stop_before", "")
    finish(store, {"all/1": None, "all/2": b"12"})
    assert outputs(store) == {"all/1": 6, "all/2": 2}
    assert "checksum" not in {breach.kind for breach in verify(store, dataset.require(store))}


def test_a_file_written_twice_is_listed_once(store: Store) -> None:
    """As a mark that is set before and filled after."""

    class Twice(dict[str, bytes | None]):
        def items(self) -> list[tuple[str, bytes | None]]:  # type: ignore[override]
            return [("mark", b""), ("all", b"x"), ("mark", b"done")]

    finish(store, Twice(), objects=["a"])
    assert outputs(store) == {"mark": 4, "all": 1}


def test_the_stage_examines_its_own_files(store: Store) -> None:
    finish(store, {"all/1": b"fine", "all/2": b"ugly"}, objects=["a", "b"])
    breaches = list(verify(store, known(store)))
    assert [(breach.path, breach.message) for breach in breaches] == [
        ("all/2", "it is ugly"),
        ("all", "a b"),
    ]


def test_each_file_is_read_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    finish(store, {"all/1": b"fine", "all/2": b"ugly"}, objects=["a"])
    reads: list[str] = []
    read = Store.read

    def counted(self: Store, path: str) -> bytes:
        reads.append(path)
        return read(self, path)

    found = known(store)
    monkeypatch.setattr(Store, "read", counted)
    list(verify(store, found))
    assert sorted(path for path in reads if path.startswith("all")) == ["all/1", "all/2"]


def test_an_object_older_than_its_inputs_is_not_examined(store: Store) -> None:
    finish(store, {"all": b"fine"}, objects=["a", "b"])
    mark = known(store).marks["make"]
    with Ledger(store).writer("make") as writer:
        row = Attempt(uid="a", stage="make", status="ok", fingerprint=mark)
        writer.append(dataclasses.replace(row, finished_at=9.0))
    assert [breach.message for breach in verify(store, known(store))] == ["b"]
