"""Who made an object and what may be done with it, from the source's record to the training set."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest

from ingest.config import IngestConfig
from ingest.sources import open_source
from ingest.stage import Ingest
from partworks import layout
from partworks.artifacts.captions import Captions
from partworks.artifacts.parts import Parts
from partworks.geometry.glb import read_glb
from partworks.geometry.submesh import write_parts_glb
from partworks.records import Item, SourceRecord
from partworks.store import Store
from shards.reader import ShardIndex
from shards.stage import Shards
from tests.partverse.made_root import captions_of
from tests.shards.made import SMALL, make_renders, pack_objects

TOLD = {
    "licence": "CC-BY-4.0",
    "attribution": "Chair by Ada",
    "creator": "ada",
    "creator_url": "https://example.org/ada",
    "link": "https://example.org/chair",
}
LISTS = {"categories": ("chair", "furniture"), "tags": ("oak",)}


@pytest.fixture(scope="module")
def record() -> SourceRecord:
    (sample,) = (each for each in open_source("samples").records() if each.location == "mug")
    return replace(sample, **TOLD, **LISTS)


@pytest.fixture(scope="module")
def store(record: SourceRecord, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The object with its parts and captions, in shards."""
    store, uid = Store(str(tmp_path_factory.mktemp("root"))), record.uid
    brought = Ingest(IngestConfig(), store=store).process(Item(uid=uid, record=record))
    store.write_all(brought.files.items())
    mesh = read_glb(store.read(layout.object_glb(uid)))
    parts = Parts.from_bytes(store.read(layout.truth(uid)))
    captions: Captions = captions_of("mug", parts)
    glb = write_parts_glb(mesh, parts.face_labels, parts.part_names)
    files = {
        layout.parts(uid): parts.to_bytes(),
        layout.parts_glb(uid): glb,
        layout.captions(uid): captions.to_bytes(),
        layout.renders(uid): make_renders(parts.count),
    }
    store.write_all(files.items())
    done = pack_objects(store, [uid])
    store.write_all(
        (path, data) for path, data in Shards(SMALL, store=store).finish(done) if data is not None
    )
    return store


@pytest.mark.parametrize("path", [layout.object_glb, layout.parts_glb])
def test_object_and_parts_say_it(store: Store, record: SourceRecord, path: object) -> None:
    assert callable(path)
    extras = read_glb(store.read(path(record.uid))).extras
    assert {name: extras[name] for name in TOLD} == TOLD
    assert {name: tuple(extras[name]) for name in LISTS} == LISTS


def test_the_sample_says_it(store: Store, record: SourceRecord) -> None:
    index = ShardIndex(f"{store.url}/shards")
    sample = json.loads(index.read(record.uid, ["json"])["json"])
    assert {name: sample[name] for name in TOLD} == TOLD
    assert {name: tuple(sample[name]) for name in LISTS} == LISTS


def test_tables_and_card_say_it(store: Store) -> None:
    (row,) = pq.read_table(io.BytesIO(store.read("shards/ATTRIBUTION.parquet"))).to_pylist()
    assert {name: row[name] for name in TOLD} == TOLD
    assert json.loads(store.read("shards/statistics.json"))["categories"] == {
        "chair": 1, "furniture": 1,
    }  # fmt: skip
    described = json.loads(store.read("shards/croissant.json"))
    fields = {field["@id"] for each in described["recordSet"] for field in each["field"]}
    assert {f"{table}/{name}" for table in ("samples", "attribution") for name in TOLD} <= fields


def test_a_label_array_keeps_its_object(store: Store, record: SourceRecord) -> None:
    parts = Parts.from_bytes(store.read(layout.parts(record.uid)))
    mesh = read_glb(store.read(layout.object_glb(record.uid)))
    assert parts.geometry_hash == mesh.geometry_hash and np.ptp(parts.face_labels) > 0
