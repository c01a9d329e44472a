import io
import json

import pyarrow.parquet as pq
import pytest

from annotate.exchange.decided import (
    INDEX,
    OPERATIONS,
    Decided,
    current_digests,
    digest_of,
    read_index,
)
from annotate.exchange.export import export_decisions
from annotate.review.operations import Merge
from partworks import layout
from partworks.errors import UsageError
from tests.annotate.exchange.desk import Desk
from tests.annotate.exchange.test_tasks import segment_anew
from tests.annotate.reviewing import PAIRS, decided_on, put_decisions, stamp


def reviewed(desk: Desk) -> tuple[str, str]:
    """Two objects, the first accepted by ada after some work, the second rejected by bob."""
    desk.put("one", "two")
    desk.load()
    first = desk.submit("ada", PAIRS)
    return first, desk.submit("bob", verdict="reject", reason="scene", note="a kitchen")


def test_decisions_become_files_that_the_stage_reads(desk: Desk) -> None:
    accepted, rejected = reviewed(desk)
    done = export_decisions(desk.store, desk.database)
    assert set(done.written) == {accepted, rejected}
    decided = Decided.from_bytes(desk.store.read(layout.decision(accepted)))
    assert decided == decided_on(desk.store, accepted, reviewers=("ada",))
    said_no = Decided.from_bytes(desk.store.read(layout.decision(rejected)))
    assert (said_no.verdict, said_no.reason, said_no.note) == ("reject", "scene", "a kitchen")
    assert current_digests(desk.store) == {
        uid: digest_of(desk.store.read(layout.decision(uid))) for uid in (accepted, rejected)
    }
    row = {row["uid"]: row for row in read_index(desk.store)}[accepted]
    assert (row["operations"], row["active_ms"], row["reviewer"]) == (3, 1500, "ada")
    log = pq.read_table(io.BytesIO(desk.store.read(OPERATIONS))).to_pylist()
    assert [(line["kind"], line["number"]) for line in log] == [
        ("merge", 0),
        ("merge", 1),
        ("rename", 2),
    ]
    assert json.loads(log[2]["body"])["name"] == "left legs"


def test_exporting_again_writes_nothing_new(desk: Desk) -> None:
    uids = reviewed(desk)
    export_decisions(desk.store, desk.database)
    before = {path: desk.store.read(path) for path in desk.store.list("review")}
    again = export_decisions(desk.store, desk.database)
    assert again.written == () and set(again.unchanged) == set(uids)
    assert {path: desk.store.read(path) for path in desk.store.list("review")} == before


def test_what_is_reopened_is_no_decision_any_more(desk: Desk) -> None:
    accepted, rejected = reviewed(desk)
    export_decisions(desk.store, desk.database)
    before = current_digests(desk.store)
    desk.reopen(accepted)
    assert export_decisions(desk.store, desk.database).removed == (accepted,)
    assert set(current_digests(desk.store)) == {rejected}
    assert not desk.store.exists(layout.decision(accepted))
    assert desk.submit("ada") == accepted
    export_decisions(desk.store, desk.database)
    assert current_digests(desk.store) == before, "the same decision has the same digest"
    desk.reopen(accepted)
    desk.submit("ada", [Merge(**stamp(77), groups=(0, 1))])
    export_decisions(desk.store, desk.database)
    after = current_digests(desk.store)
    assert after[accepted] != before[accepted] and after[rejected] == before[rejected]


def test_decisions_on_older_segments_are_left_out(desk: Desk) -> None:
    accepted, rejected = reviewed(desk)
    segment_anew(desk, accepted)
    done = export_decisions(desk.store, desk.database)
    assert done.written == (rejected,) and done.outdated == (accepted,)


def test_another_database_does_not_wipe_the_decisions(desk: Desk) -> None:
    desk.put("one", "two")
    put_decisions(desk.store, decided_on(desk.store, "one"), decided_on(desk.store, "two"))
    desk.load(uids=("one",))
    with pytest.raises(UsageError, match=r"1 objects .* such as two.*--replace"):
        export_decisions(desk.store, desk.database)
    assert set(current_digests(desk.store)) == {"one", "two"}
    assert export_decisions(desk.store, desk.database, replace=True).removed == ("one", "two")


def test_lines_say_the_same_as_the_tables(desk: Desk) -> None:
    reviewed(desk)
    export_decisions(desk.store, desk.database, lines=True)
    for path in (INDEX, OPERATIONS):
        table = pq.read_table(io.BytesIO(desk.store.read(path))).to_pylist()
        text = desk.store.read(path.replace(".parquet", ".jsonl")).decode()
        lines = [json.loads(line) for line in text.splitlines()]
        assert sorted(map(str, lines)) == sorted(
            str({key: row[key] for key in sorted(row)}) for row in table
        )


def test_a_queue_of_its_own(desk: Desk) -> None:
    desk.put("one")
    desk.load(queue="pilot")
    desk.submit("ada", PAIRS)
    assert export_decisions(desk.store, desk.database, queue="default").written == ()
    assert export_decisions(desk.store, desk.database, queue="pilot").written == ("one",)
