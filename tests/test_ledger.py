from __future__ import annotations

from pathlib import Path

import pytest

from partworks import ledger as ledger_module
from partworks.ledger import Ledger, forget, merge
from partworks.records import Attempt, Output, Status
from partworks.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path))


def row(uid: str, at: float, *, status: Status = "ok", mark: str = "m") -> Attempt:
    outputs = (Output(path=f"x/{uid}", sha256="0", size=int(at)),) if status == "ok" else ()
    return Attempt(
        uid=uid,
        stage="toy",
        status=status,
        fingerprint=mark,
        reason="" if status == "ok" else "flaky",
        finished_at=at,
        outputs=outputs,
    )


def append(store: Store, *rows: Attempt) -> None:
    """Each row in a file of its own."""
    writer = Ledger(store).writer("toy")
    for attempt in rows:
        writer.append(attempt)
        writer.flush()


def test_an_empty_ledger_reads_as_nothing(store: Store) -> None:
    assert len(Ledger(store).rows("toy")) == 0
    assert Ledger(store).attempts("toy") == []
    assert Ledger(store).failures("toy", "m") == {}


def test_the_last_attempt_counts_whatever_the_file_order(store: Store) -> None:
    append(store, row("b", 5.0, status="failed"), row("a", 1.0), row("b", 3.0), row("a", 2.0))
    latest = Ledger(store).attempts("toy")
    assert [(attempt.uid, attempt.finished_at) for attempt in latest] == [("a", 2.0), ("b", 5.0)]


def test_failures_are_counted_by_fingerprint(store: Store) -> None:
    append(
        store,
        row("a", 1.0, status="failed"),
        row("a", 2.0, status="failed"),
        row("a", 3.0, status="failed", mark="other"),
        row("b", 4.0),
    )
    assert Ledger(store).failures("toy", "m") == {"a": 2}


def test_outputs_are_those_of_the_last_attempt(store: Store) -> None:
    append(store, row("a", 1.0), row("b", 2.0), row("b", 3.0, status="failed"))
    assert Ledger(store).outputs("toy", ["a", "b", "c"]) == {
        "a": (Output(path="x/a", sha256="0", size=1),)
    }


def test_merging_changes_no_row(store: Store) -> None:
    rows = [row(f"u{number % 7}", float(number)) for number in range(20)]
    append(store, *rows)
    before = Ledger(store).rows("toy").to_pylist()
    merge(store, "toy")
    assert len(store.list("ledger/toy")) == 1
    assert Ledger(store).rows("toy").to_pylist() == before


def test_a_merge_that_died_half_way_counts_no_row_twice(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(store, *(row(f"u{number}", float(number)) for number in range(12)))
    with monkeypatch.context() as patch:
        patch.setattr(Store, "delete", lambda self, path: None)
        merge(store, "toy")
    assert len(store.list("ledger/toy")) == 13
    assert len(Ledger(store).rows("toy")) == 12
    merge(store, "toy")
    assert len(store.list("ledger/toy")) == 1
    assert len(Ledger(store).rows("toy")) == 12


def test_rows_are_on_disk_soon(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(ledger_module.time, "monotonic", lambda: clock[0])
    writer = Ledger(store).writer("toy")
    writer.append(row("a", 1.0))
    writer.tick()
    assert len(Ledger(store).rows("toy")) == 0, "not for every row of a fast stage"
    clock[0] += ledger_module.FLUSH_S
    writer.tick()
    assert len(Ledger(store).rows("toy")) == 1


def test_columns_can_be_chosen(store: Store) -> None:
    append(store, row("a", 1.0))
    assert Ledger(store).latest("toy", ["status"]).to_pylist() == [{"status": "ok"}]


def test_a_long_run_leaves_few_files(store: Store) -> None:
    writer = Ledger(store).writer("toy")
    for number in range(3 * ledger_module.MERGE_FLUSHES):
        writer.append(row(f"u{number}", float(number)))
        writer.flush()
    assert len(store.list("ledger/toy")) == 3
    writer.close()
    assert len(Ledger(store).rows("toy")) == 3 * ledger_module.MERGE_FLUSHES


def test_forgotten_objects_have_no_row_left(store: Store) -> None:
    append(store, row("a", 1), row("b", 2), row("a", 3, status="failed"), row("c", 4))
    assert forget(store, "toy", ["a", "nobody"]) == 2
    assert Ledger(store).rows("toy")["uid"].to_pylist() == ["b", "c"]
    assert forget(store, "toy", ["a"]) == 0


def test_forgetting_works_on_merged_files_too(store: Store) -> None:
    append(store, *(row(f"u{number}", number) for number in range(20)))
    merge(store, "toy")
    append(store, row("u3", 30.0))
    assert forget(store, "toy", ["u3", "u4"]) == 3
    left = set(Ledger(store).rows("toy")["uid"].to_pylist())
    assert left == {f"u{number}" for number in range(20)} - {"u3", "u4"}


def test_forgetting_that_is_interrupted_loses_nobody_else(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(store, *(row(f"u{number}", number) for number in range(20)))
    merge(store, "toy")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Store, "delete", die)
        with pytest.raises(KeyboardInterrupt):
            forget(store, "toy", ["u3"])
    rows = Ledger(store).rows("toy")["uid"].to_pylist()
    assert sorted({*rows} | {"u3"}) == sorted(f"u{number}" for number in range(20))
    assert len(rows) == len({*rows})
    forget(store, "toy", ["u3"])
    assert len(Ledger(store).rows("toy")) == 19
