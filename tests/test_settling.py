"""Thresholds applied to what is there already: nothing is done again, and what follows follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

import pytest

from partworks import dataset, plan, stages
from partworks.ledger import Ledger
from partworks.outside import NOTHING
from partworks.pipeline import RunRequest, run
from partworks.plan import StageCounts
from partworks.progress import PlainDisplay
from partworks.records import Attempt, Item, Outcome
from partworks.report.history import histories
from partworks.settling import VOID, changes, settle, settles, standing
from partworks.stage import Resources, Stage
from partworks.stages import StageEntry
from partworks.store import Store
from partworks.summary import count_stages
from partworks.verification import verify
from tests.toy_run import toy_settings
from tests.toy_stages import Make, UseConfig
from tests.trees import contents


@dataclass(frozen=True, kw_only=True)
class WeighConfig:
    """Settings of a stage that settles.

    Attributes:
        most: a heavier object is refused.
        skip: words of objects that are refused unseen.
        forbidden: `process` must not be called.
    """

    most: int = 5
    skip: tuple[str, ...] = field(default=(), metadata={"affects_output": False})
    forbidden: bool = field(default=False, metadata={"affects_output": False})
    limit: int = field(default=100, metadata={"affects_output": False})


class Weigh(Stage[WeighConfig]):
    """An object weighs as much as its word says; of equal ones the first stays."""

    name = "make"
    version = 1
    needs = ()
    resources = Resources(memory_mb=600, deadline_s=4.0)
    reasons: ClassVar[Mapping[str, str]] = {
        "too_heavy": "It is too heavy.",
        "again": "There is one of that weight.",
        "unwanted": "It was not even looked at.",
    }

    def process(self, item: Item) -> Outcome:
        assert not self.config.forbidden and item.record is not None
        word = item.record.location
        if word in self.config.skip:
            return Outcome.rejected("unwanted", word)
        files = {f"made/{item.uid}.bin": word.encode()}
        return Outcome.ok(files, metrics={"weight": int(word)})

    def settle(self, attempts: Sequence[Attempt]) -> Iterable[Attempt]:
        seen: set[object] = set()
        for attempt in attempts:
            weight = attempt.metrics.get("weight")
            reason = ""
            if weight is None:
                if attempt.message not in self.config.skip:
                    yield replace(attempt, fingerprint=VOID)
                continue
            if int(weight) > self.config.limit:
                reason = "too_heavy"
            elif weight in seen:
                reason = "again"
            seen.add(weight)
            yield replace(
                attempt, status="rejected" if reason else "ok", reason=reason, message=reason
            )


@pytest.fixture
def weighing(toys: None) -> None:
    stages.STAGES["make"] = StageEntry(
        "tests.test_settling:Weigh", "tests.test_settling:WeighConfig"
    )


def row(uid: str, weight: int, *, status: str = "ok", mark: str = "m", at: float = 1.0) -> Attempt:
    return Attempt(
        uid=uid,
        stage="make",
        status=status,  # type: ignore[arg-type]
        reason="" if status == "ok" else "too_heavy",
        message="" if status == "ok" else "too_heavy",
        fingerprint=mark,
        finished_at=at,
        metrics={"weight": weight},
    )


def weigh(store: Store, **settings: int) -> Weigh:
    return Weigh(WeighConfig(**settings), store=store)  # type: ignore[arg-type]


def test_stages_settle_if_they_say_how() -> None:
    assert settles(Weigh) and not settles(Make)


def test_only_verdicts_that_change_give_rows(tmp_path: Path) -> None:
    stage = weigh(Store(str(tmp_path)), limit=5)
    attempts = [row("a", 1), row("b", 9), row("c", 9, status="rejected"), row("d", 1)]
    found = list(changes(stage, attempts))
    assert [(each.uid, each.status, each.reason) for each in found] == [
        ("b", "rejected", "too_heavy"),
        ("d", "rejected", "again"),
    ]
    assert all(each.finished_at > 1.0 for each in found)
    assert all(each.finished_at < 1.001 for each in found)
    assert found[0].metrics == {"weight": 9} and found[0].fingerprint == "m"


def test_settling_twice_or_half_changes_nothing_more(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    ledger = Ledger(store)
    with ledger.writer("make") as writer:
        for uid, weight in (("a", 1), ("b", 9), ("c", 9), ("d", 1)):
            writer.append(row(uid, weight))
    stage = weigh(store, limit=5)
    # As if killed after the first row.
    first = next(iter(changes(stage, ledger.attempts("make"))))
    with ledger.writer("make") as writer:
        writer.append(first)
    assert settle(stage, ledger=ledger, mark="m", outside=NOTHING) == 2
    assert settle(stage, ledger=ledger, mark="m", outside=NOTHING) == 0
    assert [each.status for each in ledger.attempts("make")] == ["ok", *["rejected"] * 3]
    assert settle(weigh(store, limit=9), ledger=ledger, mark="m", outside=NOTHING) == 2
    assert [each.reason for each in ledger.attempts("make")] == ["", "", "again", "again"]


def test_stale_and_failed_rows_are_let_alone() -> None:
    failed = replace(row("a", 9), status="failed", reason="crashed")
    attempts = [failed, row("b", 9, mark="old"), row("c", 9)]
    assert [each.uid for each in standing(attempts, mark="m", outside=NOTHING)] == ["c"]


def test_what_was_refused_earlier_is_no_longer_counted(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    ledger = Ledger(store)
    marks = {"make": "m", "use": "u"}
    with ledger.writer("make") as writer:
        for each in (row("a", 1), row("b", 9, status="rejected"), row("c", 1, mark="old")):
            writer.append(each)
    with ledger.writer("use") as writer:
        for uid, mark in (("a", "u"), ("b", "u"), ("c", "old")):
            writer.append(replace(row(uid, 1, mark=mark), stage="use"))
    counts = plan.count(ledger, "use", ("make",), marks, known=3)
    assert counts == StageCounts(ok=1, stale=1)


@pytest.mark.usefixtures("weighing", "ray_of_two")
def test_a_threshold_is_applied_without_doing_anything_again(tmp_path: Path) -> None:
    def go(**settings: object) -> RunRequest:
        config = WeighConfig(**settings)  # type: ignore[arg-type]
        base = toy_settings()
        request = RunRequest(
            store=Store(str(tmp_path)),
            settings=replace(base, configs={**base.configs, "make": config, "use": UseConfig()}),
            source="toy:1,2,7,9",
            stages=["make", "use"],
        )
        assert run(request, PlainDisplay())
        return request

    store = go(skip=("9",)).store
    before = contents(store)
    before.pop("dataset.json")  # the settings differ
    assert store.read("all.bin") == b"1!2!7!"
    go(limit=5, forbidden=True, skip=("9",))
    assert store.read("all.bin") == b"1!2!"
    counts = count_stages(store)
    assert counts["make"] == StageCounts(ok=2, rejected=2)
    assert counts["use"] == StageCounts(ok=2)
    assert store.exists("made/0002-7.bin") and store.exists("used/0002-7.bin")
    assert list(verify(store, dataset.require(store))) == []
    (story,) = histories(Ledger(store), dataset.require(store), ["0002-7"])
    assert [step.state for step in story.steps] == ["rejected", "blocked"]

    go(forbidden=True, skip=("9",))
    assert before.items() < contents(store).items()
    assert count_stages(store)["use"] == StageCounts(ok=3)
    assert list(verify(store, dataset.require(store))) == []
    assert len(Ledger(store).rows("use")) == 3, "what came back was done already"

    go()  # what was refused unseen is wanted now
    assert store.read("all.bin") == b"1!2!7!9!"
    assert len(Ledger(store).rows("use")) == 4
    assert list(verify(store, dataset.require(store))) == []
