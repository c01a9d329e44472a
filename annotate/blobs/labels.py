"""The atom of each face, as few bytes as a browser can use without unpacking code."""

from __future__ import annotations

import gzip
from typing import Any

import numpy as np
from numpy.typing import NDArray

Int32 = NDArray[np.int32]

_TYPES: dict[str, np.dtype[Any]] = {"u16.gz": np.dtype("<u2"), "u32.gz": np.dtype("<u4")}


def pack_labels(labels: Int32) -> tuple[bytes, str]:
    """Gzipped little-endian labels and the ending that tells their width.

    Two bytes a face while the largest label fits, four otherwise. The same labels give the same
    bytes: the archive carries no time.

    Args:
        labels: (F,) int32, none negative.
    """
    assert labels.ndim == 1 and labels.min(initial=0) >= 0
    ext = "u16.gz" if labels.max(initial=0) <= np.iinfo(np.uint16).max else "u32.gz"
    return gzip.compress(labels.astype(_TYPES[ext]).tobytes(), 6, mtime=0), ext


def unpack_labels(data: bytes, ext: str) -> Int32:
    """The inverse of `pack_labels`."""
    labels: Int32 = np.frombuffer(gzip.decompress(data), _TYPES[ext]).astype(np.int32)
    return labels
