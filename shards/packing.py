"""Samples into a shard: read one by one, checked, told their split, put behind one another."""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from collections.abc import Sequence
from typing import Any

from partworks import layout
from partworks.errors import Failed
from partworks.store import Store
from shards import record, tar
from shards.manifest import Entry, Manifest, PackedMember, PackedSample, plan_digest

PLACED = ("family", "split")
"""What a sample's json is told when it is packed: the one thing that it does not know by itself."""


def pack_shard(entries: Sequence[Entry], *, store: Store) -> tuple[bytes, Manifest]:
    """The shard of some samples in the order given, and its manifest.

    Raises:
        Failed: with reason `sample_changed` if a sample is not the one that the ledger knows.
    """
    stream = io.BytesIO()
    samples = tuple(_add_sample(stream, entry, store=store) for entry in entries)
    stream.write(tar.END)
    data = stream.getvalue()
    manifest = Manifest(
        plan=plan_digest(entries),
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        samples=samples,
    )
    return data, manifest


def _add_sample(stream: io.BytesIO, entry: Entry, *, store: Store) -> PackedSample:
    data = _read_sample(entry, store)
    members, text = [], ""
    for found in tar.members(data):
        content = data[found.offset : found.offset + found.size]
        name = found.name.removeprefix(f"{entry.uid}.")
        if name == "json":
            content = place(content, split=entry.split, family=entry.family)
            text = content.decode()
        members.append(
            PackedMember(
                member=name,
                offset=stream.tell() + tar.BLOCK,
                size=len(content),
                crc32=zlib.crc32(content),
                sha256=hashlib.sha256(content).hexdigest(),
            )
        )
        stream.write(tar.entry(found.name, content))
    return PackedSample(
        key=entry.uid,
        sample_sha256=entry.sha256,
        split=entry.split,
        family=entry.family,
        record=text,
        members=tuple(members),
    )


def _read_sample(entry: Entry, store: Store) -> bytes:
    path = layout.sample(entry.uid)
    data = store.read(path)
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise Failed(
            "sample_changed",
            f"{path} has another checksum than the ledger; run the shards stage for "
            f"{entry.uid} again",
        )
    return data


def place(content: bytes, *, split: str, family: str) -> bytes:
    """The json of a sample with its split and its family."""
    known: dict[str, Any] = json.loads(content)
    return record.to_json({**known, "split": split, "family": family})


def unplace(content: bytes) -> bytes:
    """The inverse of `place`: the json as `Shards.process` made it."""
    known: dict[str, Any] = json.loads(content)
    return record.to_json({key: value for key, value in known.items() if key not in PLACED})


def read_record(uid: str, store: Store) -> dict[str, Any]:
    """The json of a sample that is not in a shard yet, without reading its other members."""
    with store.open(layout.sample(uid)) as stream:
        for member in tar.scan(stream):
            if member.name == f"{uid}.json":
                stream.seek(member.offset)
                found: dict[str, Any] = json.loads(stream.read(member.size))
                return found
    raise Failed("sample_changed", f"{layout.sample(uid)} has no {uid}.json; run the stage again")
