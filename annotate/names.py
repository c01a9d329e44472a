"""A name for each part: what the asset calls it, or else its form and place."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.form import form_of, place_of
from partworks.geometry.measures import face_areas
from partworks.geometry.mesh import Mesh
from partworks.naming import clean_name, without_common_start

Int32 = NDArray[np.int32]
Float64 = NDArray[np.float64]

MOST_OF_A_PART = 0.5
FORM_NAMES = {"piece": "part"}


def part_names(
    mesh: Mesh, face_labels: Int32, *, generator: np.random.Generator
) -> tuple[str, ...]:
    """A name for each part, in part order.

    The name that most of a part's area carries, of its nodes or else of their meshes or else of
    its materials; names that all parts share tell nothing and are passed over. A part without one
    is called by its form. Parts that would have the same name are told apart by where they are, and
    then by numbers.
    """
    count = int(face_labels.max(initial=-1)) + 1
    names = [""] * count
    for source in _sources(mesh):
        found = _dominant_names(mesh, face_labels, source, count)
        if len(set(found)) > 1 or count == 1:
            names = [name or other for name, other in zip(names, found, strict=True)]
    forms = [
        form_of(mesh.vertices, mesh.faces[face_labels == k], generator=generator)
        for k in range(count)
    ]
    names = [name or FORM_NAMES.get(form, form) for name, form in zip(names, forms, strict=True)]
    return tuple(_numbered(_told_apart(mesh, face_labels, names)))


def _sources(mesh: Mesh) -> list[list[str]]:
    """Cleaned names of each node: by itself, by its mesh, by its material."""
    materials = [
        "" if node.material is None else mesh.materials[node.material].name for node in mesh.nodes
    ]
    tables = (
        [node.name for node in mesh.nodes],
        [node.mesh_name for node in mesh.nodes],
        materials,
    )
    return [without_common_start([clean_name(name) for name in table]) for table in tables]


def _dominant_names(mesh: Mesh, face_labels: Int32, source: list[str], count: int) -> list[str]:
    """The name that more than half of each part's area carries, or none."""
    areas = face_areas(mesh.vertices, mesh.faces)
    kinds = {name: index for index, name in enumerate(sorted(set(source)))}
    kind = np.asarray([kinds[name] for name in source], np.int64)[mesh.face_node]
    kept = face_labels >= 0
    share = np.zeros((count, len(kinds)))
    np.add.at(share, (face_labels[kept], kind[kept]), areas[kept])
    best = share.argmax(axis=1)
    enough = share[np.arange(count), best] > MOST_OF_A_PART * share.sum(axis=1)
    ordered = sorted(kinds)
    return [ordered[k] if good else "" for k, good in zip(best, enough, strict=True)]


def _told_apart(mesh: Mesh, face_labels: Int32, names: list[str]) -> list[str]:
    """Put the place among its namesakes before a name that several parts have."""
    boxes = np.stack([_box(mesh, face_labels == part) for part in range(len(names))])
    result = list(names)
    for name in sorted(set(names)):
        same = [part for part, other in enumerate(names) if other == name]
        if len(same) < 2:
            continue
        around = np.stack([boxes[same, 0].min(axis=0), boxes[same, 1].max(axis=0)])
        for part in same:
            place = place_of(boxes[part].mean(axis=0), around)
            result[part] = " ".join([*(w for w in place if w not in name.split()), name])
    return result


def _numbered(names: list[str]) -> list[str]:
    """Number what still has namesakes: `top leaf 1`, `top leaf 2`."""
    common, seen, result = Counter(names), Counter[str](), []
    for name in names:
        seen[name] += 1
        result.append(f"{name} {seen[name]}" if common[name] > 1 else name)
    return result


def _box(mesh: Mesh, keep: NDArray[np.bool_]) -> Float64:
    """(2, 3) float64: the bounds of some faces."""
    corners = mesh.vertices[np.unique(mesh.faces[keep])].astype(np.float64)
    return np.stack([corners.min(axis=0), corners.max(axis=0)])
