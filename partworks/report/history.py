"""How far each object came: its latest attempt at every stage, and which objects the page shows."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from partworks.dataset import Dataset
from partworks.ledger import Ledger
from partworks.outside import NOTHING, Outside
from partworks.stages import STAGES
from partworks.worker import REASONS

State = Literal["ok", "failed", "rejected", "stale", "pending", "waiting", "blocked", "not run"]
_COLUMNS = ("uid", "status", "fingerprint", "reason", "message", "stderr", "outputs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One object at one stage.

    Attributes:
        state: the latest attempt's status, or `stale` if settings have changed since; `pending` if
            it has none yet, `waiting` if it can have none before a reviewer decides, `blocked` if
            it can have none because an earlier stage said no, and `not run` if the stage has never
            been run on this root.
        is_ok: whether the attempt, stale or not, left what it should.
        meaning: what the reason means, as the stage documents it.
        outputs: paths of the files that it left.
    """

    stage: str
    state: State
    is_ok: bool = False
    reason: str = ""
    meaning: str = ""
    message: str = ""
    stderr: str = ""
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All steps of one object, in pipeline order."""

    uid: str
    steps: tuple[Step, ...]

    @property
    def trouble(self) -> tuple[Step, ...]:
        """The steps that failed or were rejected, under whatever settings."""
        return tuple(step for step in self.steps if step.reason)

    @property
    def is_complete(self) -> bool:
        """Whether every stage that was run has an ok and current attempt."""
        return all(step.state in ("ok", "not run") for step in self.steps)

    def left(self, stage: str, path: str) -> bool:
        """Whether the latest attempt at `stage` is ok and left a file at `path`."""
        return any(
            step.stage == stage and step.is_ok and path in step.outputs for step in self.steps
        )


def choose_uids(ledger: Ledger, *, limit: int) -> tuple[list[str], int]:
    """The uids that the page shows, sorted, and how many objects there are.

    Where there are more than `limit`, those whose uid has the smallest SHA-256: a fair sample that
    changes little when objects come and go.
    """
    columns = [ledger.latest(stage, ["uid"])["uid"].combine_chunks() for stage in STAGES]
    everything: list[str] = pc.unique(pa.concat_arrays(columns)).to_pylist()
    if len(everything) > limit:
        ranked = sorted(everything, key=lambda uid: hashlib.sha256(uid.encode()).digest())
        return sorted(ranked[:limit]), len(everything)
    return sorted(everything), len(everything)


def histories(
    ledger: Ledger, known: Dataset, uids: Sequence[str], *, outside: Outside = NOTHING
) -> list[History]:
    """The history of each of `uids`, in the same order."""
    found: dict[str, list[Step]] = {uid: [] for uid in uids}
    for stage in STAGES:
        mark = known.marks.get(stage)
        attempted = _attempted(ledger, stage, uids, mark=mark, outside=outside)
        for uid, steps in found.items():
            step = attempted.get(uid) or _missing(stage, steps, was_run=mark is not None)
            if step.state == "ok" and _is_blocked(stage, steps):  # refused since
                step = replace(step, state="blocked")
            waits = step.state == "pending" and uid not in outside.own.get(stage, found)
            steps.append(replace(step, state="waiting") if waits else step)
    return [History(uid=uid, steps=tuple(steps)) for uid, steps in found.items()]


def _attempted(
    ledger: Ledger, stage: str, uids: Sequence[str], *, mark: str | None, outside: Outside
) -> dict[str, Step]:
    """uid -> its latest attempt at a stage, for those of `uids` that have any."""
    table = ledger.latest(stage, _COLUMNS)
    table = table.filter(pc.is_in(table["uid"], pa.array(uids, pa.string())))
    if not len(table):
        return {}
    meanings = {**REASONS, **STAGES[stage].stage_class().reasons}
    expected = {uid: outside.expected(stage, uid, mark) if mark else None for uid in uids}
    return {
        row["uid"]: Step(
            stage=stage,
            state=row["status"] if row["fingerprint"] == expected[row["uid"]] else "stale",
            is_ok=row["status"] == "ok",
            reason=row["reason"],
            meaning=meanings.get(row["reason"], ""),
            message=row["message"],
            stderr=row["stderr"],
            outputs=tuple(output["path"] for output in row["outputs"] or ()),
        )
        for row in table.to_pylist()
    }


def _missing(stage: str, earlier: Sequence[Step], *, was_run: bool) -> Step:
    """The step of an object that has no attempt at the stage."""
    if not was_run:
        return Step(stage=stage, state="not run")
    return Step(stage=stage, state="blocked" if _is_blocked(stage, earlier) else "pending")


def _is_blocked(stage: str, earlier: Sequence[Step]) -> bool:
    needs = STAGES[stage].stage_class().needs
    stuck = ("failed", "rejected", "blocked", "not run")
    return any(step.stage in needs and step.state in stuck for step in earlier)
