"""Training sets of a few bytes, written straight into a folder: no stage has to run for them."""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from shards import tar
from shards.card import Card, card_files
from shards.croissant import DataFile

Samples = Mapping[str, Mapping[str, bytes]]
"""Key -> member, without the key -> content; the split is in the json."""

_COLUMNS = (
    "uid", "name", "licence", "attribution", "creator", "creator_url", "link", "source",
    "location", "split",
)  # fmt: skip


def make_part(index: int = 0, **changes: Any) -> dict[str, Any]:
    """A row of a sample's table of parts."""
    return {
        "index": index,
        "labels": [index],
        "name": "leg",
        "merged": [],
        "caption_name": "leg",
        "caption_short": "A leg.",
        "caption_long": "A wooden leg.",
        "box_min": [-1.0, -1.0, -1.0],
        "box_max": [0.0, 0.0, 0.0],
        "center": [-0.5, -0.5, -0.5],
        "scale": 0.5,
        "area": 0.5,
        "level": 1,
        "face_count": 12,
        "watertight": True,
        **changes,
    }


def make_record(uid: str = "obj0", *, parts: int = 2, **changes: Any) -> dict[str, Any]:
    """The json of a sample as it lies in its shard."""
    return {
        "format": 2,
        "uid": uid,
        "split": "train",
        "family": uid,
        "name": f"the {uid}",
        "source": "made",
        "licence": "CC-BY-4.0",
        "attribution": f"maker of {uid}",
        "creator": f"maker of {uid}",
        "creator_url": "",
        "link": "",
        "location": f"made:{uid}",
        "geometry_hash": "00",
        "made_by": {"parts": "auto", "captioner": "template", "renderer": "raster"},
        "captions": {"name": uid, "short": f"A {uid}.", "long": f"A {uid}, long.", "model": ""},
        "parts": [make_part(index) for index in range(parts)],
        "part_count": parts,
        "dropped_parts": [],
        "cameras": {},
        "field": None,
        **changes,
    }


def make_sample(
    uid: str = "obj0", members: Mapping[str, bytes] = {}, **changes: Any
) -> dict[str, bytes]:
    """The members of a sample; pictures and points are any bytes."""
    content = {"points.npz": f"points of {uid}".encode(), "object.00.webp": b"view"}
    record = json.dumps(make_record(uid, **changes), sort_keys=True).encode()
    return {"json": record, **content, **members}


def write_shards(
    folder: Path, samples: Samples, *, per_shard: int = 2, settings: Mapping[str, Any] | None = None
) -> Path:
    """Write tars, index, attributions and card of samples; returns the folder."""
    folder.mkdir(parents=True)
    records = {key: json.loads(members["json"]) for key, members in samples.items()}
    rows, files = [], []
    for split in sorted({record["split"] for record in records.values()}):
        keys = sorted(key for key in samples if records[key]["split"] == split)
        for number, start in enumerate(range(0, len(keys), per_shard)):
            name = f"{split}-{number:06d}.tar"
            chosen = {key: samples[key] for key in keys[start : start + per_shard]}
            files.append(_write_shard(folder, name, chosen, rows=rows, records=records))
    _write_table(folder / "index.parquet", rows)
    _write_table(
        folder / "ATTRIBUTION.parquet",
        [{name: str(records[key][name]) for name in _COLUMNS} for key in sorted(records)],
    )
    files += [_file(folder, name) for name in ("index.parquet", "ATTRIBUTION.parquet")]
    card = Card(name="made", version=3, settings=settings or {"preset": "copart"})
    for key in sorted(records):
        card.add(records[key])
    for name, data in card_files(card, files=files, url="", published=""):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    return folder


def _write_shard(
    folder: Path,
    name: str,
    samples: Samples,
    *,
    rows: list[dict[str, Any]],
    records: dict[str, Any],
) -> DataFile:
    content = {
        f"{key}.{member}": data
        for key, members in samples.items()
        for member, data in members.items()
    }
    data = tar.pack(content)
    (folder / name).write_bytes(data)
    file = _file(folder, name)
    for member in tar.members(data):
        key, _, rest = member.name.partition(".")
        body = samples[key][rest]
        rows.append(
            {
                "split": records[key]["split"],
                "shard": name,
                "shard_sha256": file.sha256,
                "shard_size": file.size,
                "key": key,
                "family": records[key]["family"],
                "parts": len(records[key]["parts"]),
                "member": rest,
                "offset": member.offset,
                "size": member.size,
                "crc32": zlib.crc32(body),
                "sha256": hashlib.sha256(body).hexdigest(),
            }
        )
    return file


def _file(folder: Path, name: str) -> DataFile:
    data = (folder / name).read_bytes()
    return DataFile(name=name, sha256=hashlib.sha256(data).hexdigest(), size=len(data))


def _write_table(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), buffer)
    path.write_bytes(buffer.getvalue())
