"""The shared assets as the render stage meets them: ingested, in the object frame."""

from __future__ import annotations

from functools import cache
from tempfile import gettempdir

from ingest.config import IngestConfig
from ingest.stage import Ingest
from partworks import layout
from partworks.geometry.glb import read_glb
from partworks.geometry.mesh import Mesh
from partworks.records import SourceRecord
from partworks.store import Store
from tests.ingest.running import folder_records, run
from tests.shared_assets import SHARED

FOLDER = "assets/dev"


@cache
def real_records() -> dict[str, SourceRecord]:
    """Name -> record of every development asset; none where the shared assets are absent."""
    if SHARED is None:
        return {}
    return {record.name: record for record in folder_records(SHARED / FOLDER)}


def real_object(name: str) -> Mesh:
    """An asset after ingest; nothing is written."""
    record = real_records()[name]
    outcome = run(Ingest(IngestConfig(), store=Store(gettempdir())), record)
    assert outcome.status == "ok", f"{name}: {outcome.reason} {outcome.message}"
    return read_glb(outcome.files[layout.object_glb(record.uid)])
