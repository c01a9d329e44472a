from __future__ import annotations

import io
from collections.abc import Sequence

import pyarrow.parquet as pq
import pytest
from sqlalchemy import func, select

from annotate.blobs.store import Blob
from annotate.database import claiming, leases, withdrawing
from annotate.database.errors import Refused
from annotate.database.tables import Event, OperationRow, Review, Task
from annotate.exchange.decided import INDEX, OPERATIONS, read_index
from annotate.exchange.export import export_decisions
from annotate.exchange.tasks import COMMAND_LINE
from annotate.exchange.withdrawal import traces, withdraw_objects
from partworks.stages import REVIEW_TRACES, REVIEW_WITHDRAWAL, load
from tests.annotate.exchange.desk import RULES, Desk
from tests.annotate.reviewing import PAIRS


def take_out(desk: Desk, uids: Sequence[str]) -> int | None:
    url = desk.database.engine.url.render_as_string(hide_password=False)
    return withdraw_objects(
        desk.store,
        uids,
        database=url.replace("postgresql+psycopg", "postgresql"),
        blobs=str(desk.blobs.root),
        clock=lambda: desk.now,
    )


def reviewed(desk: Desk) -> tuple[str, str]:
    """A decided object, and one whose task is open."""
    desk.put("one", "two")
    desk.load()
    decided = desk.submit("ada", PAIRS)
    export_decisions(desk.store, desk.database, lines=True)
    return decided, ({"one", "two"} - {decided}).pop()


def known(desk: Desk, name: str) -> bool:
    sha256, _, ext = name.partition(".")
    return desk.blobs.path(Blob(sha256=sha256, ext=ext, size=0).sha256, ext).exists()


def history(desk: Desk) -> list[int | None]:
    """How many operations and reviews there are."""
    with desk.database.read() as session:
        return [
            session.scalar(select(func.count()).select_from(kind))
            for kind in (OperationRow, Review)
        ]


def test_the_table_names_what_is_here() -> None:
    assert load(REVIEW_WITHDRAWAL) is withdraw_objects and load(REVIEW_TRACES) is traces


def test_a_decision_is_taken_out_and_exported_no_more(desk: Desk) -> None:
    decided, _ = reviewed(desk)
    assert take_out(desk, [decided]) == 1
    assert read_index(desk.store) == []
    operations = pq.read_table(io.BytesIO(desk.store.read(OPERATIONS)))
    assert len(operations) == 0
    for path in (INDEX, OPERATIONS):
        assert desk.store.read(path.replace(".parquet", ".jsonl")) == b""
    assert export_decisions(desk.store, desk.database).written == ()


def test_an_open_task_is_handed_out_no_more(desk: Desk) -> None:
    decided, waiting = reviewed(desk)
    take_out(desk, [waiting])
    bob = desk.person("bob")
    with desk.database.write() as session:
        assert claiming.claim(session, bob, rules=RULES, now=desk.now) is None
    assert [row["uid"] for row in read_index(desk.store)] == [decided]


def test_who_holds_it_can_not_submit(desk: Desk) -> None:
    desk.put("one")
    desk.load()
    claim, task = desk.claim("ada")
    take_out(desk, ["one"])
    ada = desk.person("ada")
    with desk.database.write() as session, pytest.raises(Refused):
        leases.fenced(session, ada, task_id=task.id, epoch=claim.epoch)


def test_what_the_task_said_is_gone_and_what_people_did_stays(desk: Desk) -> None:
    decided, _ = reviewed(desk)
    with desk.database.read() as session:
        before = [
            session.scalar(select(func.count()).select_from(t)) for t in (OperationRow, Review)
        ]
    take_out(desk, [decided])
    task = desk.task(decided)
    assert (task.state, task.name, task.details) == ("superseded", "", {})
    assert task.mesh == task.atoms == withdrawing.GONE
    with desk.database.read() as session:
        told = session.scalars(select(Event).where(Event.action == "task.withdraw")).all()
    assert history(desk) == before and [event.task_id for event in told] == [task.id]


def test_blobs_go_unless_another_object_has_the_same(desk: Desk) -> None:
    desk.put("one", "two")
    desk.load()
    first, second = desk.task("one"), desk.task("two")
    assert first.mesh == second.mesh  # the very same table
    take_out(desk, ["one"])
    assert known(desk, second.mesh) and known(desk, second.atoms)
    take_out(desk, ["two"])
    assert not known(desk, first.mesh) and not known(desk, first.atoms)


def test_doing_it_again_changes_nothing(desk: Desk) -> None:
    decided, _ = reviewed(desk)
    assert take_out(desk, [decided]) == 1
    assert take_out(desk, [decided]) == 0


def test_traces_are_told_until_it_is_done(desk: Desk) -> None:
    decided, waiting = reviewed(desk)
    assert {uid for _, uid in traces(desk.store, [decided, waiting])} == {decided}
    take_out(desk, [decided])
    assert traces(desk.store, [decided]) == []
    with desk.database.read() as session:
        assert withdrawing.present(session, [decided, waiting]) == [waiting]


def test_without_a_database_the_tables_are_cleaned_all_the_same(desk: Desk) -> None:
    decided, _ = reviewed(desk)
    assert withdraw_objects(desk.store, [decided]) is None
    assert read_index(desk.store) == []


def test_nobody_else_is_touched(desk: Desk) -> None:
    decided, waiting = reviewed(desk)
    before = desk.task(waiting).details
    with desk.database.write() as session:
        found = withdrawing.withdraw(session, COMMAND_LINE, uids=[decided], now=desk.now)
    assert len(found.tasks) == 1
    with desk.database.read() as session:
        other = session.scalars(select(Task).where(Task.uid == waiting)).one()
    assert other.state == "open" and other.details == before
