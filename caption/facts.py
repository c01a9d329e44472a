"""What can be measured of an object and its parts, before any sentence is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from caption.checks.twins import find_twins
from caption.colors import dominant_colors
from caption.materials import dominant_material
from caption.subject import Subject
from caption.words import noun_of
from partworks.geometry.form import Form, form_of, place_of
from partworks.geometry.measures import face_areas
from partworks.geometry.mesh import Mesh
from partworks.geometry.sampling import sample_surface
from partworks.geometry.texture import Surface
from partworks.naming import clean_name

Float64 = NDArray[np.float64]

RELATIONS = (
    (1, 1, "above"),
    (1, -1, "below"),
    (2, 1, "in front of"),
    (2, -1, "behind"),
    (0, -1, "to the left of"),
    (0, 1, "to the right of"),
)
"""Axis, direction and word; left and right as seen from the front, which is +z."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How something looks: up to two colours, a material word or none, a form."""

    colors: tuple[str, ...]
    material: str
    form: Form


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFacts:
    """One part.

    Attributes:
        noun: what it is, one or two words.
        place: words for where it sits in the object.
        sides: on which side of the object's middle it lies along x, y and z: -1, 0 or 1.
        relation: how it lies to the largest other part, such as `above`, and what that is; empty
            where there is no plain word for it.
        share: of the object's area.
        hidden: whether no view of the object shows any of it.
    """

    noun: str
    look: Look
    place: tuple[str, ...]
    relation: tuple[str, str]
    share: float
    hidden: bool
    sides: tuple[int, int, int] = (0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectFacts:
    """The object.

    Attributes:
        noun: what it is, up to three words.
        sides: lengths of its box along x, y and z.
        parts: in part order.
        twins: groups of parts that are copies or mirror images of one another and look alike.
        uid: the object's id.
    """

    noun: str
    look: Look
    sides: tuple[float, float, float]
    parts: tuple[PartFacts, ...]
    twins: tuple[tuple[int, ...], ...] = ()
    uid: str = ""


def observe(subject: Subject, *, samples: int, generator: np.random.Generator) -> ObjectFacts:
    """Look at an object and its parts, at `samples` seeded points of each."""
    mesh, parts = subject.mesh, subject.parts
    surface = Surface(mesh)
    areas = face_areas(mesh.vertices, mesh.faces)
    inside = [np.flatnonzero(parts.face_labels == part) for part in range(parts.count)]
    whole = noun_of(clean_name(str(mesh.extras.get("name", ""))), most=3) or "object"
    nouns = [_part_noun(name, whole) for name in parts.part_names]
    boxes = [_box(mesh, faces) for faces in inside]
    total = sum(float(areas[faces].sum()) for faces in inside) or 1.0
    shares = [float(areas[faces].sum()) / total for faces in inside]
    kept = np.flatnonzero(parts.face_labels >= 0)
    sides = np.ptp(_box(mesh, kept), axis=0)
    looks = [_look(mesh, surface, faces, samples=samples, generator=generator) for faces in inside]
    twins = _alike(find_twins(mesh, parts.face_labels, kinds=nouns), looks)
    for group in twins:
        for part in group:
            looks[part] = looks[group[0]]
    return ObjectFacts(
        uid=subject.uid,
        noun=whole,
        look=_look(mesh, surface, kept, samples=samples, generator=generator),
        sides=(float(sides[0]), float(sides[1]), float(sides[2])),
        twins=twins,
        parts=tuple(
            PartFacts(
                noun=nouns[part],
                look=looks[part],
                place=place_of(boxes[part].mean(axis=0), mesh.bounds),
                sides=_sides(boxes[part].mean(axis=0), mesh.bounds),
                relation=_relation(part, boxes, shares, nouns),
                share=shares[part],
                hidden=not any(subject.visible_pixels[part]),
            )
            for part in range(parts.count)
        ),
    )


def _alike(groups: tuple[tuple[int, ...], ...], looks: list[Look]) -> tuple[tuple[int, ...], ...]:
    """The groups without parts whose colours or substance are not those of the first."""
    found = []
    for first, *others in groups:
        same = [part for part in others if _look_alike(looks[first], looks[part])]
        if same:
            found.append((first, *same))
    return tuple(found)


def _look_alike(one: Look, other: Look) -> bool:
    """Whether two looks are of one thing, whose colours were sampled twice."""
    if one.material != other.material:
        return False
    return one.colors == other.colors or bool({*one.colors} & {*other.colors})


def _sides(center: Float64, bounds: NDArray[Any]) -> tuple[int, int, int]:
    """On which side of the middle a point lies, a twentieth of the half side being forgiven."""
    low, high = np.asarray(bounds, np.float64)
    half = np.maximum((high - low) / 2, 1e-12)
    offset = np.round((center - (low + high) / 2) / half, 6)
    x, y, z = (int(np.sign(value)) if abs(value) > 0.05 else 0 for value in offset)
    return x, y, z


def _part_noun(name: str, whole: str) -> str:
    """What a part is; one that bears the object's own name is its main part."""
    noun = noun_of(name)
    return "main part" if noun and whole.endswith(noun) else noun or "part"


def _look(
    mesh: Mesh,
    surface: Surface,
    faces: NDArray[np.int64],
    *,
    samples: int,
    generator: np.random.Generator,
) -> Look:
    face, weights = sample_surface(
        mesh.vertices, mesh.faces[faces], count=samples, generator=generator
    )
    color = surface.base_color(faces[face], weights)
    # What cannot be seen through and through has no say; a pane of glass keeps its tint.
    solid = color[:, 3] > 0.05
    return Look(
        colors=dominant_colors(color[solid, :3]),
        material=dominant_material(mesh, faces[face]),
        form=form_of(mesh.vertices, mesh.faces[faces], generator=generator),
    )


def _relation(
    part: int, boxes: list[Float64], shares: list[float], nouns: list[str]
) -> tuple[str, str]:
    """How a part lies to the largest other part, whose noun must be another."""
    others = [k for k in range(len(boxes)) if k != part]
    if not others:
        return "", ""
    other = max(others, key=lambda k: (shares[k], -k))
    if nouns[other] in (nouns[part], "part", "main part"):
        return "", ""
    word = relation_of(boxes[part], boxes[other])
    return (word, nouns[other]) if word else ("", "")


def relation_of(box: Float64, other: Float64) -> str:
    """The word for where `box` (2, 3) lies as seen from `other`, empty where there is none.

    One must be beyond the other along an axis, a tenth of the smaller side being forgiven, and
    they must overlap along the two other axes.
    """
    overlap = np.minimum(box[1], other[1]) - np.maximum(box[0], other[0])
    slack = 0.1 * np.minimum(box[1] - box[0], other[1] - other[0])
    for axis, direction, word in RELATIONS:
        ahead = (box.sum(axis=0) - other.sum(axis=0))[axis] * direction > 0
        across = [k for k in range(3) if k != axis]
        if ahead and overlap[axis] <= slack[axis] + 1e-9 and (overlap[across] > 0).all():
            return word
    return ""


def _box(mesh: Mesh, faces: NDArray[np.int64]) -> Float64:
    """(2, 3) float64: the bounds of some faces; a point at the origin where there are none."""
    corners = mesh.vertices[np.unique(mesh.faces[faces])].astype(np.float64)
    if not len(corners):
        return np.zeros((2, 3))
    return np.stack([corners.min(axis=0), corners.max(axis=0)])
