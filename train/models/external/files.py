"""Tensors in files that may come from anyone."""

from __future__ import annotations

import argparse
import pickle
import zipfile
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from train.models.external.errors import CheckpointError

SAFETENSORS = frozenset({".safetensors"})
PICKLED = frozenset({".ckpt", ".pt", ".pth", ".bin"})
WRAPPERS = ("state_dict", "model", "module")
"""Under these names training programs keep the tensors, beside optimisers and settings."""

# What torch's restricted unpickler raises on bytes that are no checkpoint.
_UNREADABLE = (
    AssertionError,
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    pickle.UnpicklingError,
    zipfile.BadZipFile,
)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Tensors by name, on the CPU, from safetensors or a file of `torch.save`.

    Nothing in the file is run: a pickle may build tensors, plain containers and
    `argparse.Namespace`, which 3DShape2VecSet keeps its settings in, and nothing else.

    Raises:
        CheckpointError: the file is absent, damaged, holds other objects, or unpacks to more than
            its size.
    """
    if not path.is_file():
        raise CheckpointError(f"there is no file {path}; give the path of a downloaded checkpoint")
    if path.suffix in SAFETENSORS:
        return _read_safetensors(path)
    if path.suffix in PICKLED:
        return _named_tensors(_unpickle(path), path)
    known = ", ".join(sorted(SAFETENSORS | PICKLED))
    raise CheckpointError(f"{path} ends in {path.suffix!r}, expected one of {known}")


def write_tensors(path: Path, tensors: dict[str, Tensor]) -> None:
    """Write a safetensors file; the same tensors give the same bytes."""
    if path.suffix not in SAFETENSORS:
        raise CheckpointError(f"{path} ends in {path.suffix!r}, expected .safetensors")
    # Copies, since safetensors refuses tensors that share memory.
    separate = {
        name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in tensors.items()
    }
    safetensors.torch.save_file(separate, path)


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        return safetensors.torch.load_file(path)
    except (SafetensorError, OSError, ValueError, RuntimeError, KeyError) as error:
        raise CheckpointError(
            f"{path} is no sound safetensors file ({error}); fetch it again"
        ) from error


def _unpickle(path: Path) -> Any:
    try:
        _check_archive(path)
        with torch.serialization.safe_globals([argparse.Namespace]):
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path} holds more than tensors, and reading that could run code: {_first(error)};"
            " where you trust it, load it yourself and save its tensors as safetensors"
        ) from error
    except _UNREADABLE as error:
        raise CheckpointError(
            f"{path} is no sound checkpoint ({type(error).__name__}: {_first(error)});"
            " fetch it again"
        ) from error


def _check_archive(path: Path) -> None:
    """Refuse archives that unpack to more than they are."""
    if not zipfile.is_zipfile(path):
        raise CheckpointError(
            f"{path} is not an archive as torch.save writes since version 1.6; load it where you"
            " trust it and save its tensors as safetensors"
        )
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    packed = [member.filename for member in members if member.compress_type != zipfile.ZIP_STORED]
    if packed or sum(member.file_size for member in members) > path.stat().st_size:
        raise CheckpointError(
            f"{path} is compressed or claims more than its size, which torch.save never does;"
            " fetch it from where it was published"
        )


def _named_tensors(content: Any, path: Path) -> dict[str, Tensor]:
    for name in WRAPPERS:
        if isinstance(content, dict) and isinstance(content.get(name), dict):
            content = content[name]
            break
    if not isinstance(content, dict) or not content:
        raise CheckpointError(
            f"{path} holds a {type(content).__name__}, expected a dict of tensors, alone or under"
            f" one of {', '.join(WRAPPERS)}"
        )
    for name, value in content.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise CheckpointError(
                f"{path}: entry {name!r} is a {type(value).__name__}, expected names with tensors"
            )
    return content


def _first(error: BaseException) -> str:
    return (str(error).strip().splitlines() or ["no message"])[0]
