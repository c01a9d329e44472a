"""`partworks evaluate` as its users type it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from partworks.cli import main
from partworks.store import Store
from tests.evaluation.roots import TRUTH


def call(store: Store, folder: Path, *more: str) -> int:
    return main(["evaluate", "segmentation", "--root", store.url, "--truth", str(folder), *more])


def test_the_command_prints_tables_or_one_document(
    store: Store, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(folder / "car.npy", TRUTH)
    assert call(store, folder) == 0
    shown = capsys.readouterr().out
    assert (
        "review effort; truth: unmarked" in shown and "segmented objects without truth: 1" in shown
    )
    assert call(store, folder, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    (row,) = document["objects"]
    assert row["scores"]["tree"]["effort"] == {"value": 0.0, "segments": 2.0}
    assert row["scores"]["effort_share"] == 0.0
    assert document["means"]["unmarked"]["segments"]["effort"] == 2.0


def test_the_exit_code_tells_unfit_truth_and_wrong_calls(
    store: Store, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(folder / "car.npy", TRUTH[1:])
    assert call(store, folder) == 1
    assert "car: 7 labels" in capsys.readouterr().out
    assert call(store, folder, "--tolerance", "0") == 2
    assert call(store, folder / "none") == 2
    assert "not a folder" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["evaluate", "colours", "--root", store.url, "--truth", str(folder)])
