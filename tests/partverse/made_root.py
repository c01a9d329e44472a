"""A root with parts and captions done, made without the engine: samples with their true parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.config import IngestConfig
from ingest.sources import open_source
from ingest.stage import Ingest
from partworks import dataset, layout, plan
from partworks.artifacts.captions import Caption, Captions
from partworks.artifacts.parts import Parts
from partworks.config import as_tree, default_settings
from partworks.dataset import Dataset, SourceSummary, StageRecord
from partworks.geometry.glb import read_glb
from partworks.geometry.submesh import write_parts_glb
from partworks.ledger import Ledger
from partworks.records import Attempt, Item, SourceRecord
from partworks.stages import STAGES
from partworks.store import Store

STAGES_DONE = ("ingest", "segment", "annotate", "render", "caption")


def sample_records(names: Sequence[str]) -> list[SourceRecord]:
    found = [record for record in open_source("samples").records() if record.location in names]
    assert len(found) == len(names)
    return found


def make_root(store: Store, names: Sequence[str], *, captioned: bool = True) -> Dataset:
    """Ingest some samples, take their true parts for reviewed ones, and caption them by hand."""
    settings = default_settings()
    marks = plan.fingerprints(settings.configs, seed=0)
    stages = STAGES_DONE if captioned else STAGES_DONE[:3]
    records = sample_records(names)
    rows: dict[str, list[Attempt]] = {stage: [] for stage in stages}
    for record in records:
        files = made_files(store, record, captioned=captioned)
        for at, stage in enumerate(stages):
            outputs = store.write_all(sorted(files.get(stage, {}).items()))
            row = Attempt(uid=record.uid, stage=stage, status="ok", fingerprint=marks[stage])
            rows[stage].append(replace(row, finished_at=float(at), outputs=outputs))
    for stage, attempts in rows.items():
        with Ledger(store).writer(stage) as writer:
            for row in attempts:
                writer.append(row)
    made = Dataset(
        source=SourceSummary(spec="samples", records=len(records)),
        stages={
            stage: StageRecord(
                version=STAGES[stage].stage_class().version,
                settings=as_tree(settings.configs[stage]),
                fingerprint=marks[stage],
            )
            for stage in stages
        },
    )
    dataset.save(store, made)
    return made


def made_files(
    store: Store, record: SourceRecord, *, captioned: bool
) -> dict[str, dict[str, bytes]]:
    """What each stage leaves of one object."""
    uid = record.uid
    brought = Ingest(IngestConfig(), store=store).process(Item(uid=uid, record=record))
    assert brought.status == "ok", brought.message
    mesh = read_glb(brought.files[layout.object_glb(uid)])
    true = Parts.from_bytes(brought.files[layout.truth(uid)])
    parts = replace(true, source="ada, bob")
    whole_parts = write_parts_glb(mesh, parts.face_labels, parts.part_names)
    files = {
        "ingest": dict(brought.files),
        "annotate": {layout.parts(uid): parts.to_bytes(), layout.parts_glb(uid): whole_parts},
    }
    if captioned:
        files["caption"] = {layout.captions(uid): captions_of(record.name, parts).to_bytes()}
    return files


def captions_of(name: str, parts: Parts) -> Captions:
    texts = tuple(
        Caption(
            name=part,
            short=f"A {part}, number {number}.",
            long=f"A {part} of a {name}; „{number}“.",
            source="template",
        )
        for number, part in enumerate(parts.part_names)
    )
    whole = Caption(name=name, short=f"A {name}.", long=f"A whole {name}.", source="template")
    return Captions(
        captioner="template",
        model="",
        prompt_hash="ab" * 32,
        tokens=0,
        cost=0.0,
        whole=whole,
        parts=texts,
        variants=(f"One {name}.",),
    )
