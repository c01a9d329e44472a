"""A training set of tiny samples, written without the stage, that a test can damage at will."""

from __future__ import annotations

import io
import json
import tarfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from PIL import Image

PARTS = 3
MEMBERS = ("json", "object.00.webp", "object.01.webp", "points.npz")


def npz(**arrays: NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def picture(pixels: NDArray[Any], kind: str = "webp") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **({"lossless": True} if kind == "webp" else {}))
    return buffer.getvalue()


def points_of(number: int, parts: int = PARTS) -> dict[str, NDArray[Any]]:
    """Arrays of format 2 whose values name the sample."""
    box = np.zeros((parts, 2, 3), np.float32)
    box[:, 1] = [2, 1, 1]
    return {
        "part_surface": np.full((parts, 8, 6), number, np.float32),
        "object_surface": np.full((16, 6), number, np.float32),
        "part_box": box,
        "part_center": np.tile(np.float32([1, 0.5, 0.5]), (parts, 1)),
        "part_scale": np.ones(parts, np.float32),
    }


def sample(number: int) -> dict[str, bytes]:
    """Member -> content of a sample that knows its number."""
    view = np.full((4, 6, 4), number % 256, np.uint8)
    return {
        "json": json.dumps({"number": number}).encode(),
        "object.00.webp": picture(view),
        "object.01.webp": picture(view),
        "points.npz": npz(**points_of(number)),
    }


def key_of(number: int) -> str:
    return f"s{number:03d}"


def write_set(folder: Path, *, shards: tuple[int, ...] = (5, 4, 3), val: int = 0) -> Path:
    """`shards` samples in each shard of split train, `val` in one of split val."""
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    number = 0
    names = [("train", f"train-{n:06d}.tar", size) for n, size in enumerate(shards)]
    for split, name, size in [*names, *([("val", "val-000000.tar", val)] if val else [])]:
        with tarfile.open(folder / name, "w", format=tarfile.USTAR_FORMAT) as archive:
            for key in range(number, number + size):
                for member, data in sample(key).items():
                    info = tarfile.TarInfo(f"{key_of(key)}.{member}")
                    info.size = len(data)
                    archive.addfile(info, io.BytesIO(data))
        rows += _rows(folder / name, split)
        number += size
    pq.write_table(pa.Table.from_pylist(rows), folder / "index.parquet")
    return folder


def _rows(shard: Path, split: str) -> list[dict[str, Any]]:
    content = shard.read_bytes()
    rows = []
    with tarfile.open(shard) as archive:
        for info in archive:
            key, _, member = info.name.partition(".")
            data = content[info.offset_data : info.offset_data + info.size]
            rows.append(
                {
                    "split": split,
                    "shard": shard.name,
                    "key": key,
                    "family": f"family {int(key[1:]) // 2}",
                    "parts": PARTS,
                    "member": member,
                    "offset": info.offset_data,
                    "size": info.size,
                    "crc32": np.uint32(zlib.crc32(data)),
                }
            )
    return rows


def flip_bit(shard: Path, offset: int) -> None:
    """Damage one bit of a file."""
    content = bytearray(shard.read_bytes())
    content[offset] ^= 0x10
    shard.write_bytes(content)


def cut(shard: Path, size: int) -> None:
    """Leave the first `size` bytes of a file."""
    shard.write_bytes(shard.read_bytes()[:size])
