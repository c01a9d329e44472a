"""The number and the kind of workers change no byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from partworks import stages
from partworks.pipeline import RunRequest, run
from partworks.progress import PlainDisplay
from partworks.stages import StageEntry
from partworks.store import Store
from tests.toy_run import toy_settings
from tests.trees import contents


def request_for(root: Path, words: str, *, workers: int) -> RunRequest:
    return RunRequest(
        store=Store(str(root)),
        settings=toy_settings(workers=workers),
        source=f"toy:{words}",
        stages=["make", "use"],
    )


@pytest.mark.usefixtures("toys")
def test_one_and_two_workers_and_an_actor_leave_the_same_bytes(tmp_path: Path) -> None:
    words = ",".join(["ok"] * 8)
    one = request_for(tmp_path / "one", words, workers=1)
    two = request_for(tmp_path / "two", words, workers=2)
    run(one, PlainDisplay())
    run(two, PlainDisplay())
    stages.STAGES["use"] = StageEntry("tests.toy_stages:UseWithModel", stages.STAGES["use"].config)
    actor = request_for(tmp_path / "actor", words, workers=2)
    run(actor, PlainDisplay())
    assert contents(one.store) == contents(two.store) == contents(actor.store)
    assert len(contents(one.store)) == 8 + 8 + 2
