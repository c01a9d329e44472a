"""The object of a PartVerse entry, and which of its faces belongs to which part.

The labels count the faces of a mesh of their own, which tools have merged and scaled on the way.
The faces of the textured object are found in it by the places of their corners, once both are
brought to the same box. Where they are not there, the parts' own GLBs tell the labels; where the
object is another one or missing, it is put together from those GLBs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from ingest.partverse.bundle import Bundle, parsed
from partworks.errors import Rejected
from partworks.geometry.face_match import TOLERANCE, face_keys, fill_flat, is_flat, match_labels
from partworks.geometry.limits import LoadLimits
from partworks.geometry.load import load_mesh
from partworks.geometry.mesh import Material, Mesh, TextureRef

Int32 = NDArray[np.int32]

MOST_PARTS = 1 << 20
_TEXTURES = tuple(field.name for field in fields(Material) if field.name.endswith("_texture"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labelled:
    """A mesh and its parts.

    Attributes:
        mesh: in its source's frame.
        labels: (F,) int32 part numbers as PartVerse has them, -1 = of no part.
        warnings: words of `ingest.partverse.reasons.WARNINGS` and of `load_mesh`.
    """

    mesh: Mesh
    labels: Int32
    warnings: tuple[str, ...] = ()


def labelled_object(bundle: Bundle, limits: LoadLimits) -> Labelled:
    """The textured object with its labels, from what there is of it.

    Raises:
        Rejected: `partverse_incomplete`, `partverse_labels`, or a reason of `load_mesh`.
    """
    whole = None if bundle.whole is None else load_mesh(bundle.whole, "glb", limits=limits)
    troubles: list[Rejected] = []
    for read in (_segmentation, _union):
        if whole is None:
            break
        try:
            found = read(bundle, limits)
            labels = transferred(whole.mesh, found)
        except Rejected as trouble:
            troubles.append(trouble)
            continue
        words = {*whole.warnings, *found.warnings, *_oddities(bundle, labels)}
        words |= {"labels_of_part_files"} if read is _union else set()
        return Labelled(mesh=whole.mesh, labels=labels, warnings=tuple(sorted(words)))
    if not bundle.parts:
        raise troubles[0] if troubles else _incomplete("the object and the GLBs of its parts")
    union = _union(bundle, limits)
    words = {*union.warnings, "object_of_part_files"}
    return replace(union, warnings=tuple(sorted(words)))


def transferred(mesh: Mesh, known: Labelled) -> Int32:
    """(F,) int32: the labels of `known` for the faces of `mesh`, which has the same surface.

    Faces without area, which tools leave out, go with the face before them.

    Raises:
        Rejected: `partverse_labels`, if a face with area is not there.
    """
    if not (mesh.face_count and known.mesh.face_count):
        raise Rejected("partverse_labels", "there are no faces to label")
    other = _aligned(known.mesh, mesh)
    extent = float(np.ptp(mesh.bounds, axis=0).max())
    if other.face_count == mesh.face_count and np.allclose(
        other.vertices[other.faces], mesh.vertices[mesh.faces], rtol=0, atol=TOLERANCE * extent
    ):
        return known.labels
    # One up, so that no part and not there are told apart.
    found = match_labels(*face_keys(mesh, other), known.labels + np.int32(1))
    flat = is_flat(mesh)
    missing = int(((found < 0) & ~flat).sum())
    if missing:
        raise Rejected(
            "partverse_labels",
            f"{missing} of {mesh.face_count} faces of the object are not in the mesh that the "
            f"labels are for, which has {other.face_count}; it is another mesh, or another version",
        )
    filled: Int32 = fill_flat(found, flat) - np.int32(1)
    return np.maximum(filled, np.int32(-1))


def _aligned(mesh: Mesh, to: Mesh) -> Mesh:
    """One node with the faces of `mesh`, its box moved and scaled to that of `to`."""
    own, wanted = mesh.bounds, to.bounds
    scale = np.ptp(wanted, axis=0).max() / (np.ptp(own, axis=0).max() or 1.0)
    moved = (mesh.vertices.astype(np.float64) - own.mean(axis=0)) * scale + wanted.mean(axis=0)
    node = replace(mesh.nodes[0], vertices=moved.astype(np.float32), faces=mesh.faces)
    return Mesh(nodes=(replace(node, uv=None, colors=None, normals=None, material=None),))


def _segmentation(bundle: Bundle, limits: LoadLimits) -> Labelled:
    if bundle.segmented is None or bundle.labels is None:
        raise _incomplete("the segmented mesh or its labels")
    mesh = load_mesh(bundle.segmented, "glb", limits=limits).mesh
    table = parsed(bundle.labels, reason="partverse_labels", what="face2label.json")
    return Labelled(mesh=mesh, labels=_labels(table, mesh.face_count))


def _labels(table: object, count: int) -> Int32:
    """(count,) int32 of a table {face: part}; faces that it lacks are of no part."""
    if not isinstance(table, Mapping):
        raise Rejected("partverse_labels", "face2label.json is no table of faces")
    labels = np.full(count, -1, np.int32)
    for face, part in table.items():
        number = int(face) if face.isascii() and face.isdigit() and len(face) < 10 else -1
        if not 0 <= number < count:
            raise Rejected(
                "partverse_labels", f"face {face[:20]!r} is not one of the {count} of the mesh"
            )
        if type(part) is not int or not -1 <= part < MOST_PARTS:
            raise Rejected("partverse_labels", f"face {number} has the part {str(part)[:20]!r}")
        labels[number] = part
    if labels.max(initial=-1) < 0:
        raise Rejected("partverse_labels", "face2label.json gives no face a part")
    return labels


def _union(bundle: Bundle, limits: LoadLimits) -> Labelled:
    """The GLBs of the parts as one mesh; a face's label is the number of its file."""
    if not bundle.parts:
        raise _incomplete("the GLBs of the parts")
    loaded = {part: load_mesh(data, "glb", limits=limits) for part, data in bundle.parts.items()}
    labels = [np.full(each.mesh.face_count, part, np.int32) for part, each in loaded.items()]
    words = {word for each in loaded.values() for word in each.warnings}
    mesh = _joined([each.mesh for each in loaded.values()])
    if mesh.face_count > limits.max_faces:
        raise Rejected("too_many_faces", f"{mesh.face_count}, the limit is {limits.max_faces}")
    return Labelled(mesh=mesh, labels=np.concatenate(labels), warnings=tuple(sorted(words)))


def _joined(meshes: list[Mesh]) -> Mesh:
    """All nodes behind one another, each with the materials and images that it came with."""
    materials: list[Material] = []
    images = [image for mesh in meshes for image in mesh.images]
    nodes = []
    start = 0
    for mesh in meshes:
        for node in mesh.nodes:
            own = None if node.material is None else node.material + len(materials)
            nodes.append(replace(node, material=own))
        materials += [_moved(material, start) for material in mesh.materials]
        start += len(mesh.images)
    return Mesh(nodes=tuple(nodes), materials=tuple(materials), images=tuple(images))


def _moved(material: Material, start: int) -> Material:
    """The material with images counted from `start`."""
    uses: dict[str, TextureRef] = {
        name: replace(use, image=use.image + start)
        for name in _TEXTURES
        if (use := getattr(material, name)) is not None
    }
    return replace(material, **uses)  # type: ignore[arg-type]


def _oddities(bundle: Bundle, labels: Int32) -> Iterator[str]:
    known = {int(part) for part in np.unique(labels) if part >= 0}
    if bundle.parts.keys() != known and not known <= bundle.parts.keys():
        yield "missing_part_file"
    if (labels < 0).any():
        yield "unlabelled_faces"


def _incomplete(what: str) -> Rejected:
    return Rejected("partverse_incomplete", f"{what} did not come with it; fetch the object again")
