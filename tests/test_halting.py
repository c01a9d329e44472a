"""A failure that no other object would escape ends a stage, and is no attempt at the object."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from pathlib import Path

from partworks import plan
from partworks.cluster import WorkerLost
from partworks.config import default_settings
from partworks.engine import StopFlag, run_items
from partworks.estimation import rehearsed
from partworks.ledger import Ledger
from partworks.outside import Voluntary, joined
from partworks.records import Attempt, Item
from partworks.stage import Resources
from partworks.store import Store
from partworks.worker import StageSpec

SPEC = StageSpec(
    stage="caption.stage:Caption",
    name="caption",
    config=None,
    root="",
    seed=0,
    fingerprint="now",
    resources=Resources(),
)


def attempt(uid: str, reason: str) -> Attempt:
    status = "failed" if reason else "ok"
    return Attempt(uid=uid, stage="caption", status=status, fingerprint="now", reason=reason)  # type: ignore[arg-type]


class TwoAtOnce:
    """A pool in which two objects are at work, and some end badly."""

    def __init__(self, reasons: dict[str, str]) -> None:
        self.reasons = reasons
        self.items: deque[Item] = deque()

    @property
    def in_flight(self) -> int:
        return len(self.items)

    def has_room(self) -> bool:
        return len(self.items) < 2

    def submit(self, item: Item) -> None:
        self.items.append(item)

    def collect(self, timeout_s: float) -> list[tuple[Item, Attempt | WorkerLost]]:
        item = self.items.popleft()
        return [(item, attempt(item.uid, self.reasons.get(item.uid, "")))]

    def close(self) -> None:
        pass


def done(folder: Path, reasons: dict[str, str]) -> tuple[list[str], Attempt | None]:
    """The objects that were attempted, and what ended the stage."""
    seen: list[str] = []
    with Ledger(Store(str(folder))).writer("caption") as writer:
        halted = run_items(
            SPEC,
            [Item(uid=f"o{number}") for number in range(9)],
            pool=TwoAtOnce(reasons),
            writer=writer,
            stop=StopFlag(),
            on_attempt=lambda each: seen.append(each.uid),
            on_wait=lambda: None,
            halting={"budget_reached"},
        )
    return seen, halted


def test_nothing_is_begun_after_it_and_what_is_under_way_ends(tmp_path: Path) -> None:
    seen, halted = done(tmp_path, {"o3": "budget_reached"})
    assert seen == ["o0", "o1", "o2", "o3", "o4"]
    assert halted is not None and halted.uid == "o3"


def test_other_failures_end_nothing(tmp_path: Path) -> None:
    seen, halted = done(tmp_path, {"o3": "model_refused"})
    assert len(seen) == 9 and halted is None


def test_it_is_no_attempt(tmp_path: Path) -> None:
    ledger = Ledger(Store(str(tmp_path)))
    with ledger.writer("caption") as writer:
        for number in range(3):
            writer.append(replace(attempt("poor", "budget_reached"), finished_at=number))
            writer.append(replace(attempt("odd", "model_refused"), finished_at=number))

    def to_do(**settings: frozenset[str]) -> list[str]:
        return plan.to_do(
            ledger, "caption", ["poor", "odd"], fingerprint="now", max_attempts=3, **settings
        )

    assert to_do() == []
    assert to_do(uncounted=frozenset({"budget_reached"})) == ["poor"]


def test_an_estimate_pays_for_nothing() -> None:
    settings = rehearsed(default_settings())
    assert settings.configs["caption"].vlm.mode == "rehearse"
    assert settings.configs["ingest"] == default_settings().configs["ingest"]


def test_what_waits_for_answers_waits_with_corrections_or_without() -> None:
    answers = Voluntary({"a": "1", "b": "2"}, waiting=frozenset({"b", "c"}))
    assert "a" in answers and "other" in answers and {"b", "c"}.isdisjoint(answers)
    assert answers.get("b", "none") == "none" and answers["other"] == ""
    both = joined([Voluntary({"a": "x", "b": "y"}), answers])
    assert both["a"] == "x+1" and "b" not in both and "c" not in both and "other" in both
    decided = joined([{"a": "p", "b": "q", "z": "r"}, both])
    assert decided == {"a": "p+x+1", "z": "r"}
