"""The verdict on every object of a root, from what the ledger has measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from ingest.judge.config import JudgeConfig
from ingest.judge.duplicates import find_copies
from ingest.judge.measure import MARK
from ingest.judge.rules import refusal
from partworks.records import Attempt

Refusal = tuple[str, str]
LicenceRule = Callable[[Attempt], Refusal | None]


def judge(
    attempts: Sequence[Attempt], config: JudgeConfig, *, licence: LicenceRule
) -> Iterator[Attempt]:
    """Every measured attempt with its verdict: licence, then the rules, then copies of others.

    Copies are looked for among the objects that pass all else, so that what stays is of use.

    Args:
        attempts: the latest rows; those without measurements, which the loader refused, are left
            out.
        config: the thresholds.
        licence: why an object's licence keeps it out, if it does.
    """
    measured = [attempt for attempt in attempts if is_measured(attempt)]
    refusals = {
        attempt.uid: found
        for attempt in measured
        if (found := licence(attempt) or refusal(attempt.metrics, config)) is not None
    }
    passing = [attempt for attempt in measured if attempt.uid not in refusals]
    for uid, copy in find_copies(passing, config).items():
        refusals[uid] = (copy.reason, copy.message)
    for attempt in measured:
        yield with_verdict(attempt, refusals.get(attempt.uid))


def is_measured(attempt: Attempt) -> bool:
    """Whether a row keeps what the rules ask for."""
    return MARK in attempt.metrics


def with_verdict(attempt: Attempt, refused: Refusal | None) -> Attempt:
    """The row, `ok` or `rejected` with a reason and message."""
    if refused is None:
        return replace(attempt, status="ok", reason="", message="")
    return replace(attempt, status="rejected", reason=refused[0], message=refused[1])
