from __future__ import annotations

import argparse
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch

from train.models.external.errors import CheckpointError
from train.models.external.files import read_tensors, write_tensors

TENSORS = {"a": torch.arange(6.0).reshape(2, 3), "b.c": torch.ones(2, dtype=torch.float16)}


class _Hostile:
    """Makes a folder where it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder),)


def _same(found: dict[str, torch.Tensor]) -> bool:
    return found.keys() == TENSORS.keys() and all(torch.equal(found[k], TENSORS[k]) for k in found)


@pytest.mark.parametrize("suffix", [".ckpt", ".pt", ".pth", ".bin"])
@pytest.mark.parametrize("wrapper", [None, "state_dict", "model", "module"])
def test_pickled_tensors(tmp_path: Path, suffix: str, wrapper: str | None) -> None:
    path = tmp_path / f"weights{suffix}"
    torch.save(TENSORS if wrapper is None else {wrapper: TENSORS, "epoch": 3}, path)
    assert _same(read_tensors(path))


def test_safetensors_there_and_back(tmp_path: Path) -> None:
    first, second = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    write_tensors(first, TENSORS)
    write_tensors(second, read_tensors(first))
    assert _same(read_tensors(first))
    assert first.read_bytes() == second.read_bytes()


def test_tensors_that_share_memory_are_written_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    both = torch.arange(6.0).reshape(3, 2)
    write_tensors(path, {"x": both[0], "y": both[:, 1]})
    found = read_tensors(path)
    assert found["x"].tolist() == [0, 1]
    assert found["y"].tolist() == [1, 3, 5]


def test_settings_of_a_training_program_are_read_over(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint-499.pth"
    torch.save({"model": TENSORS, "args": argparse.Namespace(lr=1e-4, blr=None), "epoch": 4}, path)
    assert _same(read_tensors(path))


@pytest.mark.parametrize("place", ["beside", "within", "instead"])
def test_code_in_a_pickle_is_refused_and_not_run(tmp_path: Path, place: str) -> None:
    path, folder = tmp_path / "weights.pt", tmp_path / "made"
    hostile = _Hostile(folder)
    content = {
        "beside": {"state_dict": TENSORS, "hyper_parameters": hostile},
        "within": {**TENSORS, "d": hostile},
        "instead": hostile,
    }
    torch.save(content[place], path)
    with pytest.raises(CheckpointError, match=r"more than tensors.*save its tensors as"):
        read_tensors(path)
    assert not folder.exists()


def test_a_plain_pickle_is_refused_and_not_run(tmp_path: Path) -> None:
    path, folder = tmp_path / "weights.pt", tmp_path / "made"
    path.write_bytes(pickle.dumps(_Hostile(folder)))
    with pytest.raises(CheckpointError, match="not an archive"):
        read_tensors(path)
    assert not folder.exists()


def test_an_archive_that_unpacks_to_more_is_refused(tmp_path: Path) -> None:
    sound, bomb = tmp_path / "sound.pt", tmp_path / "bomb.pt"
    torch.save({"a": torch.zeros(1_000_000)}, sound)
    with zipfile.ZipFile(sound) as source, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out:
        for member in source.namelist():
            out.writestr(member, source.read(member))
    assert bomb.stat().st_size < 100_000
    with pytest.raises(CheckpointError, match="compressed or claims more"):
        read_tensors(bomb)


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_cut_and_damaged_files_are_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"weights{suffix}"
    if suffix == ".pt":
        torch.save(TENSORS, path)
    else:
        write_tensors(path, TENSORS)
    whole = path.read_bytes()
    for length in range(0, len(whole) - 1, 97):
        path.write_bytes(whole[:length])
        with pytest.raises(CheckpointError):
            read_tensors(path)


def test_damaged_bytes_never_end_in_another_error(tmp_path: Path) -> None:
    """A flipped byte of a weight cannot be seen; anything else must be a clear refusal."""
    path = tmp_path / "weights.pt"
    torch.save(TENSORS, path)
    whole = bytearray(path.read_bytes())
    refused = 0
    for position in range(0, len(whole), 11):
        damaged = bytearray(whole)
        damaged[position] ^= 0x55
        path.write_bytes(damaged)
        try:
            read_tensors(path)
        except CheckpointError:
            refused += 1
    assert refused > 5


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([torch.zeros(1)], "holds a list"),
        ({}, "holds a dict"),
        ({"a": torch.zeros(1), "b": 3}, "entry 'b' is a int"),
        ({"a": torch.zeros(1), 7: torch.zeros(1)}, "entry 7"),
        ({"state_dict": {"a": {"b": torch.zeros(1)}}}, "entry 'a' is a dict"),
        (torch.zeros(3), "holds a Tensor"),
    ],
)
def test_other_contents_are_refused(tmp_path: Path, content: Any, message: str) -> None:
    path = tmp_path / "weights.pt"
    torch.save(content, path)
    with pytest.raises(CheckpointError, match=message):
        read_tensors(path)


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="there is no file"):
        read_tensors(tmp_path / "absent.pt")
    odd = tmp_path / "weights.h5"
    odd.write_bytes(b"")
    with pytest.raises(CheckpointError, match=r"ends in '\.h5', expected one of"):
        read_tensors(odd)
    with pytest.raises(CheckpointError, match=r"expected \.safetensors"):
        write_tensors(odd, TENSORS)
