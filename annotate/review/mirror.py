"""The same edit on the other side of a plane of symmetry.

Candidates are the three planes through the middle of the bounding box; a plane counts where most of
the surface meets itself when it is reflected.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from annotate.review.base import Base
from annotate.review.checks import check_fit
from annotate.review.errors import OperationError
from annotate.review.operations import Assign, Cleave, Drop, Merge, Operation, Refine, Rename
from annotate.review.runs import faces_of_runs, runs_of_faces
from annotate.review.state import State
from annotate.review.surface import ReviewSurface
from partworks.geometry.sampling import sample_surface, surface_points

Int64 = NDArray[np.int64]

NEAR = 0.01
"""How far a reflected middle may lie from the surface, as a share of the diagonal."""

NORMAL_WEIGHT = 0.02
MOST_TURN = 0.8
FARTHEST = 1.01 * float(np.hypot(NEAR, NORMAL_WEIGHT * np.sqrt(2 - 2 * MOST_TURN)))
"""No twin is farther in the space of places and normals; not to look farther saves most time."""

LEAST_SHARE = 0.6
MUTUAL = 0.5 + 1e-6
"""Exactly a half may be either half."""
SAMPLES = 40_000

OTHER_SIDE = {"left": "right", "right": "left"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MirrorPlane:
    """A plane of symmetry.

    Attributes:
        axis: 0, 1 or 2: the plane is across x, y or z.
        twin: (F,) int64 the face that each face is reflected into, -1 where nothing is there.
        share: of the area that has a twin.
    """

    axis: int
    twin: Int64
    share: float


def find_mirror_planes(
    surface: ReviewSurface, *, generator: np.random.Generator
) -> tuple[MirrorPlane, ...]:
    """The planes of symmetry across x, y and z through the middle of the box, best first."""
    total = float(surface.areas.sum())
    if surface.diagonal <= 0 or total <= 0:
        return ()
    used = surface.vertices[np.unique(surface.faces)].astype(np.float64)
    middle = (used.min(axis=0) + used.max(axis=0)) / 2
    face, weights = sample_surface(
        surface.vertices, surface.faces, count=SAMPLES, generator=generator
    )
    spread = surface_points(surface.vertices, surface.faces, face, weights)
    own = (surface.centroids - middle) / surface.diagonal
    points = np.concatenate([(spread - middle) / surface.diagonal, own])
    faces = np.concatenate([face, np.arange(len(own))])
    normals = surface.normals
    tree = cKDTree(
        np.concatenate([points, NORMAL_WEIGHT * normals[faces]], axis=1),
        balanced_tree=False,
        compact_nodes=False,
    )
    planes = []
    for axis in range(3):
        flip = np.where(np.arange(3) == axis, -1.0, 1.0)
        _, nearest = tree.query(
            np.concatenate([own * flip, NORMAL_WEIGHT * normals * flip], 1),
            distance_upper_bound=FARTHEST,
        )
        there = nearest < len(points)
        nearest = np.where(there, nearest, 0)
        off = np.linalg.norm(points[nearest] - own * flip, axis=1)
        turn = np.einsum("fc,fc->f", normals[faces[nearest]], normals * flip)
        met = there & (off < NEAR) & (turn > MOST_TURN)
        share = float(surface.areas[met].sum() / total)
        if share >= LEAST_SHARE:
            twin = np.where(met, faces[nearest], -1)
            planes.append(MirrorPlane(axis=axis, twin=twin, share=share))
    return tuple(sorted(planes, key=lambda plane: -plane.share))


def twins(labels: NDArray[np.int32], surface: ReviewSurface, plane: MirrorPlane) -> Int64:
    """(L,) int64: the label that each label's faces are reflected into; itself without a twin.

    Args:
        labels: (F,) int32, 0…L-1, such as atoms or groups of faces.
    """
    found = answers(labels, surface, plane)
    either: Int64 = np.where(found >= 0, found, np.arange(len(found)))
    return either


def answers(labels: NDArray[np.int32], surface: ReviewSurface, plane: MirrorPlane) -> Int64:
    """(L,) int64: the twin of each label, -1 where it has none.

    Two labels are twins if more than half of either's area is reflected into the other. A label
    that lies across the plane is its own twin.
    """
    target = images_of(labels, surface, plane)
    mutual = (target >= 0) & (target[np.maximum(target, 0)] == np.arange(len(target)))
    found: Int64 = np.where(mutual, target, -1)
    return found


def images_of(labels: NDArray[np.int32], surface: ReviewSurface, plane: MirrorPlane) -> Int64:
    """(L,) int64: the label that more than half of each label's area is reflected into, or -1."""
    count = int(labels.max(initial=-1)) + 1
    met = np.flatnonzero(plane.twin >= 0)
    key = labels[met].astype(np.int64) * count + labels[plane.twin[met]]
    pairs, row = np.unique(key, return_inverse=True)
    shared = np.bincount(row, surface.areas[met])
    area = np.bincount(labels, surface.areas, minlength=count)
    goes = shared > MUTUAL * np.maximum(area[pairs // max(count, 1)], 1e-300)
    target = np.full(count, -1, np.int64)
    target[pairs[goes] // count] = pairs[goes] % count
    return target


def mirrored_sides(
    after: State, leaving: Sequence[NDArray[np.int64]], plane: MirrorPlane
) -> tuple[int, Int64] | None:
    """The split on the other side of a plane that answers to one that was just made.

    Args:
        after: the state after the split.
        leaving: face numbers of each of the groups that left.

    Returns:
        The group that holds most of the images, and a side for each of its faces in ascending
        order: 0 stays, 1… for the image of each that left. None where nothing is left to split.
    """
    side = np.zeros(len(plane.twin), np.int64)
    for number, faces in enumerate(leaving, start=1):
        side[faces] = number
    image = np.where((plane.twin >= 0) & (side == 0), side[np.maximum(plane.twin, 0)], 0)
    if not image.any():
        return None
    group = int(np.bincount(after.group_of_face[image > 0]).argmax())
    sides: Int64 = image[after.group_of_face == group]
    return (group, sides) if len(np.unique(sides)) > 1 else None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mirroring:
    """Finds the twin of an edit that was just made.

    Attributes:
        base, surface, plane: of the object.
        new_id: gives a fresh UUID.
    """

    base: Base
    surface: ReviewSurface
    plane: MirrorPlane
    new_id: Callable[[], str]

    def mirrored(self, before: State, operation: Operation, after: State) -> Operation | None:
        """The same operation on the other side, of the same gesture; None if there is nothing.

        There is nothing where what was edited lies across the plane or has no twin, where twin and
        original are the same, or where the twin does not fit any more.

        Args:
            before, after: the states around `operation`.
        """
        found = self._twin_of(before, operation, after)
        if found is None:
            return None
        found = replace(found, id=self.new_id())
        try:
            check_fit(self.base, after, found)
        except OperationError:
            return None
        return found

    def _twin_of(self, before: State, operation: Operation, after: State) -> Operation | None:
        if isinstance(operation, Refine):
            return self._refine(before, operation, after)
        if isinstance(operation, Cleave | Assign):
            return self._move(before, operation)
        groups = answers(before.group_of_face, self.surface, self.plane)
        if isinstance(operation, Merge):
            return _changed(operation, groups=_moved(groups, operation.groups))
        if isinstance(operation, Drop):
            return _changed(operation, group=int(groups[operation.group]))
        if isinstance(operation, Rename):
            name = " ".join(OTHER_SIDE.get(word, word) for word in operation.name.split(" "))
            twin = int(groups[operation.group])
            mirrored = replace(operation, group=twin, name=name)
            return None if twin in (operation.group, -1) else mirrored
        return None

    def _move(self, before: State, operation: Cleave | Assign) -> Operation | None:
        groups = answers(before.group_of_face, self.surface, self.plane)
        atoms = answers(before.atom_of_face, self.surface, self.plane)
        if isinstance(operation, Cleave):
            lists = tuple(_moved(atoms, leaving) for leaving in operation.atoms)
            return _changed(operation, group=int(groups[operation.group]), atoms=lists)
        moved = _moved(atoms, operation.atoms)
        # An atom across the plane cannot go to both sides.
        both = set(moved) & set(operation.atoms)
        twin = int(groups[operation.group])
        return None if both else _changed(operation, atoms=moved, group=twin)

    def _refine(self, before: State, operation: Refine, after: State) -> Operation | None:
        atom = int(answers(before.atom_of_face, self.surface, self.plane)[operation.atom])
        leaving = np.zeros(len(before.atom_of_face), bool)
        leaving[faces_of_runs(operation.faces)] = True
        reflected = (self.plane.twin >= 0) & leaving[np.maximum(self.plane.twin, 0)]
        faces = np.flatnonzero(reflected & (after.atom_of_face == atom) & ~leaving)
        return replace(operation, atom=atom, faces=runs_of_faces(faces)) if len(faces) else None


def _moved(twin: Int64, values: Sequence[int]) -> tuple[int, ...]:
    return tuple(int(twin[value]) for value in values)


def _changed(operation: Operation, **fields: object) -> Operation | None:
    """The operation with other fields, or None where they are the same or -1 is among them."""
    if -1 in _numbers(tuple(fields.values())):
        return None
    same = all(_as_sets(getattr(operation, key)) == _as_sets(new) for key, new in fields.items())
    return None if same else replace(operation, **fields)  # type: ignore[arg-type]


def _as_sets(value: object) -> object:
    return frozenset(_as_sets(item) for item in value) if isinstance(value, tuple) else value


def _numbers(value: object) -> set[object]:
    """All that is in nested tuples."""
    return set().union(*map(_numbers, value)) if isinstance(value, tuple) else {value}
