"""Objects with parts, made by the pipeline's own stages, for measurements."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace

import numpy as np

from annotate.config import AnnotateConfig
from annotate.stage import Annotate
from ingest.config import IngestConfig
from ingest.sources import open_source
from ingest.stage import Ingest
from partworks import layout
from partworks.artifacts.parts import Parts
from partworks.geometry.glb import read_glb
from partworks.geometry.mesh import Mesh
from partworks.records import Item, Outcome, SourceRecord
from partworks.store import Store
from segment.config import SegmentConfig
from segment.stage import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class PartedObject:
    """An ingested object and its parts, as `annotate` accepts them without a reviewer."""

    name: str
    mesh: Mesh
    parts: Parts


def parted_objects(source: str, *, objects: int, parts: int) -> list[PartedObject]:
    """Every k-th object of a source, `objects` in all, with the `parts` parts of the most faces.

    Faces of further parts stay in the object as faces of no part.
    """
    records = list(open_source(source).records())
    chosen = [records[number * len(records) // objects] for number in range(objects)]
    return [_parted(record, parts) for record in chosen]


def _parted(record: SourceRecord, parts: int) -> PartedObject:
    with tempfile.TemporaryDirectory() as root:
        store = Store(root)
        item = Item(uid=record.uid, record=record)
        _keep(store, Ingest(IngestConfig(), store=store).process(item))
        _keep(store, Segment(SegmentConfig(), store=store).process(item))
        _keep(store, Annotate(AnnotateConfig(), store=store).process(item))
        mesh = read_glb(store.read(layout.object_glb(item.uid)))
        found = Parts.from_bytes(store.read(layout.parts(item.uid)))
    return PartedObject(name=record.name, mesh=mesh, parts=_largest(found, parts))


def _keep(store: Store, outcome: Outcome) -> None:
    if outcome.status != "ok":
        raise SystemExit(f"an object is not fit for a measurement: {outcome.message}")
    for path, data in outcome.files.items():
        store.write(path, data)


def _largest(parts: Parts, count: int) -> Parts:
    """The parts with the most faces, renumbered from 0."""
    faces = np.bincount(parts.face_labels[parts.face_labels >= 0], minlength=parts.count)
    kept = np.argsort(-faces, kind="stable")[:count]
    new_label = np.full(parts.count + 1, -1, np.int32)
    new_label[kept] = np.arange(len(kept))
    return replace(
        parts,
        face_labels=new_label[parts.face_labels],
        part_names=tuple(parts.part_names[index] for index in kept),
    )
