"""Thresholds of the rules, changed over a root: nothing is fetched or decoded again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.config import IngestConfig
from ingest.judge.config import JudgeConfig
from ingest.samples import build_sample
from ingest.settle import settle
from ingest.stage import Ingest
from partworks import cluster, dataset
from partworks.config import default_settings
from partworks.geometry.glb import write_glb
from partworks.ledger import Ledger
from partworks.pipeline import RunRequest, run
from partworks.plan import StageCounts
from partworks.progress import PlainDisplay
from partworks.records import Attempt
from partworks.settling import VOID
from partworks.store import Store
from partworks.summary import count_stages
from partworks.verification import verify
from tests.ingest.judge.copies import COPIES
from tests.trees import contents

STAGES = ("ingest", "segment")


@pytest.fixture(scope="module")
def session() -> Iterator[None]:
    with cluster.session(None, workers=2):
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A chair, a copy of it, a mug and a broken file."""
    found = tmp_path / "assets"
    found.mkdir()
    chair = build_sample("chair").mesh
    (found / "chair.glb").write_bytes(write_glb(chair))
    (found / "turned.glb").write_bytes(write_glb(COPIES["turned"](chair)))
    (found / "mug.glb").write_bytes(write_glb(build_sample("mug").mesh))
    (found / "broken.glb").write_bytes(b"glTF and nothing more")
    return found


@pytest.mark.usefixtures("session")
def test_a_threshold_is_applied_to_what_is_there(folder: Path, tmp_path: Path) -> None:
    store = Store(str(tmp_path / "root"))

    def go(**settings: object) -> dict[str, str]:
        """The verdicts under some thresholds: name of the file -> reason."""
        base = default_settings()
        config = IngestConfig(judge=JudgeConfig(**settings))  # type: ignore[arg-type]
        request = RunRequest(
            store=store,
            settings=replace(base, configs={**base.configs, "ingest": config}),
            source=f"folder:{folder}",
            stages=STAGES,
        )
        assert run(request, PlainDisplay())
        assert list(verify(store, dataset.require(store))) == []
        rows = Ledger(store).attempts("ingest")
        return {str(row.metrics["location"]): row.reason for row in rows}

    copies = {"chair.glb", "turned.glb"}
    first = go()
    assert first["mug.glb"] == "" and first["broken.glb"] not in ("", "near_duplicate")
    assert sorted(first[name] for name in copies) == ["", "near_duplicate"]
    assert count_stages(store)["segment"] == StageCounts(ok=2)
    done = contents(store)

    # From here on whatever is decoded fails: the source is gone, and so are the bytes kept.
    for path in [*store.list("sources")]:
        done.pop(path)
    fewest = min(int(row.metrics.get("faces", 10**9)) for row in Ledger(store).attempts("ingest"))
    strict = go(min_faces=fewest + 1)
    assert {"too_few_faces"} < {*strict.values()}
    rows = len(Ledger(store).rows("ingest"))
    assert go(min_faces=fewest + 1) == strict
    assert len(Ledger(store).rows("ingest")) == rows, "nothing has changed"

    kept = go(near_duplicates="keep")
    assert [kept[name] for name in (*copies, "mug.glb")] == ["", "", ""]
    assert count_stages(store)["segment"] == StageCounts(ok=3)
    assert go() == first
    assert count_stages(store)["segment"] == StageCounts(ok=2)
    after = contents(store)
    assert all(after[path] == digest for path, digest in done.items() if path != "dataset.json")
    decoded = {row.uid: row.seconds for row in Ledger(store).attempts("ingest")}
    history = Ledger(store).rows("ingest", ["uid", "seconds"]).to_pylist()
    assert all(row["seconds"] == decoded[row["uid"]] for row in history), "each was done once"


def test_a_licence_that_is_allowed_now_brings_in_what_was_not_fetched() -> None:
    refused = Attempt(
        uid="a",
        stage="ingest",
        status="rejected",
        reason="licence_not_allowed",
        message="before",
        fingerprint="m",
        metrics={"licence": "CC-BY-NC-4.0", "licence_stated": 1},
    )
    (same,) = settle([refused], IngestConfig())
    assert (same.reason, same.fingerprint) == ("licence_not_allowed", "m")
    (wanted,) = settle([refused], IngestConfig(licences=("CC-BY-NC",)))
    assert wanted.fingerprint == VOID


def test_the_loaders_refusals_are_nobody_elses_business() -> None:
    broken = Attempt(
        uid="a", stage="ingest", status="rejected", reason="too_many_faces", fingerprint="m",
        metrics={"licence": "CC0-1.0", "licence_stated": 0},
    )  # fmt: skip
    assert list(settle([broken], IngestConfig())) == []
    assert "too_many_faces" in Ingest.reasons
