"""`partworks caption`, from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from caption.config import CaptionConfig
from caption.vlm.captioner import VlmCaptioner
from caption.vlm.config import VlmConfig
from partworks import dataset
from partworks.cli import main
from partworks.config import as_tree
from partworks.dataset import Dataset, StageRecord
from partworks.errors import Failed
from partworks.store import Store
from tests.caption.server import Server
from tests.caption.vlm.subjects import config, facts, picture, pictures


def root(folder: Path, model: VlmConfig | None) -> Store:
    """A root whose last run had this model, or the template."""
    store = Store(str(folder))
    given = CaptionConfig() if model is None else CaptionConfig(captioner="vlm", vlm=model)
    record = StageRecord(version=2, settings=as_tree(given), fingerprint="x")
    dataset.save(store, Dataset(stages={"caption": record}))
    return store


def leave_requests(store: Store, model: VlmConfig) -> None:
    each = VlmCaptioner(model, store=store, max_words=15)
    with pytest.raises(Failed, match="awaiting_answers"):
        each.caption(facts(2), pictures(2), picture(999))
    each.close()


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_batches_go_out_and_come_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Server() as server:
        model = config(server.url, mode="batch")
        store = root(tmp_path, model)
        leave_requests(store, model)
        call = ["caption", "batch", "--root", str(tmp_path), "--json"]
        assert main(call) == 0
        assert said(capsys) == {"sent": 1, "collected": 0, "under_way": 1, "over_budget": 0}
        assert main([*call, "--wait", "--every", "0.01"]) == 0
        assert said(capsys) == {"sent": 0, "collected": 1, "under_way": 0, "over_budget": 0}
        assert main(["caption", "spending", "--root", str(tmp_path), "--json"]) == 0
        spent = said(capsys)
        assert spent["requests"] == len(server.log) == 3
        assert spent["spent"] == pytest.approx(3 * 0.001) and spent["budget"] is None
        assert main(["caption", "spending", "--root", str(tmp_path)]) == 0
        assert "0.0030" in capsys.readouterr().out


def test_a_batch_that_is_too_dear_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Server() as server:
        model = config(server.url, mode="batch", budget=1e-6)
        leave_requests(root(tmp_path, model), model)
        assert main(["caption", "batch", "--root", str(tmp_path)]) == 1
        assert "--caption.vlm.budget" in capsys.readouterr().out and not server.batches


def test_a_root_without_a_model_has_no_requests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root(tmp_path, None)
    for verb in ("batch", "spending"):
        assert main(["caption", verb, "--root", str(tmp_path)]) == 2
        assert "template" in capsys.readouterr().err
