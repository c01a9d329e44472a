"""What travels between stages and what the ledger keeps, with its Arrow schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import pyarrow as pa

Status = Literal["ok", "failed", "rejected"]

UID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def check_uid(uid: str) -> str:
    """Return `uid` if it may name files and shard keys, else raise ValueError."""
    if not UID.fullmatch(uid):
        raise ValueError(f"uid {uid!r} must match [A-Za-z0-9_-]{{1,64}}")
    return uid


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """One asset of a source, before anything of it has been fetched or decoded.

    Attributes:
        uid: the object's id for ever after.
        location: where `Source.fetch` finds it: a path, a URL, a sample's name.
        ext: file ending of the source bytes, lower case, without the dot: `glb`, `zip`.
        name: what people call it.
        licence: an SPDX id such as `CC-BY-4.0`, a `LicenseRef-…`, or `unknown`.
        attribution: who made it, as the licence wants it quoted.
        source: the kind of source: `samples`, `folder`, `objaverse`.
        creator: whose work it is.
        creator_url: the creator's page.
        link: the asset's page.
        sha256: of the source bytes, in hex, as the source states it; empty where it does not.
        size: of the source bytes, as the source states it; 0 where it does not.
        categories: what the source counts it among, sorted.
        tags: words that people have given it, sorted.
        metadata: whatever else the source says, JSON values only.
    """

    uid: str
    location: str
    ext: str
    name: str = ""
    licence: str = "unknown"
    attribution: str = ""
    source: str = ""
    creator: str = ""
    creator_url: str = ""
    link: str = ""
    sha256: str = ""
    size: int = 0
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_uid(self.uid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One unit of a stage's work.

    Attributes:
        uid: the object.
        record: where it comes from; only the first stage has it.
        outside: digest of what enters from outside the pipeline; see `partworks.outside`.
    """

    uid: str
    record: SourceRecord | None = None
    outside: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A file that an attempt left in the root: path relative to the root, sha256 in hex, bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What `Stage.process` says of one object.

    Attributes:
        files: path relative to the root -> content; the engine writes them atomically. Only an
            `ok` outcome has files, save for ingest, which keeps the source bytes of a rejected one.
        metrics: numbers and words worth counting: faces, views, `captioner: template`.
        cost: money spent, in US dollars.
    """

    status: Status
    reason: str = ""
    message: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    metrics: Mapping[str, float | int | str] = field(default_factory=dict)
    cost: float = 0.0

    @classmethod
    def ok(
        cls,
        files: Mapping[str, bytes],
        *,
        metrics: Mapping[str, float | int | str] | None = None,
        cost: float = 0.0,
    ) -> Outcome:
        """All well: `files` are what the object leaves in the root."""
        return cls(status="ok", files=files, metrics=metrics or {}, cost=cost)

    @classmethod
    def rejected(
        cls,
        reason: str,
        message: str,
        *,
        files: Mapping[str, bytes] | None = None,
        metrics: Mapping[str, float | int | str] | None = None,
    ) -> Outcome:
        """A rule says no; raising `errors.Rejected` does the same without files."""
        return cls(
            status="rejected",
            reason=reason,
            message=message,
            files=files or {},
            metrics=metrics or {},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A row of the ledger: one attempt at one object by one stage.

    Attributes:
        fingerprint: what the stage, its config and all before it were; see `partworks.plan`.
        message: for people; the error text in full.
        stderr: the tail of what the worker wrote to its error stream, for failures.
        finished_at: seconds since the epoch; orders the attempts of an object.
        seconds: wall time.
        peak_memory: bytes of resident memory at the most.
        tools: name -> version of what made the output.
    """

    uid: str
    stage: str
    status: Status
    fingerprint: str
    reason: str = ""
    message: str = ""
    stderr: str = ""
    finished_at: float = 0.0
    seconds: float = 0.0
    peak_memory: int = 0
    cost: float = 0.0
    outputs: tuple[Output, ...] = ()
    metrics: Mapping[str, float | int | str] = field(default_factory=dict)
    tools: Mapping[str, str] = field(default_factory=dict)

    def to_row(self) -> dict[str, Any]:
        """The attempt as `LEDGER_SCHEMA` holds it."""
        row = {name: getattr(self, name) for name in LEDGER_SCHEMA.names}
        row["outputs"] = [asdict(output) for output in self.outputs]
        row["metrics"] = [(k, json_scalar(v)) for k, v in sorted(self.metrics.items())]
        row["tools"] = sorted(self.tools.items())
        return row

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Attempt:
        """The inverse of `to_row`."""
        values = dict(row)
        values["outputs"] = tuple(Output(**output) for output in row["outputs"] or ())
        values["metrics"] = {k: parse_scalar(v) for k, v in row["metrics"] or ()}
        values["tools"] = dict(row["tools"] or ())
        return cls(**values)


def json_scalar(value: float | int | str) -> str:
    """A metric as the ledger's text: numbers as repr, so that they come back as they were."""
    return value if isinstance(value, str) else repr(value)


def parse_scalar(text: str) -> float | int | str:
    """The inverse of `json_scalar` for numbers; any other text stays text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


LEDGER_SCHEMA = pa.schema(
    [
        ("uid", pa.string()),
        ("stage", pa.string()),
        ("status", pa.string()),
        ("fingerprint", pa.string()),
        ("reason", pa.string()),
        ("message", pa.string()),
        ("stderr", pa.string()),
        ("finished_at", pa.float64()),
        ("seconds", pa.float64()),
        ("peak_memory", pa.int64()),
        ("cost", pa.float64()),
        (
            "outputs",
            pa.list_(
                pa.struct([("path", pa.string()), ("sha256", pa.string()), ("size", pa.int64())])
            ),
        ),
        ("metrics", pa.map_(pa.string(), pa.string())),
        ("tools", pa.map_(pa.string(), pa.string())),
    ]
)
