"""Which parts a sample takes, in which order, and what is known of each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.adjacency import weld_vertices
from partworks.geometry.mesh import Mesh
from shards.closed import is_watertight
from shards.order import area_level, part_order
from shards.surface import Surface

MIN_AREA = 1e-10
"""Squared units of the object frame; a part with less of it is a line or a point."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SamplePart:
    """One part.

    Attributes:
        label: its number in the `parts` npz and in the renders' folders.
        faces: (F,) int64 its faces.
        box: (2, 3) float64 lower and upper corner, object frame.
        area: in squared units of the object frame.
        level: the area level of `shards.order`.
        watertight: whether its edges, welded by exact position, close.
    """

    label: int
    faces: NDArray[np.int64]
    box: NDArray[np.float64]
    area: float
    level: int
    watertight: bool

    @property
    def center(self) -> NDArray[np.float64]:
        """(3,) centre of the box; `(x - center) / scale` takes the part to [-1, 1]."""
        center: NDArray[np.float64] = self.box.mean(axis=0)
        return center

    @property
    def scale(self) -> float:
        """Half of the box's longest side."""
        return float((self.box[1] - self.box[0]).max() / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The parts of a sample.

    Attributes:
        kept: in the order of the sample.
        dropped: label -> why it was left out: `no_area` or `tail`.
    """

    kept: tuple[SamplePart, ...]
    dropped: dict[int, str]


def select_parts(
    mesh: Mesh, labels: NDArray[Any], *, surface: Surface, count: int, max_parts: int
) -> Selection:
    """Order an object's parts and drop what has no surface and what is over `max_parts`.

    Args:
        labels: (F,) int, 0…`count`-1, -1 for faces of no part.
        surface: of `mesh`.
    """
    faces = _faces_by_label(labels, count)
    areas = [surface.area(own) for own in faces]
    solid = [label for label in range(count) if areas[label] > MIN_AREA]
    dropped = {label: "no_area" for label in range(count) if areas[label] <= MIN_AREA}
    boxes = np.array([surface.box(faces[label]) for label in solid]).reshape(-1, 2, 3)
    levels = area_level(boxes)
    order = part_order(boxes)
    dropped.update({solid[row]: "tail" for row in order[max_parts:]})
    welded = weld_vertices(mesh.vertices)[mesh.faces]
    kept = tuple(
        SamplePart(
            label=solid[row],
            faces=faces[solid[row]],
            box=boxes[row],
            area=areas[solid[row]],
            level=int(levels[row]),
            watertight=is_watertight(welded[faces[solid[row]]]),
        )
        for row in order[:max_parts]
    )
    return Selection(kept=kept, dropped=dict(sorted(dropped.items())))


def _faces_by_label(labels: NDArray[Any], count: int) -> list[NDArray[np.int64]]:
    """The faces of each label, ascending; one sort instead of a pass per label."""
    order = np.argsort(labels, kind="stable")
    bounds = np.searchsorted(labels[order], np.arange(count + 1))
    return [order[start:stop] for start, stop in pairwise(bounds)]
