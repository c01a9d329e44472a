"""The training set out of its samples: shards, index, attributions, card.

One shard is in memory at a time, and of the rest only tables and what the card counts. A shard that
is there already, made from the same samples, is neither written nor read again; its manifest speaks
for it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterator, Sequence
from typing import Any

import pyarrow as pa

from partworks import dataset, layout
from partworks.config import as_tree
from partworks.dataset import Dataset
from partworks.records import Attempt, Output
from partworks.store import Store
from shards.card import Card, card_files
from shards.config import ShardsConfig
from shards.croissant import DataFile
from shards.index import INDEX, IndexWriter, earlier_splits
from shards.manifest import Manifest
from shards.packing import pack_shard
from shards.parquet import to_parquet
from shards.plan import ShardPlan, Source, plan_shards
from shards.shelf import FOLDER, Shelf

_ATTRIBUTION_NAMES = (
    "uid", "name", "licence", "attribution", "creator", "creator_url", "link", "source",
    "location", "split",
)  # fmt: skip
ATTRIBUTION_SCHEMA = pa.schema([(name, pa.string()) for name in _ATTRIBUTION_NAMES])
"""A row per object."""

File = tuple[str, bytes | None]
"""A path below the root and its content, None for what stays as it is."""


def build_dataset(
    done: Sequence[Attempt], *, store: Store, config: ShardsConfig, version: int
) -> Iterator[File]:
    """Yield (path, content) of everything in `shards/`, the shards first.

    A shard's manifest follows it, and where there was one it is emptied before: whatever ends the
    run in between, a manifest that can be read tells of a shard that is whole.

    Args:
        done: the latest ok attempts of the stage.
        version: the stage's, for the card.
    """
    shelf = Shelf(store)
    plans = plan_shards(
        [_source(attempt, shelf) for attempt in done],
        earlier=earlier_splits(store, f"{FOLDER}/{INDEX}", shares=config.shares),
        shares=config.shares,
        target=max(1, int(config.shard_mb * 1e6)),
    )
    summary = _Summary(config, store=store, version=version)
    for plan in plans:
        manifest = shelf.find(plan)
        if manifest is None:
            manifest = yield from _write(plan, shelf=shelf, store=store)
        else:
            yield from ((path, None) for path in shelf.paths(plan.name))
        summary.add(plan, manifest)
    yield from summary.files()


def _source(attempt: Attempt, shelf: Shelf) -> Source:
    path = layout.sample(attempt.uid)
    output: Output = next(each for each in attempt.outputs if each.path == path)
    facts = shelf.family_facts(attempt.uid, sample_sha256=output.sha256)
    return Source(sha256=output.sha256, size=output.size, facts=facts)


def _write(plan: ShardPlan, *, shelf: Shelf, store: Store) -> Generator[File, None, Manifest]:
    """Yield the files of a shard and return its manifest."""
    shard, beside = shelf.paths(plan.name)
    if shelf.has(beside):
        yield beside, b""
    data, manifest = pack_shard(plan.entries, store=store)
    yield shard, data
    yield beside, manifest.to_bytes()
    return manifest


class _Summary:
    """What is said of all shards together."""

    def __init__(self, config: ShardsConfig, *, store: Store, version: int) -> None:
        self._config = config
        self._card = Card(
            name=config.name, version=version, settings=as_tree(config), stages=_stages(store)
        )
        self._index = IndexWriter(config.shares)
        self._attributions = [ATTRIBUTION_SCHEMA.empty_table()]
        self._shards: list[DataFile] = []

    def add(self, plan: ShardPlan, manifest: Manifest) -> None:
        """Count a shard in."""
        self._shards.append(DataFile(name=plan.name, sha256=manifest.sha256, size=manifest.size))
        self._index.add(plan.name, manifest)
        records: list[dict[str, Any]] = [json.loads(each.record) for each in manifest.samples]
        self._attributions.append(pa.Table.from_pylist(records, ATTRIBUTION_SCHEMA))
        for record in records:
            self._card.add(record)

    def files(self) -> Iterator[tuple[str, bytes]]:
        """The tables and the card."""
        attributions = to_parquet(pa.concat_tables(self._attributions))
        tables = {INDEX: self._index.to_bytes(), "ATTRIBUTION.parquet": attributions}
        yield from ((f"{FOLDER}/{name}", data) for name, data in tables.items())
        files = [*self._shards, *(_data_file(name, data) for name, data in tables.items())]
        config = self._config
        for name, data in card_files(
            self._card, files=files, url=config.url, published=config.published
        ):
            yield f"{FOLDER}/{name}", data


def _stages(store: Store) -> dict[str, dict[str, Any]]:
    """Version and settings of every stage as it was last run, for the card."""
    known = dataset.load(store) or Dataset()
    return {
        name: {"version": record.version, "settings": record.settings}
        for name, record in known.stages.items()
    }


def _data_file(name: str, data: bytes) -> DataFile:
    return DataFile(name=name, sha256=hashlib.sha256(data).hexdigest(), size=len(data))
