"""What is said of all shards of latents together: index, statistics, README."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from shards.reader.writing import INDEX_SCHEMA, to_parquet
from train.encode.config import IMAGES, LATENTS, TEXTS
from train.encode.image_codecs import PIXELS
from train.encode.manifest import Manifest
from train.encode.moments import Moments, total
from train.encode.plan import INDEX, ShardPlan
from train.encode.text_encoders import WORDS

COPIED = "ATTRIBUTION.parquet"
STATISTICS = "statistics.json"
README = "README.md"

Written = Sequence[tuple[ShardPlan, Manifest]]


def summary_files(
    written: Written, *, identity: Mapping[str, Any], source: str
) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of the files beside the shards, the index last.

    Args:
        written: every shard, in the order of the index.
        identity: what the latents were made by and how.
        source: URL of the folder of the training set.
    """
    attribution = _read(f"{source}/{COPIED}")
    if attribution is not None:
        yield COPIED, attribution
    statistics = _statistics(written)
    tree = {"format": 1, "splits": statistics, "made_by": dict(identity)}
    yield STATISTICS, _pretty(tree)
    yield README, _readme(statistics, identity).encode()
    yield INDEX, _index(written, source)


def _index(written: Written, source: str) -> bytes:
    rows = [
        {
            **row,
            "shard": plan.shard,
            "shard_sha256": manifest.sha256,
            "shard_size": manifest.size,
        }
        for plan, manifest in written
        for row in manifest.rows
    ]
    table = pa.Table.from_pylist(rows, INDEX_SCHEMA)
    # The shares that the splits were drawn by.
    content = _read(f"{source}/{INDEX}")
    assert content is not None
    known = pq.read_schema(io.BytesIO(content)).metadata or {}
    kept = {name: value for name, value in known.items() if name.startswith(b"partworks.")}
    return to_parquet(table.replace_schema_metadata(kept or None))


def _statistics(written: Written) -> dict[str, Any]:
    """Split -> objects, parts, and each array's moments."""
    splits: dict[str, Any] = {}
    for split in sorted({plan.split for plan, _ in written}):
        shards = [manifest for plan, manifest in written if plan.split == split]
        counts = {row["key"]: row["parts"] for manifest in shards for row in manifest.rows}
        moments: dict[str, Moments] = total([manifest.moments for manifest in shards])
        splits[split] = {
            "objects": len(counts),
            "parts": sum(counts.values()),
            **{name: each.summary() for name, each in sorted(moments.items())},
        }
    return splits


def _readme(statistics: Mapping[str, Any], identity: Mapping[str, Any]) -> str:
    settings, checkpoint = identity["settings"], identity["checkpoint"]
    weights = "as configured, no checkpoint"
    if checkpoint:
        weights = f"{checkpoint['weights']} of {checkpoint['name']}, SHA-256 {checkpoint['sha256']}"
    lines = [
        "# Latents",
        "",
        "Latents of the parts, wholes and boxes of a training set, made by `python -m train "
        "encode`. Keys, splits, shards and the order of samples are those of the training set; "
        "`shards.reader.ShardIndex` reads this folder.",
        "",
        f"- weights: {weights}",
        f"- SHA-256 of the network's weights alone: {identity['weights_sha256']}",
        f"- network: {identity['variant']}, {identity['network']['latent_dim']} channels",
        f"- latents: {settings['latent']} of the posterior, {settings['dtype']}, seed "
        f"{settings['seed']}",
        f"- frame of parts: {identity['frame']['part']}; of wholes and boxes: object",
        "",
        f"A sample has `json`, the training set's own with an entry `latents`, and `{LATENTS}`:",
        "`part_latent` [P, T, D], `object_latent` [T, D], `box_latent` [P, T, D], and with the "
        "ending `_token_points` [P, T, 3] or [T, 3] the points that the tokens started at.",
        *_told(identity),
        "",
        "| split | objects | parts | latents | tokens | mean | std |",
        "| --- | ---: | ---: | --- | ---: | ---: | ---: |",
    ]
    for split, found in statistics.items():
        for name in (name for name in found if name.endswith("_latent")):
            mean, std = (_average(found[name][each]) for each in ("mean", "std"))
            cells = (split, found["objects"], found["parts"], name, found[name]["tokens"])
            lines.append(f"| {' | '.join(map(str, cells))} | {mean:.4f} | {std:.4f} |")
    lines += ["", f"Means and deviations by channel are in `{STATISTICS}`.", ""]
    return "\n".join(lines)


def _told(identity: Mapping[str, Any]) -> list[str]:
    """Lines about members that not all latents have."""
    lines = []
    if codec := identity.get("image_codec"):
        lines.append(
            f"`{IMAGES}`: `part_image_latent` [P, V, 4, h, w], `object_image_latent` and "
            "`hint_image_latent` (wireframes of the boxes) [V, 4, h, w], and which are known, by "
            f"{codec['name']}"
            + (", coarse pixels without weights." if codec["name"] == PIXELS else ".")
        )
    if encoder := identity.get("text_encoder"):
        lines.append(
            f"`{TEXTS}`: `features` [sum of L, E] and `lengths` [P + 2] of the captions of parts, "
            f"of the whole and of the empty text, by {encoder['name']}"
            + (", vectors of words without weights." if encoder["name"] == WORDS else ".")
        )
    return lines


def _average(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _pretty(tree: Mapping[str, Any]) -> bytes:
    text = json.dumps(tree, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


def _read(path: str) -> bytes | None:
    try:
        with fsspec.open(path, "rb") as stream:
            content: bytes = stream.read()
    except FileNotFoundError:
        return None
    return content
