"""A root on S3, against an S3 server on loopback."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from partworks import dataset
from partworks.cli import main
from partworks.ledger import Ledger
from partworks.pipeline import RunRequest, run
from partworks.progress import PlainDisplay
from partworks.store import Store
from partworks.verification import verify
from tests.toy_run import toy_settings
from tests.trees import contents


@pytest.mark.usefixtures("toys")
def test_a_run_on_s3_leaves_the_bytes_of_a_folder(bucket: str, tmp_path: Path) -> None:
    here = RunRequest(
        store=Store(str(tmp_path)),
        settings=toy_settings(),
        source="toy:ok,ok,fail,ok",
        stages=["make", "use"],
    )
    there = replace(here, store=Store(bucket))
    run(here, PlainDisplay())
    run(there, PlainDisplay())
    assert contents(there.store) == contents(here.store)
    assert len(Ledger(there.store).attempts("use")) == 3
    assert list(verify(there.store, dataset.require(there.store))) == []
    run(there, PlainDisplay())
    assert len(Ledger(there.store).rows("use")) == 3, "a rerun on S3 knows what is done"


def test_listing_and_deleting_on_s3(bucket: str) -> None:
    store = Store(bucket)
    store.write("a/1", b"x")
    assert store.list("a") == ["a/1"]
    Store(bucket).write("a/2", b"y")
    assert store.list("a") == ["a/1", "a/2"], "what another process wrote is seen"
    store.delete("a/1")
    store.delete("a/1")
    assert store.list("a") == ["a/2"]
    with pytest.raises(FileNotFoundError, match="a/1 is not in"):
        store.read("a/1")


@pytest.mark.slow
def test_samples_on_s3_leave_the_bytes_of_a_folder(bucket: str, tmp_path: Path) -> None:
    roots = [str(tmp_path / "here"), bucket]
    for root in roots:
        arguments = ["run", "--root", root, "--source", "samples", "--render.size", "96"]
        assert main(arguments) == 0
        assert main(["verify", "--root", root]) == 0
    here, there = (contents(Store(root)) for root in roots)
    assert there == here
    assert len(here) > 100
