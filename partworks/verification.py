"""Every checksum, hash and cross-reference of a root."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from partworks import layout
from partworks.artifacts.captions import Captions
from partworks.artifacts.parts import Parts
from partworks.artifacts.renders import Renders
from partworks.artifacts.segments import Segments
from partworks.dataset import Dataset
from partworks.geometry.glb import read_glb
from partworks.ledger import Ledger
from partworks.records import Attempt, Output
from partworks.stages import STAGES
from partworks.store import Store

_THREADS = 8
_UNACCOUNTED = ("ledger/", "review/", "report/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """Something that does not hold.

    Attributes:
        kind: `missing`, `checksum`, `unreadable`, `geometry_hash`, `cross_reference` or `orphan`.
        path: the file.
        message: what was expected and what was found.
    """

    kind: str
    path: str
    message: str


def verify(store: Store, dataset: Dataset) -> Iterator[Breach]:
    """Yield every breach of a root."""
    ledger = Ledger(store)
    attempts = {name: ledger.attempts(name) for name in STAGES}
    outputs = [output for rows in attempts.values() for row in rows for output in row.outputs]
    outputs += [output for record in dataset.stages.values() for output in record.outputs]
    with ThreadPoolExecutor(_THREADS) as pool:
        for breaches in pool.map(lambda output: _check_output(store, output), outputs):
            yield from breaches
        current = _current(attempts, dataset.marks)
        for breaches in pool.map(lambda pair: _check_object(store, *pair), current.items()):
            yield from breaches
    yield from _orphans(store, {output.path for output in outputs})


def _check_output(store: Store, output: Output) -> list[Breach]:
    try:
        data = store.read(output.path)
    except FileNotFoundError:
        return [_breach("missing", output.path, "the ledger lists it, and it is not there")]
    found = hashlib.sha256(data).hexdigest()
    if found != output.sha256:
        message = (
            f"expected {output.size} bytes with sha256 {output.sha256[:16]}…, "
            f"found {len(data)} bytes with {found[:16]}…"
        )
        return [_breach("checksum", output.path, message)]
    return []


def _current(
    attempts: Mapping[str, Iterable[Attempt]], marks: Mapping[str, str]
) -> dict[str, set[str]]:
    """uid -> the stages whose row of it is ok and current; stale files may well disagree."""
    found: dict[str, set[str]] = {}
    for name, rows in attempts.items():
        for row in rows:
            if row.status == "ok" and row.fingerprint == marks.get(name):
                found.setdefault(row.uid, set()).add(name)
    return found


def _check_object(store: Store, uid: str, stages: set[str]) -> list[Breach]:
    """What the files of one object say of one another."""
    path = layout.object_glb(uid)
    if "ingest" not in stages:
        return []
    try:
        mesh = read_glb(store.read(path))
        expected = (mesh.geometry_hash, mesh.face_count)
        breaches: list[Breach] = []
        if "segment" in stages:
            path = layout.segments(uid)
            segments = Segments.from_bytes(store.read(path))
            breaches += _labels(path, expected, segments.geometry_hash, len(segments.face_labels))
        if "annotate" in stages:
            path = layout.parts(uid)
            parts = Parts.from_bytes(store.read(path))
            breaches += _labels(path, expected, parts.geometry_hash, len(parts.face_labels))
            for name, path, count in _part_counts(store, uid, stages):
                if count != parts.count:
                    message = f"{name} has {count} parts, {layout.parts(uid)} has {parts.count}"
                    breaches.append(_breach("cross_reference", path, message))
    except FileNotFoundError:
        return []  # reported as missing already
    except Exception as error:  # noqa: BLE001  whatever a reader says of a damaged file
        return [_breach("unreadable", path, f"{type(error).__name__}: {error}")]
    return breaches


def _part_counts(store: Store, uid: str, stages: set[str]) -> Iterator[tuple[str, str, int]]:
    if "render" in stages:
        path = layout.renders(uid)
        yield "renders", path, len(Renders(store.read(path)).overlap)
    if "caption" in stages:
        path = layout.captions(uid)
        yield "captions", path, len(Captions.from_bytes(store.read(path)).parts)


def _labels(path: str, expected: tuple[str, int], found: str, count: int) -> list[Breach]:
    if found != expected[0]:
        message = f"made for geometry {found[:12]}, the object has {expected[0][:12]}"
        return [_breach("geometry_hash", path, message)]
    if count != expected[1]:
        message = f"{count} labels for {expected[1]} faces"
        return [_breach("cross_reference", path, message)]
    return []


def _orphans(store: Store, accounted: set[str]) -> Iterator[Breach]:
    for path in store.list(""):
        if path == layout.DATASET or path.startswith(_UNACCOUNTED) or path in accounted:
            continue
        yield _breach("orphan", path, "no row of the ledger accounts for it; it may be deleted")


def _breach(kind: str, path: str, message: str) -> Breach:
    return Breach(kind=kind, path=path, message=message)
