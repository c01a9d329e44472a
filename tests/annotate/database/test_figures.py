"""Figures, against small histories whose numbers can be counted by hand."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from annotate.database.connection import Database
from annotate.database.figures import report
from annotate.database.rules import QueueRules
from annotate.database.tables import Slot
from tests.annotate.database.scene import Scene, new_task, operation


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene(database)


def table(scene: Scene, name: str) -> list[Any]:
    with scene.database.read() as session:
        return report.table(session, name, now=scene.now)


def do(scene: Scene, name: str, *made: Any, verdict: str = "accept", **fields: Any) -> int:
    """One task by one reviewer, begun twenty seconds before it is submitted."""
    caller = scene.person(name)
    claim = scene.got(caller)
    scene.now += 20
    if made:
        scene.work(caller, claim, *made)
    scene.submit(caller, claim, verdict, **fields)
    return claim.task_id


def test_progress_counts_slots_and_tasks(scene: Scene) -> None:
    scene.add(*(new_task(f"t{k}") for k in range(5)), new_task("two", want=2))
    scene.add(new_task("other", queue="lamps"))
    with scene.database.write() as session:
        session.query(Slot).filter(Slot.queue == "lamps").update({"priority": -1.0})
    do(scene, "ann", active_ms=4000)
    do(scene, "ann", verdict="reject", reason="scan", active_ms=8000)
    scene.got(scene.person("bob"))
    stale = scene.got(scene.person("cat"))
    row = next(row for row in table(scene, "progress") if row.queue == "default")
    assert (row.tasks, row.open, row.decided, row.accepted, row.rejected) == (6, 4, 2, 1, 1)
    assert (row.ready, row.held, row.stale_leases) == (3, 2, 0)
    assert row.active_hours_left == pytest.approx(5 * 6000 / 3.6e6)
    assert row.decided_in_week == 2
    scene.now = stale.lease_until
    row = next(row for row in table(scene, "progress") if row.queue == "default")
    assert (row.ready, row.held, row.stale_leases) == (5, 0, 2)
    scene.now += 8 * 86_400
    row = next(row for row in table(scene, "progress") if row.queue == "default")
    assert row.decided_in_week == 0 and row.active_hours_left is None


def test_reviewers_are_measured_by_what_stands(scene: Scene) -> None:
    scene.rules = QueueRules(gold_share=0.0)
    scene.add(*(new_task(f"t{k}") for k in range(4)))
    merge = {**operation(), "tool": "suggestion"}
    do(scene, "ann", merge, operation(), active_ms=10_000)
    do(scene, "ann", active_ms=1000)
    last = do(scene, "ann", verdict="reject", reason="scan", active_ms=4000)
    scene.take_back(scene.person("ann"), last)
    scene.release(scene.person("ann"), scene.got(scene.person("ann")))
    (row,) = table(scene, "reviewers")
    assert (row.reviewer, row.objects, row.accepted, row.rejected, row.skipped) == (
        "ann",
        2,
        2,
        0,
        1,
    )
    assert (row.median_active_s, row.mean_active_s, row.median_wall_s) == (5.5, 5.5, 20.0)
    assert row.per_active_hour == pytest.approx(2 / (11 / 3600))
    assert (row.median_edits, row.as_is, row.hasty) == (1, 0.5, 0.5)
    assert row.gold_score is None and row.compared == 0


def test_agreement_is_by_pair_and_over_all(scene: Scene) -> None:
    scene.iou = 0.8
    scene.rules = QueueRules(gold_share=0.0, agree_iou=0.5)
    scene.add(*(new_task(f"t{k}", want=2) for k in range(3)))
    for first, second in (("accept", "accept"), ("accept", "reject"), ("reject", "reject")):
        for name, verdict in (("bob", first), ("ann", second)):
            do(scene, name, verdict=verdict, reason="scan" if verdict == "reject" else "")
    overall, pair = table(scene, "agreement")
    assert (overall.first, overall.second) == ("all", "all")
    assert (pair.first, pair.second, pair.compared) == ("ann", "bob", 3)
    assert pair.same_verdict == pytest.approx(2 / 3)
    # Observed 2/3; by chance (1·2 + 2·1) / 9 = 4/9: kappa is (6/9 - 4/9) / (5/9).
    assert pair.verdict_kappa == pytest.approx(0.4)
    assert (pair.kappa, pair.iou, pair.adjudicated) == (0.8, 0.8, 1)
    assert {row.reviewer: row.iou for row in table(scene, "reviewers")} == {"ann": 0.8, "bob": 0.8}


def test_reasons_are_counted(scene: Scene) -> None:
    scene.add(*(new_task(f"t{k}") for k in range(4)))
    for reason in ("scan", "duplicate", "scan"):
        do(scene, "ann", verdict="reject", reason=reason)
    do(scene, "ann")
    found = [(row.queue, row.reason, row.objects) for row in table(scene, "reasons")]
    assert found == [("default", "scan", 2), ("default", "duplicate", 1)]


def test_suggestions_are_taken_and_kept_or_undone(scene: Scene) -> None:
    scene.add(new_task("a"))
    taken = [{**operation(), "tool": "suggestion"} for _ in range(3)]
    undo = {"id": operation()["id"], "at": 1, "kind": "undo", "tool": "key"}
    do(scene, "ann", taken[0], operation(), taken[1], undo, taken[2])
    (row,) = table(scene, "suggestions")
    assert (row.objects, row.merges, row.taken, row.kept) == (1, 4, 3, 2)
    assert (row.share_of_merges, row.accepted) == (0.75, pytest.approx(2 / 3))


def test_the_slowest_come_first(scene: Scene) -> None:
    scene.add(*(new_task(f"t{k}") for k in range(3)))
    for active_ms in (1000, 9000, 5000):
        do(scene, "ann", active_ms=active_ms)
    assert [row.active_s for row in table(scene, "slowest")] == [9.0, 5.0, 1.0]


def test_every_table_is_a_csv_with_all_columns(scene: Scene) -> None:
    scene.add(new_task("a"))
    do(scene, "ann", operation(), verdict="reject", reason="scan")
    for name in report.TABLES:
        rows = table(scene, name)
        parsed = list(csv.DictReader(io.StringIO(report.to_csv(name, rows))))
        assert len(parsed) == len(rows) > 0, name
        for row, cells in zip(rows, parsed, strict=True):
            for column in cells:
                value = getattr(row, column)
                assert cells[column] == ("" if value is None else str(value))


def test_an_empty_database_has_empty_tables(scene: Scene) -> None:
    with scene.database.read() as session:
        found = report.figures(session, now=scene.now)
    assert found.progress == found.reviewers == found.reasons == found.suggestions == []
    assert found.agreement[0].compared == 0 and found.agreement[0].iou is None
