"""What `partworks verify` checks of the shards: against index, ledger, and what they were made of.

Every shard is read once, by whoever calls. A breach names the shard as its path, and the sample in
its message.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from partworks import layout
from partworks.artifacts.captions import Captions
from partworks.artifacts.parts import Parts
from partworks.geometry.glb import read_glb
from partworks.ledger import Ledger
from partworks.records import Attempt
from partworks.stage import Breach
from partworks.store import Store
from shards import tar
from shards.index import INDEX
from shards.manifest import Manifest
from shards.packing import PLACED, unplace
from shards.sample_checks import Complaint, Origin, check_sample
from shards.shelf import FOLDER, MANIFESTS

Row = Mapping[str, Any]
_INDEX = f"{FOLDER}/{INDEX}"
_NAMED = 3  # objects that a message names


class ShardExamination:
    """The shards of a root, against all else that is in it.

    Args:
        done: the attempts whose sample is current, in uid order.
    """

    def __init__(self, store: Store, done: Sequence[Attempt]) -> None:
        self._store = store
        self._done = {attempt.uid: attempt for attempt in done}
        # Stale samples may well stand in the shards; they must only be those of the ledger.
        known = Ledger(store).attempts("shards")
        self._known = {each.uid: each for each in known if each.status == "ok"} | self._done
        self._index = _read_index(store)
        self._rows = _rows_by_shard(self._index)

    def file(self, path: str, data: bytes) -> Iterable[Breach]:
        """What does not hold in one file of `shards/`."""
        try:
            if path.startswith(MANIFESTS):
                yield from self._manifest(path, data)
            elif path.endswith(".tar"):
                for kind, message in self._shard(path.removeprefix(f"{FOLDER}/"), data):
                    yield Breach(kind=kind, path=path, message=message)
            elif path.endswith(".parquet"):
                pq.read_schema(io.BytesIO(data))
        except Exception as error:  # noqa: BLE001  whatever a reader says of a damaged file
            message = f"{type(error).__name__}: {error}"
            yield Breach(kind="unreadable", path=path, message=message)

    def whole(self) -> Iterator[Breach]:
        """Whether the shards hold the objects that are done, and no others."""
        packed = packed_keys(self._store)
        for uids, message in (
            (self._done.keys() - packed, "done and in no shard; run the shards stage to its end"),
            (packed - self._known.keys(), "in a shard and not in the ledger as done"),
        ):
            if uids:
                named = ", ".join(sorted(uids)[:_NAMED]) + (", …" if len(uids) > _NAMED else "")
                text = f"{len(uids)} objects are {message}: {named}"
                yield Breach(kind="cross_reference", path=_INDEX, message=text)

    def _manifest(self, path: str, data: bytes) -> Iterator[Breach]:
        manifest = Manifest.from_bytes(data)
        shard = path.removeprefix(f"{MANIFESTS}/").replace(".parquet", ".tar")
        told = {row["shard_sha256"] for row in self._of(shard)}
        if manifest is None:
            yield Breach(kind="unreadable", path=path, message="it is no manifest of a shard")
        elif told != {manifest.sha256}:
            message = f"it tells of a shard with another checksum than {_INDEX} does"
            yield Breach(kind="cross_reference", path=path, message=message)

    def _of(self, shard: str) -> list[dict[str, Any]]:
        """The rows of the index for a shard."""
        if self._index is None or shard not in self._rows:
            return []
        start, count = self._rows[shard]
        rows: list[dict[str, Any]] = self._index.slice(start, count).to_pylist()
        return rows

    def _shard(self, shard: str, data: bytes) -> Iterator[Complaint]:
        yield from _against_headers(self._of(shard), data)
        samples: dict[str, list[Row]] = {}
        for row in self._of(shard):
            samples.setdefault(row["key"], []).append(row)
        for uid, rows in samples.items():
            try:
                complaints = list(self._sample(uid, rows, data))
            except Exception as error:  # noqa: BLE001  as above; the other samples are still read
                complaints = [("unreadable", f"{type(error).__name__}: {error}")]
            yield from ((kind, f"sample {uid}: {message}") for kind, message in complaints)

    def _sample(self, uid: str, rows: Sequence[Row], data: bytes) -> Iterator[Complaint]:
        members = {row["member"]: data[row["offset"] : row["offset"] + row["size"]] for row in rows}
        broken = [row["member"] for row in rows if not _is_intact(members[row["member"]], row)]
        if broken:
            yield "checksum", f"{', '.join(broken)} not as the index says"
            return
        record = json.loads(members["json"])
        yield from _against_index(uid, record, rows[0])
        if uid in self._known:
            yield from _against_ledger(self._known[uid], members)
        origin = self._origin(uid) if uid in self._done else None
        others = {name: content for name, content in members.items() if name != "json"}
        yield from check_sample(others, record, origin=origin)

    def _origin(self, uid: str) -> Origin | None:
        try:
            return Origin(
                mesh=read_glb(self._store.read(layout.object_glb(uid))),
                parts=Parts.from_bytes(self._store.read(layout.parts(uid))),
                captions=Captions.from_bytes(self._store.read(layout.captions(uid))),
            )
        except FileNotFoundError:
            return None  # reported as missing already


def packed_keys(store: Store) -> set[str]:
    """The objects in the index of a root's shards; none where there is no index."""
    index = _read_index(store)
    return set() if index is None else set(pc.unique(index["key"]).to_pylist())


def _read_index(store: Store) -> pa.Table | None:
    """The index, or None where there is none that can be read, which is reported for itself."""
    try:
        return pq.read_table(io.BytesIO(store.read(_INDEX)))
    except (FileNotFoundError, pa.ArrowException):
        return None


def _rows_by_shard(index: pa.Table | None) -> dict[str, tuple[int, int]]:
    """Shard -> its first row and how many it has; its rows follow one another."""
    if index is None:
        return {}
    runs = pc.run_end_encode(pc.cast(index["shard"], pa.string()).combine_chunks())
    ends = runs.run_ends.to_pylist()
    starts = [0, *ends]
    return {
        name: (start, end - start)
        for name, start, end in zip(runs.values.to_pylist(), starts, ends, strict=False)
    }


def _is_intact(content: bytes, row: Row) -> bool:
    found = (len(content), zlib.crc32(content), hashlib.sha256(content).hexdigest())
    return found == (row["size"], row["crc32"], row["sha256"])


def _against_headers(rows: Sequence[Row], data: bytes) -> Iterator[Complaint]:
    """Whether the tar's own headers say what the index says."""
    told = {f"{row['key']}.{row['member']}": (row["offset"], row["size"]) for row in rows}
    found: dict[str, tuple[int, int]] = {}
    try:
        for member in tar.members(data):
            found[member.name] = (member.offset, member.size)
    except tarfile.TarError as error:
        last = next(reversed(found), "its start")
        yield "unreadable", f"the tar cannot be read behind {last}: {error}"
        return
    for name in sorted(told.keys() - found.keys()):
        yield "cross_reference", f"{name} is in the index and not in the tar"
    for name in sorted(found.keys() - told.keys()):
        yield "cross_reference", f"{name} is in the tar and not in the index"
    for name in sorted(told.keys() & found.keys()):
        if told[name] != found[name]:
            yield "cross_reference", f"{name} lies at {found[name]}, the index says {told[name]}"


def _against_index(uid: str, record: Row, row: Row) -> Iterator[Complaint]:
    expected = {"uid": uid, **{key: row[key] for key in PLACED}}
    found = {key: record.get(key) for key in expected}
    if found != expected:
        yield "cross_reference", f"its json says {found}, the index {expected}"
    if len(record["parts"]) != row["parts"]:
        yield (
            "cross_reference",
            f"its json has {len(record['parts'])} parts, the index says {row['parts']}",
        )


def _against_ledger(attempt: Attempt, members: Mapping[str, bytes]) -> Iterator[Complaint]:
    """Whether taking the sample out of the shard gives the very bytes that the stage wrote."""
    path = layout.sample(attempt.uid)
    told = {output.path: output.sha256 for output in attempt.outputs}.get(path)
    restored = {**members, "json": unplace(members["json"])}
    sample = tar.pack({f"{attempt.uid}.{name}": data for name, data in restored.items()})
    if hashlib.sha256(sample).hexdigest() != told:
        yield (
            "cross_reference",
            f"it is not {path} as the ledger knows it; run the shards stage to its end",
        )
