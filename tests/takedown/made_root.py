"""A small root with every stage done, made without the engine, and what is in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from partworks import dataset, layout, plan
from partworks.config import as_tree, default_settings
from partworks.dataset import Dataset, SourceSummary, StageRecord
from partworks.finishing import finish
from partworks.geometry.glb import read_glb
from partworks.geometry.submesh import write_parts_glb
from partworks.ledger import Ledger
from partworks.records import Attempt, Output
from partworks.stages import STAGES
from partworks.store import Store
from shards.stage import Shards
from tests.annotate.shapes import by_node
from tests.shards.made import SMALL, TABLE, make_object, pack_objects, write_object

UIDS = ("aa01", "aa02", "ab03", "ba04", "ca05", "cb06")


def source_bytes(uid: str) -> bytes:
    return f"the source of {uid}".encode()


def make_root(
    store: Store, uids: Sequence[str] = UIDS, *, sources: Mapping[str, bytes] | None = None
) -> Dataset:
    """Tables that differ in size, from ingest to shards.

    Args:
        sources: uid -> source bytes, where they are not the uid's own.
    """
    configs = {**default_settings().configs, "shards": SMALL}
    marks = plan.fingerprints(configs, seed=0)
    rows: list[Attempt] = []
    for uid in sorted(uids):
        outputs = _write(store, uid, (sources or {}).get(uid, source_bytes(uid)))
        rows += [
            Attempt(
                uid=uid, stage=stage, status="ok", fingerprint=marks[stage], outputs=files,
                finished_at=float(at), metrics={"location": f"made:{uid}"},
            )
            for at, (stage, files) in enumerate(outputs.items())
        ]  # fmt: skip
    for row in pack_objects(store, uids):
        rows.append(replace(row, fingerprint=marks["shards"], finished_at=9.0))
    for stage in STAGES:
        with Ledger(store).writer(stage) as writer:
            for row in rows:
                if row.stage == stage:
                    writer.append(row)
    known = Dataset(
        source=SourceSummary(spec="folder:nowhere", records=len(uids)),
        stages={
            name: StageRecord(
                version=entry.stage_class().version,
                settings=as_tree(configs[name]),
                fingerprint=marks[name],
            )
            for name, entry in STAGES.items()
        },
    )
    dataset.save(store, known)
    done = Ledger(store).attempts("shards")
    made = finish(Shards(SMALL, store=store), done, store=store, known=known)
    store.write("report/index.html", f"<html>{' '.join(uids)}</html>".encode())
    return made


def _write(store: Store, uid: str, source: bytes) -> dict[str, tuple[Output, ...]]:
    """What the stages but the last leave of one object, by stage."""
    squeeze = 1.0 - 0.01 * int(uid, 16) % 0.5
    boxes = [
        (tuple(low), tuple(high)) for low, high in np.array(TABLE) * np.array([1.0, squeeze, 1.0])
    ]
    made = make_object(boxes, uid=uid)
    write_object(store, uid, made)
    mesh = read_glb(store.read(layout.object_glb(uid)))
    chain = [(0, 1), *((5 + at, 1 + at) for at in range(1, 5))]
    segments = by_node(mesh, [(*pair, 0.1 * at) for at, pair in enumerate(chain)])
    parts_glb = write_parts_glb(mesh, made.parts.face_labels, made.parts.part_names)
    more = {
        "ingest": {
            layout.source(uid, "glb"): source,
            layout.object_glb(uid): store.read(layout.object_glb(uid)),
            layout.given_parts(uid): made.parts.to_bytes(),
            layout.given_captions(uid): made.captions.to_bytes(),
        },
        "segment": {layout.segments(uid): segments.to_bytes()},
        "annotate": {
            layout.parts(uid): made.parts.to_bytes(),
            layout.parts_glb(uid): parts_glb,
        },
        "render": {layout.renders(uid): made.renders},
        "caption": {layout.captions(uid): _asked(uid, made.captions.to_bytes())},
    }
    store.write(layout.reply(hashlib.sha256(uid.encode()).hexdigest()), _reply(uid))
    return {stage: store.write_all(files.items()) for stage, files in more.items()}


def picture(uid: str) -> str:
    return hashlib.sha256(f"a picture of {uid}".encode()).hexdigest()


def _asked(uid: str, captions: bytes) -> bytes:
    table = json.loads(captions)
    table["whole"]["request"] = {"image": picture(uid), "prompt": "00", "model": "made"}
    return json.dumps(table).encode()


def _reply(uid: str) -> bytes:
    return json.dumps({"text": f"words about {uid}", "pictures": [picture(uid)]}).encode()


def content(store: Store) -> dict[str, bytes | pa.Table]:
    """Every file of a root by path, its ledger by stage as tables without their files' names."""
    files: dict[str, bytes | pa.Table] = {
        path: store.read(path) for path in store.list("") if not path.startswith("ledger/")
    }
    files |= {f"ledger/{stage}": Ledger(store).latest(stage) for stage in STAGES}
    return files
