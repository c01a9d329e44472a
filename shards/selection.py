"""Which parts a sample takes, in which order, and what is known of each.

Parts over the cap are the tail of the order. It is left out, or becomes the sample's last part:
then that part counts towards the cap, and has the faces of all those merged.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.adjacency import weld_vertices
from partworks.geometry.mesh import Mesh
from shards.closed import is_watertight
from shards.order import area_level, part_order
from shards.surface import Surface

Tail = Literal["drop", "merge"]

REST = "rest"
"""The name of a merged tail."""

MIN_AREA = 1e-10
"""Squared units of the object frame; a part with less of it is a line or a point."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SamplePart:
    """One part.

    Attributes:
        labels: its number in the `parts` npz and in the renders' folders; of a merged tail, those
            of all its parts, in their order.
        faces: (F,) int64 its faces, ascending.
        box: (2, 3) float64 lower and upper corner, object frame.
        area: in squared units of the object frame.
        level: the area level of `shards.order`.
        watertight: whether its edges, welded by exact position, close.
    """

    labels: tuple[int, ...]
    faces: NDArray[np.int64]
    box: NDArray[np.float64]
    area: float
    level: int
    watertight: bool

    @property
    def merged(self) -> bool:
        """Whether it is a tail of parts that were put together."""
        return len(self.labels) > 1

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
    mesh: Mesh,
    labels: NDArray[Any],
    *,
    surface: Surface,
    count: int,
    max_parts: int,
    tail: Tail = "drop",
) -> Selection:
    """Order an object's parts, drop what has no surface, and drop or merge what is over the cap.

    Args:
        labels: (F,) int, 0…`count`-1, -1 for faces of no part.
        surface: of `mesh`.
        max_parts: parts of the selection at the most, a merged tail among them.
        tail: what becomes of the others.
    """
    faces = _faces_by_label(labels, count)
    areas = [surface.area(own) for own in faces]
    solid = [label for label in range(count) if areas[label] > MIN_AREA]
    dropped = {label: "no_area" for label in range(count) if areas[label] <= MIN_AREA}
    boxes = np.array([surface.box(faces[label]) for label in solid]).reshape(-1, 2, 3)
    order = [solid[row] for row in part_order(boxes)]
    slots = [(label,) for label in order[:max_parts]]
    if len(order) > max_parts and tail == "merge":
        slots[-1] = tuple(order[max_parts - 1 :])
    else:
        dropped.update(dict.fromkeys(order[max_parts:], "tail"))
    welded = weld_vertices(mesh.vertices)[mesh.faces]
    kept = tuple(_measure(slot, faces, surface=surface, welded=welded) for slot in slots)
    return Selection(kept=kept, dropped=dict(sorted(dropped.items())))


def _measure(
    labels: tuple[int, ...],
    faces_by_label: list[NDArray[np.int64]],
    *,
    surface: Surface,
    welded: NDArray[Any],
) -> SamplePart:
    """What is known of the part that has these labels; `welded` is (F, 3) int."""
    faces = np.sort(np.concatenate([faces_by_label[label] for label in labels]))
    box = surface.box(faces)
    return SamplePart(
        labels=labels,
        faces=faces,
        box=box,
        area=surface.area(faces),
        level=int(area_level(box[None])[0]),
        watertight=is_watertight(welded[faces]),
    )


def _faces_by_label(labels: NDArray[Any], count: int) -> list[NDArray[np.int64]]:
    """The faces of each label, ascending; one sort instead of a pass per label."""
    order = np.argsort(labels, kind="stable")
    bounds = np.searchsorted(labels[order], np.arange(count + 1))
    return [order[start:stop] for start, stop in pairwise(bounds)]
