"""Where every member of every sample lies: random access to a training set."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from shards.reader.decoders import decode_member
from shards.reader.errors import DamagedSampleError, ShardsNotFoundError, UndecodableError
from shards.reader.files import Files, Location

INDEX = "index.parquet"
_NEEDED = ("split", "shard", "key", "parts", "member", "offset", "size")
_CHECKED, _FAMILY = "crc32", "family"
_WORDS = ("split", "shard", "family", "key", "member")

Check = Literal["crc32", "none"]


class ShardIndex:
    """The members of a training set.

    Args:
        url: a dataset root or its `shards` folder, as a path or any fsspec URL. Credentials and
            endpoints come from the environment, as the file system's own documentation says.
        check: compare the CRC-32 of every member that is read with that of the index; an index of
            format 1 has none, and only sizes are checked.

    Attributes:
        url: of the folder that holds the index.
        checks: whether checksums are compared.

    Raises:
        ShardsNotFoundError: if there is no `index.parquet`.
        ValueError: if there is one that cannot be read.
    """

    def __init__(self, url: str, *, check: Check = "crc32") -> None:
        self.url = _find_shards(url)
        table = _read_table(f"{self.url}/{INDEX}")
        words = {name: _Words(table[name]) for name in _WORDS if name in table.column_names}
        self._shards, self._splits, self._members = words["shard"], words["split"], words["member"]
        self._families = words.get(_FAMILY)
        self._rows = _sample_rows(words["key"], f"{self.url}/{INDEX}")
        self._offsets = table["offset"].to_numpy()
        self._sizes = table["size"].to_numpy()
        self._parts = table["parts"].to_numpy()
        self.checks = check == "crc32" and _CHECKED in table.column_names
        self._checksums = table[_CHECKED].to_numpy() if self.checks else None
        self._files = Files(self.url)

    def splits(self) -> tuple[str, ...]:
        """The splits that have samples, sorted."""
        return tuple(sorted({self._splits[start] for start, _ in self._rows.values()}))

    def keys(self, split: str) -> tuple[str, ...]:
        """The keys of a split's samples, in the order of the shards; none for an unknown split."""
        rows = self._rows.items()
        return tuple(key for key, (start, _) in rows if self._splits[start] == split)

    def part_count(self, key: str) -> int:
        """P of a sample."""
        return int(self._parts[self._rows[key][0]])

    def family(self, key: str) -> str:
        """The family of a sample: objects of one family are in one split. Format 1: its own key."""
        return key if self._families is None else self._families[self._rows[key][0]]

    def shard(self, key: str) -> str:
        """The file that a sample is in."""
        return self._shards[self._rows[key][0]]

    def members(self, key: str) -> tuple[str, ...]:
        """The names of a sample's members, without the key: `json`, `points.npz`, …"""
        return tuple(self._member_rows(key))

    def match(self, key: str, members: Iterable[str]) -> tuple[str, ...]:
        """The members that are meant by names and patterns such as `object.*.webp`, in that order.

        Raises:
            KeyError: names the members that there are, if a name without a wildcard is not there.
        """
        return tuple(_chosen(self._member_rows(key), members, key))

    def locate(self, key: str, member: str) -> Location:
        """Where a member lies; KeyError names the members that there are."""
        return self._location(_chosen(self._member_rows(key), [member], key)[member])

    def read(self, key: str, members: Iterable[str]) -> dict[str, bytes]:
        """The bytes of some members of a sample, by names and patterns.

        Raises:
            DamagedSampleError: if the shard is missing or ends too early, or a checksum differs.
        """
        (content,) = self.read_many([key], members)
        if isinstance(content, DamagedSampleError):
            raise content
        return content

    def read_many(
        self, keys: Sequence[str], members: Iterable[str]
    ) -> list[dict[str, bytes] | DamagedSampleError]:
        """What `read` gives, or raises for damage, of several samples.

        Samples that lie behind one another in a store are read with one request.
        """
        members = tuple(members)
        chosen = [_chosen(self._member_rows(key), members, key) for key in keys]
        rows = [row for names in chosen for row in names.values()]
        content = iter(self._files.read([self._location(row) for row in rows]))
        return [
            self._checked(key, names, list(islice(content, len(names))))
            for key, names in zip(keys, chosen, strict=True)
        ]

    def decode(self, key: str, members: Iterable[str]) -> dict[str, Any]:
        """The values of some members of a sample, as `decode_member` makes them.

        Raises:
            DamagedSampleError: as `read` does, and if a member cannot be decoded.
        """
        return self.decoded(key, self.read(key, members))

    def decoded(self, key: str, content: dict[str, bytes]) -> dict[str, Any]:
        """The values of members that have been read."""
        values: dict[str, Any] = {}
        for name, data in content.items():
            try:
                values[name] = decode_member(name, data, check=not self.checks)
            except UndecodableError as error:
                message = f"{self.shard(key)}: {name} of sample {key} cannot be decoded: {error}"
                raise self._damaged(key, name, message) from error
        return values

    def damaged(self, split: str) -> Iterator[DamagedSampleError]:
        """Read a whole split and yield what is wrong, an error for each damaged sample."""
        for key in self.keys(split):
            try:
                self.read(key, ["*"])
            except DamagedSampleError as damage:
                yield damage

    @property
    def is_local(self) -> bool:
        """Whether a second request costs next to nothing."""
        return self._files.is_local

    def _member_rows(self, key: str) -> dict[str, int]:
        return {self._members[row]: row for row in range(*self._rows[key])}

    def _location(self, row: int) -> Location:
        return Location(
            shard=self._shards[row], offset=int(self._offsets[row]), size=int(self._sizes[row])
        )

    def _checked(
        self, key: str, rows: Mapping[str, int], content: Sequence[bytes | None]
    ) -> dict[str, bytes] | DamagedSampleError:
        sound: dict[str, bytes] = {}
        for (member, row), data in zip(rows.items(), content, strict=True):
            problem = self._problem(key, row, data)
            if data is None or problem:
                return self._damaged(key, member, problem)
            sound[member] = data
        return sound

    def _problem(self, key: str, row: int, data: bytes | None) -> str:
        place, member = self._location(row), self._members[row]
        if data is None:
            return f"{place.shard} is not there, and with it {member} of sample {key}"
        if len(data) != place.size:
            return (
                f"{place.shard} ends before byte {place.stop}, in {member} of sample {key}; it is "
                "cut off, or not the file that the index was made for"
            )
        if self._checksums is None or zlib.crc32(data) == int(self._checksums[row]):
            return ""
        return (
            f"{place.shard}: {member} of sample {key} has CRC-32 {zlib.crc32(data):08x}, the "
            f"index has {int(self._checksums[row]):08x}"
        )

    def _damaged(self, key: str, member: str, message: str) -> DamagedSampleError:
        hint = f". Fetch {self.url}/{self.shard(key)} again, or run the shards stage again"
        return DamagedSampleError(message + hint, shard=self.shard(key), sample=key, member=member)


class _Words:
    """A column of words that repeat, as the distinct ones and a number for each row."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        encoded = pc.dictionary_encode(pc.cast(column, pa.string())).combine_chunks()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.chunk(0) if encoded.num_chunks else pa.array([], pa.string())
        self.words: list[str] = encoded.dictionary.to_pylist()
        self.codes: NDArray[np.int32] = encoded.indices.to_numpy()

    def __getitem__(self, row: int) -> str:
        return self.words[int(self.codes[row])]


def _sample_rows(keys: _Words, path: str) -> dict[str, tuple[int, int]]:
    """Rows of one sample follow one another, so a sample is a range of rows."""
    codes = keys.codes
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    if len(starts) != len(keys.words):
        raise ValueError(f"{path} has the rows of a sample in several places; it is damaged")
    stops = np.append(starts, len(codes))[1:]
    ranges = zip(starts.tolist(), stops.tolist(), strict=True)
    return {keys.words[codes[start]]: (start, stop) for start, stop in ranges}


def _read_table(path: str) -> pa.Table:
    with fsspec.open(path, "rb") as stream:
        content = stream.read()
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        names = file.schema_arrow.names
        missing = sorted(set(_NEEDED) - set(names))
        if missing:
            raise ValueError(f"{path} is no index of shards: it has no column {', '.join(missing)}")
        table = file.read([name for name in names if name in (*_NEEDED, _CHECKED, _FAMILY)])
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"{path} cannot be read ({error}); fetch it again") from error
    return table


def _chosen(rows: Mapping[str, int], members: Iterable[str], key: str) -> dict[str, int]:
    assert not isinstance(members, str), "members are several names; a string is its letters"
    chosen: dict[str, int] = {}
    for member in members:
        if member in rows:
            chosen[member] = rows[member]
        elif any(letter in member for letter in "*?["):
            chosen.update((name, row) for name, row in rows.items() if fnmatchcase(name, member))
        else:
            raise KeyError(f"{key} has no member {member!r}; it has {', '.join(rows)}")
    return chosen


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
