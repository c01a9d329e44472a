from __future__ import annotations

import inspect
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from partworks import dataset, layout
from partworks.errors import UsageError
from partworks.finishing import digest
from partworks.ledger import Ledger
from partworks.locking import only_driver
from partworks.stages import STAGES
from partworks.store import Store
from partworks.takedown.removal import take_down
from partworks.verification import verify
from shards.reader import ShardIndex
from tests.takedown.made_root import UIDS, content, make_root, source_bytes

GONE = "aa02"
REST = tuple(uid for uid in UIDS if uid != GONE)
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """One root to copy, because making one takes a second."""
    store = Store(str(tmp_path_factory.mktemp("template")))
    make_root(store)
    return store


@pytest.fixture(scope="module")
def whole(template: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The root after a takedown that nothing disturbed."""
    store = copied(template, tmp_path_factory.mktemp("whole"))
    take_down(store, [GONE], now=NOW)
    return store


@pytest.fixture
def store(template: Store, tmp_path: Path) -> Store:
    return copied(template, tmp_path / "root")


def copied(template: Store, path: Path) -> Store:
    shutil.copytree(template.local_path, path, dirs_exist_ok=True)
    return Store(str(path))


def breaches(store: Store) -> list[tuple[str, str]]:
    return [(breach.kind, breach.path) for breach in verify(store, dataset.require(store))]


def test_the_made_root_is_sound(template: Store) -> None:
    assert breaches(template) == []


def test_what_stays_is_as_if_the_object_had_never_been(store: Store, tmp_path: Path) -> None:
    never = Store(str(tmp_path / "never"))
    make_root(never, REST)
    done = take_down(store, [GONE], reason="asked by the author", now=NOW)
    assert done.uids == (GONE,) and not done.same_bytes and not done.unknown
    assert done.remade == ("shards",)
    found, wanted = content(store), content(never)
    told = json.loads(found.pop(layout.TAKEDOWNS))
    del wanted["report/index.html"]
    assert found.keys() == wanted.keys()
    for path, data in wanted.items():
        assert found[path] == data, path
    (row,) = told["objects"]
    assert (row["uid"], row["date"], row["reason"]) == (
        GONE, "2026-01-02T03:04:05+00:00", "asked by the author",
    )  # fmt: skip
    assert breaches(store) == []


def test_the_next_run_has_nothing_to_do_for_the_shards(store: Store) -> None:
    take_down(store, [GONE])
    record = dataset.require(store).stages["shards"]
    assert record.made_of == digest(Ledger(store).attempts("shards"), record)


def test_splits_of_the_others_stay(store: Store) -> None:

    def splits() -> dict[str, str]:
        index = ShardIndex(f"{store.url}/shards")
        return {key: split for split in index.splits() for key in index.keys(split)}

    before = splits()
    take_down(store, [GONE])
    assert splits() == {uid: split for uid, split in before.items() if uid != GONE}


@contextmanager
def killed_after(monkeypatch: pytest.MonkeyPatch, count: int) -> Iterator[Callable[[], int]]:
    """The process ends before the change to the root after `count` of them."""
    changes = 0

    def counting(real: Callable[..., Any]) -> Callable[..., Any]:
        def change(*args: Any) -> Any:
            nonlocal changes
            if changes == count:
                raise Killed
            changes += 1
            return real(*args)

        return change

    with monkeypatch.context() as patch:
        for name in ("write", "delete"):
            patch.setattr(Store, name, counting(getattr(Store, name)))
        yield lambda: changes


def check_kill(store: Store, whole: Store, monkeypatch: pytest.MonkeyPatch, count: int) -> bool:
    """Whether a takedown that ends after so many changes can be done again; False at its end."""
    with killed_after(monkeypatch, count):
        try:
            take_down(store, [GONE], now=NOW)
        except Killed:
            pass
        else:
            return False
    if count:
        listed = json.loads(store.read(layout.TAKEDOWNS))["objects"]
        assert [row["uid"] for row in listed] == [GONE]
    take_down(store, [GONE], now=NOW)
    found, wanted = content(store), content(whole)
    assert found.keys() == wanted.keys()
    for path, data in wanted.items():
        if path != layout.DATASET:  # how many objects the source has is counted by the next run
            assert found[path] == data, (count, path)
    assert breaches(store) == []
    return True


@pytest.mark.parametrize("count", [0, 1, 4, 12, 20])
def test_one_that_was_killed_can_be_done_again(
    store: Store, whole: Store, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    assert check_kill(store, whole, monkeypatch, count)


@pytest.mark.slow
def test_wherever_it_is_killed_it_can_be_done_again(
    template: Store, whole: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 0
    while check_kill(copied(template, tmp_path / f"{count}"), whole, monkeypatch, count):
        count += 1
    assert count > 20


def test_the_same_file_under_another_uid_goes_too(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    make_root(store, sources={"ca05": source_bytes(GONE)})
    done = take_down(store, [GONE])
    assert done.same_bytes == ("ca05",)
    assert not [path for path in store.list("") if "ca05" in path]
    assert breaches(store) == []


def test_a_uid_that_is_nowhere_is_listed_and_told(store: Store) -> None:
    before = content(store)
    done = take_down(store, ["nobody"])
    assert done.unknown == ("nobody",) and not done.files[1:]
    after = content(store)
    assert json.loads(after.pop(layout.TAKEDOWNS))["objects"][0]["uid"] == "nobody"
    del before["report/index.html"]
    assert after == before
    assert take_down(store, ["nobody"]).unknown == ()


def test_copies_of_it_that_were_refused_are_told(store: Store) -> None:
    (row,) = (row for row in Ledger(store).attempts("ingest") if row.uid == "ca05")
    refused = replace(
        row, status="rejected", reason="near_duplicate", message=f"like {GONE}", finished_at=99.0
    )
    with Ledger(store).writer("ingest") as writer:
        writer.append(refused)
    assert take_down(store, [GONE]).copies == ("ca05",)


def test_what_is_left_of_one_is_a_breach(store: Store) -> None:
    glb = store.read(layout.object_glb(GONE))
    take_down(store, [GONE])
    store.write(layout.object_glb(GONE), glb)
    assert ("taken_down", layout.object_glb(GONE)) in breaches(store)


def test_it_waits_for_a_run(store: Store) -> None:
    with only_driver(store), pytest.raises(UsageError, match="another run"):
        take_down(store, [GONE])
    assert not store.exists(layout.TAKEDOWNS)


def test_every_place_of_an_object_is_known() -> None:
    """A function of the layout that takes a uid leads into a folder that takedowns look in."""
    looked_at = 0
    for name, function in inspect.getmembers(layout, inspect.isfunction):
        if function.__module__ != layout.__name__ or name.startswith("_"):
            continue
        names = list(inspect.signature(function).parameters)
        if names[0] == "uid":
            looked_at += 1
            path = function("ab12", *["x"] * (len(names) - 1))
            assert path.split("/ab/")[0] in layout.OBJECT_FOLDERS, name
    assert looked_at > 10


def test_nothing_of_it_is_left_in_the_ledger(store: Store) -> None:
    take_down(store, [GONE])
    for stage in STAGES:
        assert set(Ledger(store).rows(stage)["uid"].to_pylist()) == set(REST)
    source = dataset.require(store).source
    assert source is not None and source.records == len(REST)
