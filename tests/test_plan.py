from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from partworks import plan
from partworks.config import default_settings
from partworks.ledger import Ledger
from partworks.plan import StageCounts
from partworks.records import Attempt, Status
from partworks.stages import STAGES
from partworks.store import Store
from tests.toy_stages import MakeConfig, UseConfig


def dependants(name: str) -> set[str]:
    """The stage and everything that needs it, directly or not."""
    found = {name}
    for later, entry in STAGES.items():
        if found & set(entry.stage_class().needs):
            found.add(later)
    return found


@pytest.mark.usefixtures("toys")
def test_a_change_marks_its_stage_and_what_follows() -> None:
    base = plan.fingerprints({"make": MakeConfig(), "use": UseConfig()}, seed=0)
    other_use = plan.fingerprints({"make": MakeConfig(), "use": UseConfig(suffix="?")}, seed=0)
    other_make = plan.fingerprints({"make": MakeConfig(size=33), "use": UseConfig()}, seed=0)
    slower = plan.fingerprints({"make": MakeConfig(pause_s=1.0), "use": UseConfig()}, seed=0)
    assert other_use["make"] == base["make"] and other_use["use"] != base["use"]
    assert other_make["make"] != base["make"] and other_make["use"] != base["use"]
    assert slower == base, "a setting that does not affect the output"
    assert plan.fingerprints({"make": MakeConfig(), "use": UseConfig()}, seed=1) != base


def test_every_real_stage_marks_exactly_what_depends_on_it() -> None:
    configs = default_settings().configs
    base = plan.fingerprints(configs, seed=0)
    for name in STAGES:
        changed = plan.fingerprints({**configs, name: _changed(configs[name])}, seed=0)
        assert {key for key in base if base[key] != changed[key]} == dependants(name)


def _changed(config: object) -> object:
    settings = plan.settings_that_matter(config)
    for key, value in sorted(settings.items()):
        if isinstance(value, int) and not isinstance(value, bool):
            for other in (value + 1, value - 1):  # one of them is in the setting's range
                with contextlib.suppress(ValueError):
                    return replace(config, **{key: other})  # type: ignore[type-var]
        if isinstance(value, bool):
            return replace(config, **{key: not value})  # type: ignore[type-var]
    raise AssertionError(f"{type(config).__name__} has no setting to change")


def test_settings_that_do_not_matter_are_left_out() -> None:
    @dataclass(frozen=True)
    class Config:
        a: int = 1
        b: int = field(default=2, metadata={"affects_output": False})

    assert plan.settings_that_matter(Config()) == {"a": 1}


def rows(store: Store, *triples: tuple[str, Status, str], stage: str = "make") -> None:
    with Ledger(store).writer(stage) as writer:
        for at, (uid, status, mark) in enumerate(triples):
            writer.append(
                Attempt(
                    uid=uid, stage=stage, status=status, fingerprint=mark, finished_at=float(at)
                )
            )


def test_to_do_is_missing_stale_or_worth_another_try(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    rows(
        store,
        ("done", "ok", "now"),
        ("refused", "rejected", "now"),
        ("stale", "ok", "before"),
        ("failed_once", "failed", "now"),
        *[("failed_often", "failed", "now")] * 3,
        *[("failed_before", "failed", "before")] * 3,
    )
    everything = ["done", "refused", "stale", "failed_once", "failed_often", "failed_before", "new"]
    found = plan.to_do(Ledger(store), "make", everything, fingerprint="now", max_attempts=3)
    assert found == ["failed_before", "failed_once", "new", "stale"]


def test_counts(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    rows(store, ("a", "ok", "m"), ("b", "ok", "m"), ("c", "rejected", "m"), ("d", "ok", "old"))
    rows(store, ("a", "ok", "u"), stage="use")
    ledger, marks = Ledger(store), {"make": "m", "use": "u"}
    assert plan.count(ledger, "make", (), marks, known=9) == StageCounts(
        ok=2, rejected=1, stale=1, pending=5
    )
    assert plan.count(ledger, "use", ("make",), marks, known=9) == StageCounts(ok=1, pending=1)
