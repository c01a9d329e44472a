"""Arrays in an .npz with the same bytes for the same arrays."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.errors import Failed


def to_npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Pack arrays; members are compressed, in the order given, and carry no time stamps."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def from_npz(data: bytes) -> dict[str, NDArray[Any]]:
    """Unpack arrays; pickled objects are refused."""
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def check_geometry(found: str, expected: str, *, what: str, uid: str) -> None:
    """Raise Failed('geometry_mismatch') unless labels were made for the mesh at hand."""
    if found != expected:
        raise Failed(
            "geometry_mismatch",
            f"the {what} of {uid} were made for geometry {found[:12]}, the object has "
            f"{expected[:12]}; run the stage that made them again",
        )
