"""The engine with real and hostile files: every object ends in a row with a reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from partworks import dataset
from partworks.cli import main
from partworks.ledger import Ledger
from partworks.records import Attempt
from partworks.stages import STAGES
from partworks.store import Store
from partworks.verification import verify
from tests.shared_assets import requires_shared, shared

pytestmark = requires_shared


def ingest(root: Path, folder: str) -> list[Attempt]:
    source = f"folder:{shared(folder)}"
    arguments = ["run", "--root", str(root), "--source", source, "--stages", "ingest"]
    assert main(arguments) == 0, "no object failed"
    return Ledger(Store(str(root))).attempts("ingest")


def check(attempts: list[Attempt]) -> None:
    for attempt in attempts:
        assert attempt.status in ("ok", "rejected"), (attempt.reason, attempt.message)
        if attempt.status == "rejected":
            assert attempt.reason in STAGES["ingest"].stage_class().reasons
            assert len(attempt.message) > len(attempt.reason)


def test_hostile_files_end_in_rows_that_name_what_is_wrong(tmp_path: Path) -> None:
    attempts = ingest(tmp_path, "assets/nasty")
    check(attempts)
    statuses = Counter(attempt.status for attempt in attempts)
    assert sum(statuses.values()) >= 90
    assert statuses["rejected"] >= 35
    known = dataset.require(Store(str(tmp_path)))
    assert list(verify(Store(str(tmp_path)), known)) == []


@pytest.mark.slow
def test_real_files_go_all_the_way(tmp_path: Path) -> None:
    source = f"folder:{shared('assets/dev')}"
    assert main(["run", "--root", str(tmp_path), "--source", source, "--render.size", "96"]) == 0
    store = Store(str(tmp_path))
    check(Ledger(store).attempts("ingest"))
    for stage in STAGES:
        statuses = Counter(attempt.status for attempt in Ledger(store).attempts(stage))
        assert not statuses["failed"]
    assert list(verify(store, dataset.require(store))) == []
