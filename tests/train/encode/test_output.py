from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from partworks.errors import UsageError
from train.encode.output import TEMPORARY, OutputFolder


@pytest.fixture(params=["disk", "store"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> OutputFolder:
    """On a disk and in something that is no disk."""
    url = str(tmp_path / "out") if request.param == "disk" else f"memory://{uuid.uuid4().hex}/out"
    return OutputFolder(url)


def test_files_are_there_or_not(folder: OutputFolder) -> None:
    assert list(folder.shards()) == []
    assert folder.read("a.tar") is None and folder.size("a.tar") is None
    for name in ("b.tar", "a.tar", "manifests/a.json"):
        folder.write(name, name.encode())
    folder.write("a.tar", b"again")
    assert list(folder.shards()) == ["a.tar", "b.tar"]
    assert folder.read("a.tar") == b"again" and folder.size("a.tar") == 5
    assert folder.read("manifests/a.json") == b"manifests/a.json"
    for _ in range(2):
        folder.delete("a.tar")
    assert list(folder.shards()) == ["b.tar"]


def test_what_cannot_be_written_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = OutputFolder(str(tmp_path))
    folder.write("a.tar", b"old")

    def full(descriptor: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="no space left"):
        folder.write("a.tar", b"new")
    assert folder.read("a.tar") == b"old"
    assert list((tmp_path / TEMPORARY).iterdir()) == []


def test_leftovers_of_a_killed_run_go(tmp_path: Path) -> None:
    (tmp_path / TEMPORARY).mkdir()
    (tmp_path / TEMPORARY / "1-a.tar").write_bytes(b"half")
    folder = OutputFolder(str(tmp_path))
    folder.tidy()
    folder.tidy()
    assert list(tmp_path.iterdir()) == []


def test_a_location_that_nobody_knows_is_a_wrong_call() -> None:
    with pytest.raises(UsageError, match="--output 'carrier-pigeon://x' is no location"):
        OutputFolder("carrier-pigeon://x")
