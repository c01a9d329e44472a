"""What enters a stage from outside: who waits, what is stale, what comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from partworks import dataset, plan, stages
from partworks.cli import main
from partworks.ledger import Ledger
from partworks.outside import Outside, Voluntary, entered, joined, row_fingerprint
from partworks.plan import StageCounts
from partworks.records import Attempt, Item, Outcome
from partworks.report.history import histories
from partworks.stage import Stage
from partworks.stages import StageEntry
from partworks.store import Store
from partworks.verification import verify
from tests.toy_stages import TOYS, MakeConfig, Use

WORDS = "outside.json"


class Ask(Stage[MakeConfig]):
    """Copies what somebody said of the object."""

    name = "ask"
    version = 1
    needs = ("make",)

    @classmethod
    def outside(cls, settings: Mapping[str, Any], *, store: Store) -> Mapping[str, str]:
        assert settings["size"] >= 0
        words: Mapping[str, str] = json.loads(store.read(WORDS)) if store.exists(WORDS) else {}
        return words

    def process(self, item: Item) -> Outcome:
        return Outcome.ok({f"asked/{item.uid}.txt": item.outside.encode()})


class UseAnswer(Use):
    """Needs what was made, and what was asked."""

    needs = ("make", "ask")

    def process(self, item: Item) -> Outcome:
        data = self.store.read(f"asked/{item.uid}.txt")
        return Outcome.ok({f"used/{item.uid}.bin": data + self.config.suffix.encode()})


CHAIN = {
    "make": TOYS["make"],
    "ask": StageEntry("tests.test_outside:Ask", "tests.toy_stages:MakeConfig"),
    "use": StageEntry("tests.test_outside:UseAnswer", "tests.toy_stages:UseConfig"),
}
MARKS = {"make": "m", "ask": "a", "use": "u"}


@pytest.fixture
def chain(toys: None) -> Iterator[None]:
    stages.STAGES.clear()
    stages.STAGES.update(CHAIN)
    yield
    stages.STAGES.clear()
    stages.STAGES.update(TOYS)


def say(store: Store, **words: str) -> None:
    store.write(WORDS, json.dumps(words).encode())


def read(store: Store) -> Outside:
    return Outside.read(store, {name: {"size": 1} for name in CHAIN})


def add(store: Store, stage: str, uid: str, fingerprint: str, **more: Any) -> None:
    with Ledger(store).writer(stage) as writer:
        writer.append(
            Attempt(
                uid=uid,
                stage=stage,
                status=more.pop("status", "ok"),
                fingerprint=fingerprint,
                **more,
            )
        )


def counts(store: Store, stage: str) -> StageCounts:
    needs = CHAIN[stage].stage_class().needs
    return plan.count(Ledger(store), stage, needs, MARKS, known=0, outside=read(store))


def test_without_a_digest_nothing_changes() -> None:
    assert row_fingerprint("mark", "") == "mark"
    assert row_fingerprint("mark", "a") != row_fingerprint("mark", "b") != "mark"


@pytest.mark.usefixtures("chain")
def test_what_nobody_has_decided_waits_and_is_not_done(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    say(store, a="yes")
    for uid in "ab":
        add(store, "make", uid, "m")
    assert counts(store, "ask") == StageCounts(pending=1, waiting=1)
    assert counts(store, "use") == StageCounts()
    found = plan.to_do(
        Ledger(store), "ask", ["a", "b"], fingerprint="a", max_attempts=3, outside=read(store)
    )
    assert found == ["a"]


@pytest.mark.usefixtures("chain")
def test_another_decision_makes_exactly_what_depends_on_it_stale(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    say(store, a="yes", b="no")
    for stage in CHAIN:
        for uid in "ab":
            digest = read(store).digest(stage, uid)
            assert digest == ("" if stage == "make" else {"a": "yes", "b": "no"}[uid])
            add(store, stage, uid, row_fingerprint(MARKS[stage], digest))
    assert [counts(store, stage) for stage in CHAIN] == [StageCounts(ok=2)] * 3
    say(store, a="yes", b="maybe")
    assert counts(store, "make") == StageCounts(ok=2)
    assert counts(store, "ask") == counts(store, "use") == StageCounts(ok=1, stale=1)
    say(store, a="yes")
    assert counts(store, "ask") == StageCounts(ok=1, stale=1, waiting=1)
    assert counts(store, "use") == StageCounts(ok=1, stale=1)
    say(store, a="yes", b="no")
    assert counts(store, "use") == StageCounts(ok=2), "the old decision makes the old rows good"


@pytest.mark.usefixtures("chain")
def test_failures_under_another_decision_do_not_count(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    for at in range(3):
        add(store, "ask", "a", row_fingerprint("a", "yes"), status="failed", finished_at=float(at))

    def to_do() -> list[str]:
        ledger, outside = Ledger(store), read(store)
        return plan.to_do(ledger, "ask", ["a"], fingerprint="a", max_attempts=3, outside=outside)

    say(store, a="yes")
    assert to_do() == []
    say(store, a="no")
    assert to_do() == ["a"]


@pytest.mark.usefixtures("chain")
def test_two_ways_in_count_both(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(UseAnswer, "outside", Ask.outside)
    store = Store(str(tmp_path))
    say(store, a="yes")
    outside = read(store)
    assert set(outside.own) == {"ask", "use"}
    assert outside.digest("use", "a") not in ("", "yes")
    assert outside.digest("use", "b") == ""


@pytest.mark.usefixtures("chain", "ray_of_two")
def test_a_run_waits_for_decisions_and_follows_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = str(tmp_path / "root")
    store = Store(root)
    command = ["run", "--root", root, "--source", "toy:ok,ok"]

    def status() -> dict[str, dict[str, int]]:
        capsys.readouterr()
        assert main(["status", "--root", root, "--json"]) == 0
        loaded: dict[str, dict[str, int]] = json.loads(capsys.readouterr().out)
        return loaded

    assert main(command) == 0
    assert status()["ask"] == asdict(StageCounts(waiting=2))
    trails = histories(
        Ledger(store),
        dataset.require(store),
        ["0000-ok"],
        outside=Outside.read(store, dataset.require(store).settings),
    )
    assert [step.state for step in trails[0].steps] == ["ok", "waiting", "pending"]

    say(store, **{"0000-ok": "yes", "0001-ok": "no"})
    assert main(command) == 0
    assert store.read("all.bin") == b"yes!no!"
    store.delete(WORDS)
    say(store, **{"0000-ok": "yes", "0001-ok": "never"})
    assert status()["use"] == asdict(StageCounts(ok=1, stale=1))
    assert main(command) == 0
    assert store.read("all.bin") == b"yes!never!"
    say(store, **{"0000-ok": "yes"})
    assert main(command) == 0
    assert store.read("all.bin") == b"yes!", "what waits again is in no data set"
    store.delete(WORDS)
    breaches = [breach.kind for breach in verify(store, dataset.require(store))]
    assert breaches == []


class Correct(Use):
    """Needs what was asked, and takes corrections, for which nobody waits."""

    needs = ("make", "ask")

    @classmethod
    def outside(cls, settings: Mapping[str, Any], *, store: Store) -> Mapping[str, str]:
        known = {"b": "correction:b", "d": "correction:d"}
        return Voluntary(known if store.exists("corrections") else {})


@pytest.mark.usefixtures("chain")
def test_nobody_waits_for_what_is_voluntary(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(UseAnswer, "outside", Correct.outside)
    store = Store(str(tmp_path))
    say(store, a="yes", b="no")
    for uid in "abc":
        add(store, "make", uid, "m")
    for uid in "ab":
        add(store, "ask", uid, row_fingerprint("a", {"a": "yes", "b": "no"}[uid]))
    assert counts(store, "use") == StageCounts(pending=2), "c waits for its answer, further up"
    for uid in "ab":
        digest = read(store).digest("use", uid)
        assert digest == {"a": "yes", "b": "no"}[uid], "without corrections nothing changes"
        add(store, "use", uid, row_fingerprint("u", digest))
    store.write("corrections", b"")
    assert [read(store).digest("use", uid) for uid in "abd"] == ["yes", "no+correction:b", ""]
    assert counts(store, "use") == StageCounts(ok=1, stale=1)
    assert counts(store, "ask") == StageCounts(ok=2, waiting=1), "nothing enters further up"
    assert entered("no+correction:b", prefix="correction:") == "correction:b"
    assert entered("no", prefix="correction:") == entered("", prefix="correction:") == ""
    store.delete("corrections")
    assert counts(store, "use") == StageCounts(ok=2), "the old rows are good again"


def test_what_is_voluntary_alone() -> None:
    found = joined([Voluntary({"a": "x"}), Voluntary({"a": "y", "b": "z"})])
    assert (found["a"], found["b"], found["c"]) == ("x+y", "z", "")
    assert "c" in found and set(found) == {"a", "b"} and len(found) == 2
    closed = joined([Voluntary({"a": "x", "b": "z"}), {"a": "y"}])
    assert dict(closed) == {"a": "x+y"} and "b" not in closed
