"""One worker of a stage: a supervised child process that does objects and writes their files.

The worker runs wherever the engine puts it (a Ray task or actor on any node). The stage itself
lives in the child; what comes back is a small `Attempt`, never bytes of the data set.
"""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from partworks import __version__
from partworks.errors import Failed, Rejected
from partworks.isolation import Child, Limits, Report
from partworks.outside import row_fingerprint
from partworks.records import Attempt, Item, Outcome, Status
from partworks.stage import Resources, Stage
from partworks.store import Store

REASONS: dict[str, str] = {
    "exception": "The stage raised an error that it does not expect; the message is the error's.",
    "deadline": "The object took longer than the stage's deadline, and the worker was ended.",
    "memory_limit": "The object needed more memory than the stage's limit.",
    "crashed": "The worker process died at this object, for instance by a segmentation fault.",
    "worker_lost": "The machine or the Ray worker went away more than once while at this object.",
}
_REASON_OF_KIND = {
    "raised": "exception",
    "deadline": "deadline",
    "memory": "memory_limit",
    "crashed": "crashed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSpec:
    """All that a worker needs to know of a stage; small and picklable.

    Attributes:
        stage: `module:name` of the stage's class.
        config: the stage's config.
        root: URL of the dataset root.
        seed: the run's seed.
        fingerprint: the stage's, which goes into every row.
        resources: limits of one worker.
    """

    stage: str
    name: str
    config: Any
    root: str
    seed: int
    fingerprint: str
    resources: Resources


class StageOpenError(Exception):
    """A worker could not prepare the stage; no object is to blame, and the run stops."""


class Worker:
    """Does objects one after another; a crash costs one object and a new child."""

    def __init__(self, spec: StageSpec) -> None:
        self.spec = spec
        self._calls = 0
        self._child = Child(
            "partworks.worker:open_stage",
            (spec,),
            limits=Limits(
                memory_mb=spec.resources.memory_mb,
                threads=max(1, int(spec.resources.cpus)),
                cap_data=spec.resources.gpus == 0,
            ),
        )

    def attempt(self, item: Item) -> Attempt:
        """Do one object; StageOpenError if the stage cannot be prepared."""
        limit = self.spec.resources.recycle_after
        if limit and self._calls >= limit:
            self.close()
        self._calls += 1
        report = self._child.call(item, deadline_s=self.spec.resources.deadline_s)
        if not report.opened:
            raise StageOpenError(
                f"stage {self.spec.name} could not start: {report.message}\n{report.stderr}"
            )
        return self._judge(item, report)

    def close(self) -> None:
        """End the child; the next attempt starts another."""
        self._child.close()
        self._calls = 0

    def _judge(self, item: Item, report: Report) -> Attempt:
        if report.kind == "ok":
            attempt: Attempt = report.value
            return dataclasses.replace(
                attempt, seconds=report.seconds, peak_memory=report.peak_memory
            )
        return Attempt(
            uid=item.uid,
            stage=self.spec.name,
            status="failed",
            fingerprint=row_fingerprint(self.spec.fingerprint, item.outside),
            reason=_REASON_OF_KIND[report.kind],
            message=report.message,
            stderr=report.stderr,
            seconds=report.seconds,
            peak_memory=report.peak_memory,
            metrics=_origin(item),
        )


def open_stage(spec: StageSpec) -> Callable[[Item], Attempt]:
    """The child's side: build and open the stage; the handler does one object."""
    from partworks.stages import load

    stage_class: type[Stage[Any]] = load(spec.stage)
    stage = stage_class(spec.config, store=Store(spec.root), seed=spec.seed)
    stage.open()

    def handle(item: Item) -> Attempt:
        return _process(stage, item, fingerprint=spec.fingerprint)

    return handle


def _process(stage: Stage[Any], item: Item, *, fingerprint: str) -> Attempt:
    tail = ""
    try:
        outcome = stage.process(item)
    except Rejected as error:
        outcome = Outcome.rejected(error.reason, error.message)
    except Failed as error:
        outcome = Outcome(status="failed", reason=error.reason, message=error.message)
        tail = error.stderr or traceback.format_exc(limit=-4)
    _check_reason(stage, outcome.status, outcome.reason)
    return Attempt(
        uid=item.uid,
        stage=stage.name,
        status=outcome.status,
        fingerprint=row_fingerprint(fingerprint, item.outside),
        reason=outcome.reason,
        message=outcome.message,
        stderr=tail,
        cost=outcome.cost,
        outputs=stage.store.write_all(sorted(outcome.files.items())),
        metrics={**_origin(item), **outcome.metrics},
        tools={"partworks": __version__, **stage.tools()},
    )


def _origin(item: Item) -> dict[str, str]:
    """Where a first stage's object comes from, so that a row about a bad file names the file."""
    if item.record is None:
        return {}
    return {"location": str(item.record.metadata.get("path", item.record.location))}


def _check_reason(stage: Stage[Any], status: Status, reason: str) -> None:
    assert (status == "ok") == (reason == ""), f"{status} with reason {reason!r}"
    assert not reason or reason in stage.reasons, (
        f"stage {stage.name} gave the reason {reason!r}, which is not in its table of reasons"
    )
