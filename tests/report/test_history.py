from __future__ import annotations

from pathlib import Path

import pytest

from partworks import dataset
from partworks.ledger import Ledger
from partworks.report.history import History, choose_uids, histories
from partworks.store import Store
from tests.report.made import MadeRoot, build_root, make_mesh


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, History]:
    store = build_root(str(tmp_path_factory.mktemp("history") / "root"))
    ledger = Ledger(store)
    uids, total = choose_uids(ledger, limit=100)
    assert total == len(uids) == 10
    return {history.uid: history for history in histories(ledger, dataset.require(store), uids)}


def states(history: History) -> list[str]:
    return [step.state for step in history.steps]


def test_states_say_why_a_stage_has_not_been_done(found: dict[str, History]) -> None:
    assert states(found["chair"]) == ["ok"] * 6 and found["chair"].is_complete
    assert states(found["waiting"]) == ["ok", "pending", *["pending"] * 4]
    assert states(found["refused"]) == ["rejected", *["blocked"] * 5]
    assert states(found["crashed"]) == ["ok", "failed", *["blocked"] * 4]
    assert states(found["stale"]) == ["stale", *["pending"] * 5]
    assert [step.reason for step in found["refused"].trouble] == ["not_a_model"]
    assert not any(found[uid].is_complete for uid in ("waiting", "refused", "crashed", "stale"))


def test_a_stage_that_was_never_run_keeps_no_object_from_being_complete(tmp_path: Path) -> None:
    root = MadeRoot(Store(str(tmp_path)))
    root.add_ingested("one", make_mesh())
    store = root.close()
    (history,) = histories(Ledger(store), dataset.require(store), ["one"])
    assert states(history) == ["ok", *["not run"] * 5]
    assert history.is_complete


def test_only_files_that_the_ledger_lists_count(found: dict[str, History]) -> None:
    assert found["chair"].left("ingest", "objects/ch/chair.glb")
    assert not found["chair"].left("segment", "objects/ch/chair.glb")
    assert not found["refused"].left("ingest", "objects/re/refused.glb")


def test_the_choice_is_fair_and_grows(tmp_path: Path) -> None:
    root = MadeRoot(Store(str(tmp_path)))
    for number in range(200):
        root.add("ingest", f"u{number:03d}")
    ledger = Ledger(root.close())
    few, many = choose_uids(ledger, limit=20)[0], choose_uids(ledger, limit=40)[0]
    assert set(few) < set(many) and few == sorted(few)
    assert 5 <= sum(uid < "u100" for uid in few) <= 15
