"""What became of the objects of a root: counts per stage, and failures grouped by reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from partworks import dataset, plan
from partworks.ledger import Ledger
from partworks.outside import Outside
from partworks.plan import StageCounts
from partworks.stages import STAGES
from partworks.store import Store
from partworks.worker import REASONS


def count_stages(
    store: Store, marks: Mapping[str, str] | None = None, *, outside: Outside | None = None
) -> dict[str, StageCounts]:
    """Counts of every stage; a stage's rows are current if they carry its mark.

    Without `marks`, those of `dataset.json` count, and a stage that was never run has none.
    """
    known = dataset.require(store)
    marks = marks or known.marks
    outside = outside or Outside.read(store, known.settings)
    ledger = Ledger(store)
    records = known.source.records if known.source else 0
    return {
        name: plan.count(
            ledger, name, entry.stage_class().needs, marks, known=records, outside=outside
        )
        for name, entry in STAGES.items()
        if name in marks
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureGroup:
    """Objects of one stage with one status and reason; the example is the latest of them."""

    stage: str
    status: str
    reason: str
    meaning: str
    count: int
    example_uid: str
    example_location: str
    example_message: str
    example_stderr: str


def group_failures(ledger: Ledger, stages: Sequence[str]) -> list[FailureGroup]:
    """The groups of `stages`: failed before rejected, the largest first."""
    groups = [group for stage in stages for group in _groups_of(ledger, stage)]
    return sorted(groups, key=lambda group: (group.status != "failed", -group.count))


def _groups_of(ledger: Ledger, stage: str) -> list[FailureGroup]:
    meanings = {**REASONS, **STAGES[stage].stage_class().reasons}
    columns = ["uid", "status", "reason", "message", "stderr", "finished_at", "metrics"]
    members: dict[tuple[str, str], list[dict[str, Any]]] = {}
    table = ledger.latest(stage, columns)
    for row in table.filter(pc.not_equal(table["status"], "ok")).to_pylist():
        members.setdefault((row["status"], row["reason"]), []).append(row)
    groups = []
    for (status, reason), rows in members.items():
        latest = max(rows, key=lambda row: row["finished_at"])
        groups.append(
            FailureGroup(
                stage=stage,
                status=status,
                reason=reason,
                meaning=meanings.get(reason, ""),
                count=len(rows),
                example_uid=latest["uid"],
                example_location=str(dict(latest["metrics"] or ()).get("location", "")),
                example_message=latest["message"],
                example_stderr=latest["stderr"],
            )
        )
    return groups
