"""`dataset.json`: what a root says of itself; it holds no time, so equal runs leave equal bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from partworks import layout
from partworks.errors import UsageError
from partworks.records import Output
from partworks.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSummary:
    """What the last full enumeration of a source found.

    Attributes:
        spec: the SOURCE of the command line.
        records: assets with a uid of their own.
        duplicates: assets whose bytes equal an earlier one's.
        ignored: file ending -> files that are no 3D assets.
    """

    spec: str
    records: int = 0
    duplicates: int = 0
    ignored: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRecord:
    """A stage as it was last run: its version, the settings in full, and its fingerprint.

    `outputs` are the files that belong to the data set as a whole, and `made_of` the SHA-256 over
    the rows that they were made of.
    """

    version: int
    settings: Mapping[str, Any]
    fingerprint: str
    outputs: tuple[Output, ...] = ()
    made_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """The content of `dataset.json`."""

    seed: int = 0
    licence_policy: str = "as `licences` and `unknown_licence` in the settings of ingest say"
    source: SourceSummary | None = None
    stages: Mapping[str, StageRecord] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """UTF-8 JSON with sorted keys."""
        table = {"format": layout.FORMAT, **asdict(self)}
        return (json.dumps(table, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Dataset:
        """The inverse of `to_bytes`; UsageError for another format version."""
        table = json.loads(data)
        found = table.pop("format", None)
        if found != layout.FORMAT:
            raise UsageError(
                f"dataset.json has format {found!r}; this version of Partworks reads format "
                f"{layout.FORMAT}"
            )
        source = table["source"]
        table["source"] = SourceSummary(**source) if source else None
        table["stages"] = {name: _stage(row) for name, row in table["stages"].items()}
        return cls(**table)

    @property
    def marks(self) -> dict[str, str]:
        """Stage -> fingerprint, as last run."""
        return {name: record.fingerprint for name, record in self.stages.items()}

    @property
    def settings(self) -> dict[str, Mapping[str, Any]]:
        """Stage -> settings, as last run."""
        return {name: record.settings for name, record in self.stages.items()}


def _stage(row: dict[str, Any]) -> StageRecord:
    outputs: Sequence[Any] = row.pop("outputs")
    return StageRecord(outputs=tuple(Output(**output) for output in outputs), **row)


def load(store: Store) -> Dataset | None:
    """The root's `dataset.json`, or None where nothing has run yet."""
    if not store.exists(layout.DATASET):
        return None
    return Dataset.from_bytes(store.read(layout.DATASET))


def require(store: Store) -> Dataset:
    """The root's `dataset.json`; UsageError where there is none."""
    found = load(store)
    if found is None:
        raise UsageError(
            f"{store.url} is no dataset root: it has no dataset.json; "
            f"`partworks run --root {store.url} --source samples` makes one"
        )
    return found


def save(store: Store, dataset: Dataset) -> None:
    """Write `dataset.json`."""
    store.write(layout.DATASET, dataset.to_bytes())
