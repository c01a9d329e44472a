"""Run the stage on files of a folder, without the engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.sources import open_source
from ingest.stage import Ingest
from partworks.records import Item, Outcome, SourceRecord


def folder_records(folder: Path) -> Iterator[SourceRecord]:
    yield from open_source(f"folder:{folder}").records()


def only(folder: Path) -> SourceRecord:
    (record,) = folder_records(folder)
    return record


def run(stage: Ingest, record: SourceRecord) -> Outcome:
    return stage.process(Item(uid=record.uid, record=record))
