"""Verdicts given anew out of what the ledger knows, so that a threshold costs no work to change.

A stage that settles keeps in each row's metrics what its rules ask for. Its thresholds do not enter
its fingerprint; `Stage.settle` applies them to the rows, once before the stage's objects and once
after them. A verdict that changes is a row of its own, about the same work: it has the same
fingerprint, files and metrics as the row that it follows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from partworks.ledger import Ledger
from partworks.outside import Outside
from partworks.records import Attempt
from partworks.stage import AnyStage, Stage

VOID = ""
"""The fingerprint of a row that no longer stands: its object is to be done again."""


def settles(stage_class: type[Stage[Any]]) -> bool:
    """Whether a stage has verdicts to give anew."""
    return stage_class.settle is not Stage.settle


def settle(stage: AnyStage, *, ledger: Ledger, mark: str, outside: Outside) -> int:
    """Give the verdicts on all objects of a root anew; return how many have changed.

    Rows are independent of one another, and what they are made from does not change with them: a
    run that is killed between two of them, and then repeated, ends with the same verdicts.
    """
    attempts = standing(ledger.attempts(stage.name), mark=mark, outside=outside)
    changed = list(changes(stage, attempts))
    if changed:
        with ledger.writer(stage.name) as writer:
            for attempt in changed:
                writer.append(attempt)
    return len(changed)


def standing(attempts: Sequence[Attempt], *, mark: str, outside: Outside) -> list[Attempt]:
    """Those of a stage's latest rows that are current and tell of work that came to an end."""
    return [
        attempt
        for attempt in attempts
        if attempt.status != "failed"
        and attempt.fingerprint == outside.expected(attempt.stage, attempt.uid, mark)
    ]


def changes(stage: AnyStage, attempts: Sequence[Attempt]) -> Iterator[Attempt]:
    """The rows that say something else than those of `attempts`, in the order of the stage."""
    known = {attempt.uid: attempt for attempt in attempts}
    for row in stage.settle(attempts):
        earlier = known[row.uid]
        assert (row.status == "ok") == (row.reason == ""), f"{row.status} with {row.reason!r}"
        assert not row.reason or row.reason in stage.reasons, row.reason
        assert row.fingerprint in (earlier.fingerprint, VOID)
        verdict = (row.status, row.reason, row.message, row.fingerprint)
        if verdict != (earlier.status, earlier.reason, earlier.message, earlier.fingerprint):
            yield replace(
                earlier,
                status=row.status,
                reason=row.reason,
                message=row.message,
                fingerprint=row.fingerprint,
                # Right behind the row it is about: what was made from that work stays the later.
                finished_at=math.nextafter(earlier.finished_at, math.inf),
            )
