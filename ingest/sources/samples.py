"""The generated objects as a source: always there, without a network or a licence to ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ingest.samples import SAMPLES, build_sample
from ingest.sources.identity import check_content, content_uid
from partworks.errors import UsageError
from partworks.geometry.glb import write_glb
from partworks.records import SourceRecord


class SampleSource:
    """The objects of `ingest.samples`, as GLBs made on the spot."""

    duplicates: Mapping[str, str] = {}
    ignored: Mapping[str, int] = {}

    def records(self) -> Iterator[SourceRecord]:
        """One record per sample, by name."""
        for name in SAMPLES:
            yield SourceRecord(
                uid=content_uid(_bytes(name)),
                location=name,
                ext="glb",
                name=name.replace("_", " "),
                licence="CC0-1.0",
                attribution="Partworks contributors",
                source="samples",
            )


def open_samples(rest: str) -> SampleSource:
    """The source `samples`, which takes no further words."""
    if rest:
        raise UsageError(f"--source samples:{rest} is not a source; samples takes no further words")
    return SampleSource()


def fetch(record: SourceRecord) -> bytes:
    """The sample's GLB."""
    return check_content(record, _bytes(record.location))


def _bytes(name: str) -> bytes:
    return write_glb(build_sample(name).mesh)
