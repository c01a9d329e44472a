"""A folder in PartVerse's layout, as others write it: no extra file, labels with gaps, a table of
captions, the whole object with transforms and the labels' mesh merged and scaled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import trimesh

UID = "0a1b2c"
SIZES = ((2.0, 0.2, 1.0), (0.2, 1.0, 0.2), (0.2, 1.0, 0.2))
PLACES = ((0.0, 1.1, 0.0), (-0.8, 0.5, 0.0), (0.8, 0.5, 0.0))
LABELS = (4, 0, 7)
"""The part of each box."""
CAPTIONS: dict[str, Any] = {
    "4": ["A flat top.", "A flat top of wood."],
    "0": ["A left leg.", "A left leg that holds the top."],
    "7": ["A right leg.", "A right leg that holds the top."],
}


def box(number: int) -> trimesh.Trimesh:
    made = trimesh.creation.box(extents=SIZES[number])
    made.apply_translation(PLACES[number])
    return made


def write_entry(root: Path, uid: str = UID, *, captions: Any = CAPTIONS) -> None:
    """One table: a top and two legs."""
    boxes = [box(number) for number in range(3)]
    scene = trimesh.Scene()
    for number, each in enumerate(boxes):
        # A node of its own, turned and moved, which the reader has to undo.
        turn = trimesh.transformations.rotation_matrix(0.5, [0, 1, 0])
        turned = each.copy().apply_transform(np.linalg.inv(turn))
        scene.add_geometry(turned, node_name=f"n{number}", transform=turn)
    _write(root / "normalized_glbs" / f"{uid}.glb", scene.export(file_type="glb"))
    for label, each in zip(LABELS, boxes, strict=True):
        _write(root / "textured_part_glbs" / uid / f"{label}.glb", each.export(file_type="glb"))
    segmented = trimesh.util.concatenate(boxes)
    labels = np.repeat(LABELS, [len(each.faces) for each in boxes])
    order = np.random.default_rng(3).permutation(len(labels))
    segmented = trimesh.Trimesh(segmented.vertices * 0.999 - 0.3, segmented.faces[order])
    folder = root / "anno_infos" / uid
    _write(folder / f"{uid}_segmented.glb", segmented.export(file_type="glb"))
    table = {str(face): int(labels[old]) for face, old in enumerate(order)}
    _write(folder / f"{uid}_face2label.json", json.dumps(table).encode())
    if captions is not None:
        path = root / "text_captions.json"
        known = json.loads(path.read_text()) if path.exists() else {}
        _write(path, json.dumps({**known, uid: captions}).encode())


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
