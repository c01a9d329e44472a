"""Every checksum, hash and cross-reference of a root."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from partworks import layout
from partworks.artifacts.captions import Captions
from partworks.artifacts.parts import Parts
from partworks.artifacts.renders import Renders
from partworks.artifacts.segments import Segments
from partworks.dataset import Dataset
from partworks.geometry.glb import read_glb
from partworks.ledger import Ledger
from partworks.outside import Outside
from partworks.records import Attempt, Output
from partworks.stage import Breach, Examination, Stage
from partworks.stages import STAGES
from partworks.store import Store
from partworks.takedown.traces import traces

_THREADS = 8
_UNACCOUNTED = ("ledger/", "review/", "report/", "requests/")


def verify(store: Store, dataset: Dataset) -> Iterator[Breach]:
    """Yield every breach of a root."""
    ledger = Ledger(store)
    attempts = {name: ledger.attempts(name) for name in STAGES}
    outputs = [output for rows in attempts.values() for row in rows for output in row.outputs]
    with ThreadPoolExecutor(_THREADS) as pool:
        for breaches in pool.map(lambda output: _check_output(store, output), outputs):
            yield from breaches
        good = _good(attempts, dataset.marks, Outside.read(store, dataset.settings))
        for breaches in pool.map(lambda pair: _check_object(store, *pair), _rows(good).items()):
            yield from breaches
        for name, record in dataset.stages.items():
            examination = _examination(name, store, dataset, good)
            check = partial(_check_output, store, examination=examination)
            for breaches in pool.map(check, record.outputs):
                yield from breaches
            yield from examination.whole() if examination else ()
            outputs += record.outputs
    yield from traces(store, dataset)
    lists = {layout.DATASET, layout.TAKEDOWNS}
    yield from _orphans(store, {output.path for output in outputs} | lists)


def _check_output(
    store: Store, output: Output, *, examination: Examination | None = None
) -> list[Breach]:
    """Of one file; it is read once, whoever has something to say of it."""
    try:
        data = store.read(output.path)
    except FileNotFoundError:
        return [_breach("missing", output.path, "the ledger lists it, and it is not there")]
    breaches: list[Breach] = []
    found = hashlib.sha256(data).hexdigest()
    if found != output.sha256:
        message = (
            f"expected {output.size} bytes with sha256 {output.sha256[:16]}…, "
            f"found {len(data)} bytes with {found[:16]}…"
        )
        breaches.append(_breach("checksum", output.path, message))
    if examination is not None:
        breaches += examination.file(output.path, data)
    return breaches


def _examination(
    name: str, store: Store, dataset: Dataset, good: Mapping[str, Mapping[str, Attempt]]
) -> Examination | None:
    """What a stage checks of its own files."""
    entry = STAGES[name]
    stage_class = entry.stage_class()
    if stage_class.examine is Stage.examine:
        return None
    stage = stage_class(entry.config_class()(), store=store, seed=dataset.seed)
    return stage.examine(_unchanged(name, stage.needs, good))


def _unchanged(
    name: str, needs: Sequence[str], good: Mapping[str, Mapping[str, Attempt]]
) -> list[Attempt]:
    """The attempts that are ok and current, as is all that they read, and was when they read it."""
    return [
        row
        for uid, row in sorted(good[name].items())
        if all(
            uid in good[need] and good[need][uid].finished_at <= row.finished_at for need in needs
        )
    ]


def _good(
    attempts: Mapping[str, Iterable[Attempt]], marks: Mapping[str, str], outside: Outside
) -> dict[str, dict[str, Attempt]]:
    """Stage -> uid -> its row, where that is ok and current; stale files may well disagree."""
    return {
        name: {
            row.uid: row
            for row in rows
            if row.status == "ok"
            and name in marks
            and row.fingerprint == outside.expected(name, row.uid, marks[name])
        }
        for name, rows in attempts.items()
    }


def _rows(good: Mapping[str, Mapping[str, Attempt]]) -> dict[str, dict[str, Attempt]]:
    """uid -> stage -> its row, of the stages whose row of it is good."""
    found: dict[str, dict[str, Attempt]] = {}
    for name, rows in good.items():
        for uid, row in rows.items():
            found.setdefault(uid, {})[name] = row
    return found


def _check_object(store: Store, uid: str, stages: Mapping[str, Attempt]) -> list[Breach]:
    """What the files of one object say of one another."""
    path = layout.object_glb(uid)
    if "ingest" not in stages:
        return []
    try:
        mesh = read_glb(store.read(path))
        expected = (mesh.geometry_hash, mesh.face_count)
        breaches: list[Breach] = []
        made = {output.path for output in stages["ingest"].outputs}
        for of_ingest in (layout.artist_parts, layout.given_parts, layout.truth):
            path = of_ingest(uid)
            if path in made:
                known = Parts.from_bytes(store.read(path))
                breaches += _labels(path, expected, known.geometry_hash, len(known.face_labels))
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


def _part_counts(
    store: Store, uid: str, stages: Mapping[str, Attempt]
) -> Iterator[tuple[str, str, int]]:
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
        if path in accounted or path.startswith(_UNACCOUNTED):
            continue
        yield _breach("orphan", path, "no row of the ledger accounts for it; it may be deleted")


def _breach(kind: str, path: str, message: str) -> Breach:
    return Breach(kind=kind, path=path, message=message)
