from dataclasses import replace
from pathlib import Path

from annotate.exchange.decided import (
    INDEX,
    Decided,
    current_digests,
    digest_of,
    read_index,
    write_index,
)
from partworks import layout
from partworks.store import Store
from tests.annotate.reviewing import decided_on, put_decisions, put_table


def test_a_decision_comes_back(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    put_table(store)
    decided = decided_on(store, note="naïve ☕")
    assert Decided.from_bytes(decided.to_bytes()) == decided
    assert decided.to_bytes() == decided_on(store, note="naïve ☕").to_bytes()


def test_only_decisions_on_the_present_segments_count(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    assert current_digests(store) == {}
    for uid in ("new", "old"):
        put_table(store, uid)
    fresh, void = decided_on(store, "new"), replace(decided_on(store, "old"), revision="0" * 64)
    put_decisions(store, fresh, void)
    assert [row["uid"] for row in read_index(store)] == ["new", "old"]
    assert current_digests(store) == {"new": digest_of(fresh.to_bytes())}
    assert store.read(layout.decision("new")) == fresh.to_bytes()


def test_the_same_rows_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    rows = [{"uid": uid, "digest": uid * 2} for uid in "abc"]
    write_index(store, rows)
    first = store.read(INDEX)
    write_index(store, rows[::-1])
    assert store.read(INDEX) == first
