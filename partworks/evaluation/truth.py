"""A folder of true part labels: which files there are, and what each says."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.errors import UsageError

SEVERAL = ".all_humans"
"""What may stand between a name and `.npz` where a file holds the labels of several people."""

UNKNOWN_KIND = "unmarked"
MANIFEST = "manifest.csv"


class TruthMismatch(Exception):
    """True labels that cannot be used for an object; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthEntry:
    """Files of one object's truth.

    Attributes:
        name: path below the folder without endings; its last part is the source file's stem or
            the object's uid.
        labels: the .npy or .npz.
        notes: the .json beside it, if there is one.
        kind: where the labels come from, such as `human` or `node hierarchy`.
    """

    name: str
    labels: Path
    notes: Path | None
    kind: str

    @property
    def stem(self) -> str:
        """The last part of the name."""
        return self.name.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """True labels as a file has them.

    Attributes:
        labels: (H, F) int32, H labelings, negative where a face's part is not known.
        centroids: (F, 3) float64 of the faces in that order in the source frame, or None.
        guard: (2, 3) float64, the first and the last centroid, or None.
        geometry_hash: of the mesh that the labels are for, or nothing.
    """

    labels: NDArray[np.int32]
    centroids: NDArray[np.float64] | None = None
    guard: NDArray[np.float64] | None = None
    geometry_hash: str = ""


def list_truth(folder: Path) -> list[TruthEntry]:
    """The truth in a folder, at any depth, sorted by name.

    Where a name has several files, the labels of several people go before those of one.

    Raises:
        UsageError: there is no such folder, or nothing in it.
    """
    if not folder.is_dir():
        raise UsageError(f"--truth {folder}: not a folder; expected one with <name>.npy or .npz")
    files: dict[str, Path] = {}
    for path in sorted((*folder.rglob("*.npy"), *folder.rglob("*.npz")), key=_preference):
        name = path.relative_to(folder).with_suffix("").as_posix().removesuffix(SEVERAL)
        files.setdefault(name, path)
    if not files:
        raise UsageError(f"--truth {folder}: no <name>.npy or <name>.npz there, at any depth")
    kinds = _manifest_kinds(folder)
    return [_entry(name, files[name], kinds) for name in sorted(files)]


def _preference(path: Path) -> tuple[bool, bool, str]:
    return not path.stem.endswith(SEVERAL), path.suffix != ".npz", str(path)


def _entry(name: str, labels: Path, kinds: Mapping[str, str]) -> TruthEntry:
    stem = name.rsplit("/", 1)[-1]
    notes = labels.with_name(f"{stem}.json")
    found = notes if notes.is_file() else None
    said = str(_read_notes(found).get("source", "")) or kinds.get(stem, "")
    # What stands behind the kind, such as "(split by material)", is a remark.
    kind = re.split(r"[(+]", said)[0].strip()
    return TruthEntry(name=name, labels=labels, notes=found, kind=kind or UNKNOWN_KIND)


def _manifest_kinds(folder: Path) -> dict[str, str]:
    """Stem -> kind, as the column `gt_kind` of a manifest says."""
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {Path(row.get("file") or "").stem: row.get("gt_kind") or "" for row in rows}


def _read_notes(path: Path | None) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8")) if path else {}
    except ValueError as error:
        raise UsageError(f"{path} is no JSON: {error}") from error
    return found if isinstance(found, dict) else {}


def read_truth(entry: TruthEntry) -> Truth:
    """The labels of an entry.

    A .npy holds (F,) or (H, F) integers. So does every integer array of a .npz but those of an
    artefact of the root, which has one array `face_labels`; `centroids` (F, 3) may say which faces
    they are for. The JSON beside it may say so by `centroid_first_last`.

    Raises:
        TruthMismatch: the file cannot be read as that.
    """
    arrays = _load(entry.labels)
    if "face_labels" in arrays:
        labelings = [arrays["face_labels"]]
    else:
        labelings = [array for array in arrays.values() if array.dtype.kind in "iu"]
    rows = [row for array in labelings if array.ndim in (1, 2) for row in np.atleast_2d(array)]
    if not rows or len({len(row) for row in rows}) != 1:
        shapes = ", ".join(f"{key} {a.dtype} {a.shape}" for key, a in arrays.items())
        raise TruthMismatch(
            f"{entry.labels.name} holds {shapes}; expected integers, one for each face"
        )
    guard = np.asarray(_read_notes(entry.notes).get("centroid_first_last", ()), np.float64)
    return Truth(
        labels=np.stack(rows).astype(np.int32),
        centroids=_centroids(arrays, len(rows[0]), entry),
        guard=guard if guard.shape == (2, 3) else None,
        geometry_hash=str(arrays["geometry_hash"]) if "geometry_hash" in arrays else "",
    )


def _load(path: Path) -> dict[str, NDArray[Any]]:
    try:
        loaded = np.load(path, allow_pickle=False)
        return {"labels": loaded} if isinstance(loaded, np.ndarray) else dict(loaded)
    except (ValueError, OSError, EOFError) as error:
        raise TruthMismatch(f"{path.name} cannot be read: {error}") from error


def _centroids(
    arrays: Mapping[str, NDArray[Any]], faces: int, entry: TruthEntry
) -> NDArray[np.float64] | None:
    if "centroids" not in arrays:
        return None
    if arrays["centroids"].shape != (faces, 3):
        raise TruthMismatch(
            f"{entry.labels.name}: centroids have shape {arrays['centroids'].shape}, expected "
            f"({faces}, 3)"
        )
    return np.asarray(arrays["centroids"], np.float64)
