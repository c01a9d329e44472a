"""Evaluate the segments of a dataset root against a folder of truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow.compute as pc

from partworks import layout
from partworks.artifacts.npz import check_geometry
from partworks.artifacts.parts import Parts
from partworks.artifacts.segments import Segments
from partworks.errors import Failed, UsageError
from partworks.evaluation.average import mean_of
from partworks.evaluation.boundaries import TOLERANCE
from partworks.evaluation.face_order import labels_in_object_order
from partworks.evaluation.scores import Evaluation, evaluate
from partworks.evaluation.surface import surface_graph
from partworks.evaluation.truth import (
    Truth,
    TruthEntry,
    TruthMismatch,
    list_truth,
    read_truth,
)
from partworks.geometry.glb import read_glb
from partworks.ledger import Ledger
from partworks.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectScores:
    """One object against its truth."""

    uid: str
    name: str
    kind: str
    scores: Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class RootScores:
    """What was found in a root.

    Attributes:
        objects: sorted by kind and name.
        means: kind -> the mean over its objects.
        unfit: name of truth -> why it cannot be used.
        without_truth: segmented objects that no truth is for.
        without_object: names of truth that no segmented object is found for.
    """

    objects: Sequence[ObjectScores]
    means: Mapping[str, Evaluation]
    unfit: Mapping[str, str]
    without_truth: int
    without_object: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A segmented object and the path of its source, without its ending."""

    uid: str
    path: str
    ext: str
    has_parts: bool

    @property
    def name(self) -> str:
        """The stem of the source, or the uid."""
        return self.path.rsplit("/", 1)[-1] or self.uid


def evaluate_root(store: Store, folder: Path, *, tolerance: float = TOLERANCE) -> RootScores:
    """Evaluate every segmented object that there is truth for.

    Truth is found by the path of the source file below the source's folder, by that file's name,
    or by uid, in each case without endings.

    Raises:
        UsageError: nothing is segmented, there is no truth, or no truth is for any object.
    """
    candidates = _candidates(Ledger(store))
    entries = list_truth(folder)
    chosen, without_object, unfit = _matched(candidates, entries)
    if not chosen and not unfit:
        names = ", ".join(sorted(candidate.name for candidate in candidates)[:5])
        truths = ", ".join(entry.name for entry in entries[:5])
        raise UsageError(
            f"none of {len(entries)} truths in {folder} ({truths}, …) is named as one of "
            f"{len(candidates)} segmented objects of {store.url} ({names}, …) or as its uid"
        )
    rows = []
    for candidate, entry in chosen:
        try:
            scored = _evaluate_object(store, candidate, read_truth(entry), tolerance=tolerance)
        except (TruthMismatch, Failed, ValueError) as error:
            unfit[entry.name] = str(error)
            continue
        rows.append(replace(scored, kind=entry.kind))
    rows.sort(key=lambda row: (row.kind, row.name, row.uid))
    return RootScores(
        objects=rows,
        means=means_by_kind(rows),
        unfit=unfit,
        without_truth=len(candidates) - len({candidate.uid for candidate, _ in chosen}),
        without_object=without_object,
    )


def means_by_kind(rows: Sequence[ObjectScores]) -> dict[str, Evaluation]:
    """Kind -> the mean over its objects; kinds of truth mean different things by a part."""
    kinds = sorted({row.kind for row in rows})
    return {kind: mean_of([row.scores for row in rows if row.kind == kind]) for kind in kinds}


def _evaluate_object(
    store: Store, candidate: _Candidate, truth: Truth, *, tolerance: float
) -> ObjectScores:
    uid = candidate.uid
    mesh = read_glb(store.read(layout.object_glb(uid)))
    segments = Segments.from_bytes(store.read(layout.segments(uid)))
    check_geometry(segments.geometry_hash, mesh.geometry_hash, what="segments", uid=uid)
    parts = None
    if candidate.has_parts:
        parts = Parts.from_bytes(store.read(layout.parts(uid)))
        check_geometry(parts.geometry_hash, mesh.geometry_hash, what="parts", uid=uid)
    source = layout.source(uid, candidate.ext)
    labels = labels_in_object_order(
        truth, mesh, read_source=lambda: (store.read(source), candidate.ext)
    )
    scores = evaluate(
        segments,
        labels,
        surface=surface_graph(mesh.vertices, mesh.faces),
        parts=None if parts is None else parts.face_labels,
        tolerance=tolerance,
    )
    name = str(mesh.extras.get("name") or candidate.name)
    return ObjectScores(uid=uid, name=name, kind="", scores=scores)


def _candidates(ledger: Ledger) -> list[_Candidate]:
    """The segmented objects of a root."""
    segmented, parted = _ok(ledger, "segment"), _ok(ledger, "annotate")
    if not segmented:
        raise UsageError("no object is segmented; `partworks run` does that")
    found = []
    for uid, words in _ok(ledger, "ingest").items():
        if uid in segmented:
            path = PurePosixPath(str(words.get("location", "")))
            found.append(
                _Candidate(
                    uid=uid,
                    path=path.with_suffix("").as_posix() if path.name else "",
                    ext=str(words.get("ext", "")),
                    has_parts=uid in parted,
                )
            )
    return found


def _ok(ledger: Ledger, stage: str) -> dict[str, dict[str, Any]]:
    """uid -> metrics of the objects that a stage has done."""
    table = ledger.latest(stage, ["uid", "status", "metrics"])
    table = table.filter(pc.equal(table["status"], "ok"))
    return {row["uid"]: dict(row["metrics"] or ()) for row in table.to_pylist()}


def _matched(
    candidates: Sequence[_Candidate], entries: Sequence[TruthEntry]
) -> tuple[list[tuple[_Candidate, TruthEntry]], list[str], dict[str, str]]:
    """Objects with their truths; truths without an object; truths that fit several objects."""
    by_key: dict[str, list[_Candidate]] = {}
    for candidate in candidates:
        for key in {candidate.uid, candidate.path, candidate.name} - {""}:
            by_key.setdefault(key, []).append(candidate)
    chosen, lonely, unfit = [], [], {}
    for entry in entries:
        found = by_key.get(entry.name) or by_key.get(entry.stem) or []
        if len(found) == 1:
            chosen.append((found[0], entry))
        elif found:
            paths = ", ".join(sorted(candidate.path for candidate in found))
            unfit[entry.name] = f"it may be for any of {paths}; put it into a folder of that name"
        else:
            lonely.append(entry.name)
    return chosen, lonely, unfit
