"""Reads the shards; stands alone, so that training knows no other part of the data engine.

`ShardIndex` finds any member of any sample by (shard, offset, size) at any fsspec URL, so that a
loader can take samples in whatever order it likes; `ShardDataset` is the map-style view of one
split. The functions `decode_*` turn the bytes of a member into values.

    index = ShardIndex("s3://bucket/run1")
    dataset = ShardDataset(index, split="train", members=("json", "points.npz"))
    points = decode_points(dataset[0]["points.npz"])
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from PIL import Image

INDEX = "index.parquet"


class ShardsNotFoundError(FileNotFoundError):
    """There is no training set where one was expected; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where the content of a member lies: bytes `offset` to `offset + size` of a shard."""

    shard: str
    offset: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Points:
    """The decoded `points.npz` of a sample, in the object frame.

    Attributes:
        part_surface: (P, N, 6) float32 points with unit normals, by part.
        object_surface: (K, 6) float32 the same for the whole object.
        part_box: (P, 2, 3) float32 lower and upper corner of each part.
    """

    part_surface: NDArray[np.float32]
    object_surface: NDArray[np.float32]
    part_box: NDArray[np.float32]


class ShardIndex:
    """The members of a training set.

    Args:
        url: a dataset root or its `shards` folder, as a path or any fsspec URL. Credentials and
            endpoints come from the environment, as the file system's own documentation says.

    Raises:
        ShardsNotFoundError: if there is no `index.parquet`.
    """

    def __init__(self, url: str) -> None:
        self.url = _find_shards(url)
        with fsspec.open(f"{self.url}/{INDEX}", "rb") as stream:
            table = pq.read_table(io.BytesIO(stream.read()))
        keys = np.asarray(table["key"].to_pylist(), object)
        # Rows of one sample follow one another, so a sample is a range of rows.
        starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])[: len(keys)])
        stops = np.append(starts[1:], len(keys)).astype(int)
        self._rows = {
            keys[start]: (int(start), int(stop)) for start, stop in zip(starts, stops, strict=True)
        }
        self._members = table["member"].combine_chunks()
        self._shards = pc.cast(table["shard"], "string").combine_chunks()
        self._splits = pc.cast(table["split"], "string").combine_chunks()
        self._offsets = table["offset"].to_numpy()
        self._sizes = table["size"].to_numpy()
        self._parts = table["parts"].to_numpy()
        self._files = _Files(self.url)

    def splits(self) -> tuple[str, ...]:
        """The splits that have samples, sorted."""
        return tuple(sorted(self._splits.unique().to_pylist()))

    def keys(self, split: str) -> tuple[str, ...]:
        """The keys of a split's samples, in the order of the shards; none for an unknown split."""
        rows = self._rows.items()
        return tuple(key for key, (start, _) in rows if self._splits[start].as_py() == split)

    def part_count(self, key: str) -> int:
        """P of a sample."""
        return int(self._parts[self._rows[key][0]])

    def members(self, key: str) -> tuple[str, ...]:
        """The names of a sample's members, without the key: `json`, `points.npz`, …"""
        start, stop = self._rows[key]
        return tuple(self._members[start:stop].to_pylist())

    def locate(self, key: str, member: str) -> Location:
        """Where a member lies; KeyError names the members that there are."""
        names = self.members(key)
        if member not in names:
            raise KeyError(f"{key} has no member {member!r}; it has {', '.join(names)}")
        row = self._rows[key][0] + names.index(member)
        return Location(
            shard=self._shards[row].as_py(),
            offset=int(self._offsets[row]),
            size=int(self._sizes[row]),
        )

    def read(self, key: str, members: Iterable[str]) -> dict[str, bytes]:
        """The bytes of some members of a sample."""
        names = list(members)
        places = [self.locate(key, name) for name in names]
        return dict(zip(names, self._files.read(places), strict=True))


class ShardDataset:
    """A split as a sequence of samples, in the order of the shards, with random access.

    Args:
        members: the members that an item holds.

    An item maps `__key__` to the key and each member to its bytes, as webdataset has it, so that a
    loader decodes no more than it needs.
    """

    def __init__(self, index: ShardIndex, *, split: str, members: Sequence[str]) -> None:
        self.index = index
        self.keys = index.keys(split)
        self.members = tuple(members)

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, position: int) -> dict[str, Any]:
        key = self.keys[position]
        return {"__key__": key, **self.index.read(key, self.members)}


class _Files:
    """Ranges of files below a URL; opens its file system anew in every process.

    A connection must not be shared with a forked or spawned loader worker.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._pid = -1

    def __getstate__(self) -> dict[str, Any]:
        return {"_url": self._url, "_pid": -1}

    def read(self, places: Sequence[Location]) -> list[bytes]:
        if self._pid != os.getpid():
            self._fs, self._base = fsspec.core.url_to_fs(self._url)
            self._pid = os.getpid()
        content: list[bytes] = self._fs.cat_ranges(
            [f"{self._base}/{place.shard}" for place in places],
            [place.offset for place in places],
            [place.offset + place.size for place in places],
            on_error="raise",
        )
        for place, data in zip(places, content, strict=True):
            if len(data) != place.size:
                raise EOFError(
                    f"{self._url}/{place.shard} ends before byte {place.offset + place.size}; "
                    "it is not the file that the index was made for"
                )
        return content


def _find_shards(url: str) -> str:
    if "://" not in url:
        url = str(Path(url).expanduser().absolute())
    url = url.rstrip("/")
    try:
        fs, base = fsspec.core.url_to_fs(url)
    except (ValueError, ImportError) as error:
        raise ShardsNotFoundError(f"{url!r} is no location that fsspec knows: {error}") from error
    for folder in ("", "/shards"):
        if fs.exists(f"{base}{folder}/{INDEX}"):
            return url + folder
    raise ShardsNotFoundError(
        f"no shards at {url}: expected {INDEX} there or in its folder `shards`. Give a dataset "
        f"root whose shards stage has run, or run it: `partworks run --root {url} --source SOURCE`"
    )


def decode_json(data: bytes) -> dict[str, Any]:
    """The `json` member: licence, captions, part table, cameras."""
    content: dict[str, Any] = json.loads(data)
    return content


def decode_points(data: bytes) -> Points:
    """The `points.npz` member; pickled objects are refused."""
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        return Points(**{name: archive[name] for name in Points.__slots__})


def decode_image(data: bytes) -> NDArray[np.uint8]:
    """A `webp` member: (H, W, 4) uint8 sRGB with straight alpha, or (H, W, 3) without."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)
