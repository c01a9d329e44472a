"""A root written out in PartVerse's layout.

Labels refer to the faces of `<uid>_segmented.glb`, which has the object's own vertices and faces,
one node of them, nothing merged and nothing reordered: whoever loads it must not do so either
(trimesh: `process=False`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from partworks import layout, plan
from partworks.artifacts.captions import Captions
from partworks.artifacts.npz import check_geometry
from partworks.artifacts.parts import Parts
from partworks.dataset import Dataset
from partworks.errors import Failed, UsageError
from partworks.geometry.glb import read_glb, write_glb
from partworks.geometry.mesh import Mesh, MeshNode
from partworks.geometry.submesh import write_parts_glb
from partworks.ledger import Ledger
from partworks.outside import Outside
from partworks.partverse import files
from partworks.partverse.facts import Facts, origin_of
from partworks.partverse.levels import PartBoxes, bounds_bytes, info_bytes, level_bounds, part_boxes
from partworks.partverse.max_visible import max_visible
from partworks.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export did.

    Attributes:
        objects: uids written. `parts`: how many parts they have together.
        uncaptioned: of these, the uids without captions.
        left_out: uid -> why it was not written.
    """

    objects: tuple[str, ...]
    parts: int
    uncaptioned: tuple[str, ...]
    left_out: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Object:
    uid: str
    object_glb: bytes
    mesh: Mesh
    parts: Parts
    captions: Captions | None


def export_root(
    store: Store, dataset: Dataset, target: Store, *, uids: Sequence[str] = ()
) -> Exported:
    """Write the objects whose parts are done and current, each file whole or not at all.

    Args:
        target: a folder that is empty or not there yet.
        uids: only these; all where none are named.

    Raises:
        UsageError: the target holds something.
    """
    if target.list(""):
        raise UsageError(f"{target.url} is not empty; name a folder that is, or is not there yet")
    ready, captioned = _ready(store, dataset)
    left_out = dict.fromkeys(sorted({*uids} - ready), "it has no current parts")
    measured: dict[str, PartBoxes] = {}
    captions: dict[str, Any] = {}
    visible: dict[str, Any] = {}
    for uid in sorted({*uids} & ready if uids else ready):
        try:
            one = _read(store, uid, captioned=uid in captioned)
        except Failed as error:
            left_out[uid] = str(error)
            continue
        measured[uid] = part_boxes(one.mesh, one.parts.face_labels, count=one.parts.count)
        target.write_all(_object_files(one, measured[uid].labels.tolist()))
        visible[uid] = _visible(one, measured[uid].labels.tolist())
        if one.captions is not None:
            captions[uid] = _captions(one.captions)
    bounds = level_bounds(boxes.weights for boxes in measured.values())
    for uid, boxes in measured.items():
        labels = Parts.from_bytes(store.read(layout.parts(uid))).face_labels
        target.write(files.info(uid), info_bytes(boxes, labels, bounds=bounds))
    target.write(files.CAPTIONS, _json(captions))
    target.write(files.MAX_VISIBLE, _json(visible))
    target.write(files.LEVELS, bounds_bytes(bounds, measured))
    target.write(files.INSTANCES, "".join(f"{uid}\n" for uid in measured).encode())
    return Exported(
        objects=tuple(measured),
        parts=sum(len(boxes.labels) for boxes in measured.values()),
        uncaptioned=tuple(sorted(measured.keys() - captions.keys())),
        left_out=left_out,
    )


def _ready(store: Store, dataset: Dataset) -> tuple[set[str], set[str]]:
    """The objects whose parts are current, and of these those whose captions are."""
    ledger, marks = Ledger(store), dataset.marks
    outside = Outside.read(store, dataset.settings)

    def done(*stages: str) -> set[str]:
        if any(stage not in marks for stage in stages):
            return set()
        return set(plan.eligible(ledger, stages, marks, outside=outside).to_pylist())

    return done("ingest", "annotate"), done("ingest", "annotate", "caption")


def _read(store: Store, uid: str, *, captioned: bool) -> _Object:
    data = store.read(layout.object_glb(uid))
    mesh = read_glb(data)
    parts = Parts.from_bytes(store.read(layout.parts(uid)))
    check_geometry(parts.geometry_hash, mesh.geometry_hash, what="parts", uid=uid)
    captions = Captions.from_bytes(store.read(layout.captions(uid))) if captioned else None
    if captions is not None and len(captions.parts) != parts.count:
        raise Failed(
            "parts_mismatch",
            f"{uid} has {parts.count} parts and captions of {len(captions.parts)}; "
            "run the caption stage again",
        )
    return _Object(uid=uid, object_glb=data, mesh=mesh, parts=parts, captions=captions)


def _object_files(one: _Object, labels: Sequence[int]) -> Iterator[tuple[str, bytes]]:
    uid, mesh, parts = one.uid, one.mesh, one.parts
    yield files.whole_glb(uid), one.object_glb
    for label in labels:
        own = np.where(parts.face_labels == label, 0, -1).astype(np.int32)
        data = write_parts_glb(mesh, own, [parts.part_names[label]])
        yield files.part_glb(uid, label), data
    yield files.segmented_glb(uid), write_glb(_plain(mesh))
    numbered = {str(face): int(label) for face, label in enumerate(parts.face_labels)}
    yield files.face_labels(uid), (json.dumps(numbered, separators=(",", ":")) + "\n").encode()
    facts = Facts(
        geometry_hash=mesh.geometry_hash,
        part_names=parts.part_names,
        part_source=parts.source,
        captions=None if one.captions is None else json.loads(one.captions.to_bytes()),
        origin=origin_of(mesh.extras),
    )
    yield files.facts(uid), facts.to_bytes()


def _plain(mesh: Mesh) -> Mesh:
    """The surface alone, as one node, with vertices and faces as they are numbered."""
    return Mesh(nodes=(MeshNode(vertices=mesh.vertices, faces=mesh.faces, name="segmented"),))


def _captions(captions: Captions) -> dict[str, list[str]]:
    return {str(part): [text.short, text.long] for part, text in enumerate(captions.parts)}


def _visible(one: _Object, labels: Sequence[int]) -> dict[str, Any]:
    rows = max_visible(one.mesh, one.parts.face_labels, count=one.parts.count)
    return {str(label): rows[label] for label in labels}


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
