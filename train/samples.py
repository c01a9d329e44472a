"""What an item and a batch are.

An item is a part, or a whole object. All its points are in one frame: that of the part, in which
its box's longest side spans [-1, 1], or the object's.

| key | of a batch of B |
| --- | --- |
| `surface` | (B, S, 6) float32 points with unit normals, for the encoder |
| `sharp` | (B, S', 6) float32 points on sharp edges, where asked for |
| `queries` | (B, Q, 3) float32: Qs points on the surface, then near ones, then some around |
| `distance` | (B, Q) float32 signed distances, negative inside, truncated |
| `normals` | (B, Qs, 3) float32 of the first Qs queries |
| `near` | (B, Q) bool: which queries are near points; those behind them are the ones around |
| `truncation` | (B,) float32: what distances are truncated to |
| `trusted` | (B,) bool: whether signs are known; queries and distances are 0 where not |
| `stand_in` | (B,) bool: taken for another shape, which has no known sign or is damaged |
| `center`, `scale` | (B, 3), (B,) float32: x * scale + center is in the object frame, if unturned |
| `place` | (B,) int64: the item's place in the order of training, which seeds its noise |
| `key`, `part` | list of B keys; (B,) int64 part, -1 for the whole |
| `mesh` | list of B pairs: (V, 3) float32 vertices and (F, 3) int64 faces; where asked for |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from shards.reader import Field, Mesh, Points
from train.frames import Frame, random_rotation
from train.queries import FieldRows, QueryConfig, draw_queries, draw_surface, no_queries

Batch = dict[str, Any]
FrameName = Literal["part", "object"]
WHOLE = -1

_LISTS = ("key", "mesh")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """A part or a whole object as it is stored, object frame and units.

    Attributes:
        surface: (N, 6) float32 points with normals.
        sharp: (M, 6) float32, or None.
        field: None where no sign can be trusted.
        mesh: (V, 3) float32 vertices and (F, 3) int32 faces, or None.
        center: (3,) float64 and
        scale: of the frame whose cube [-1, 1]³ it fills.
    """

    surface: NDArray[np.float32]
    sharp: NDArray[np.float32] | None
    field: FieldRows | None
    mesh: tuple[NDArray[np.float32], NDArray[np.int32]] | None
    center: NDArray[np.float64]
    scale: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredObject:
    """The members of one sample that shapes are made of.

    Attributes:
        truncation: of the distances, in scales of a shape.
    """

    key: str
    points: Points
    field: Field | None
    mesh: Mesh | None
    truncation: float

    @classmethod
    def of(cls, key: str, members: Mapping[str, Any]) -> StoredObject:
        """From decoded members: `points.npz`, `json`, and what there is of the others."""
        signs = members["json"].get("field") or {}
        return cls(
            key=key,
            points=members["points.npz"],
            field=members.get("field.npz"),
            mesh=members.get("mesh.npz"),
            truncation=float(signs.get("truncation", 0.0)),
        )

    @property
    def part_count(self) -> int:
        """P."""
        return len(self.points.part_box)

    def is_trusted(self, part: int) -> bool:
        """Whether the signs of a part, or of the whole, are known."""
        if self.field is None:
            return False
        return bool(
            len(self.field.object_near) if part == WHOLE else self.field.part_row[part] >= 0
        )

    def solid(self, part: int) -> float:
        """The share of the cube around a part that it fills; 0 where its sign is not known."""
        if not self.is_trusted(part):
            return 0.0
        distances = self._field(part, np.zeros(3), 1.0).volume[:, 3]
        return float((distances < 0).mean()) if len(distances) else 0.0

    def shape(self, part: int) -> Shape:
        """A part, or the whole."""
        points, whole = self.points, part == WHOLE
        sharp = points.object_sharp if whole else points.part_sharp
        center = np.zeros(3) if whole else points.part_center[part].astype(np.float64)
        scale = 1.0 if whole else float(points.part_scale[part])
        return Shape(
            surface=points.object_surface if whole else points.part_surface[part],
            sharp=sharp if sharp is None or whole else sharp[part],
            field=self._field(part, center, scale) if self.is_trusted(part) else None,
            mesh=self._mesh(part),
            center=center,
            scale=scale,
        )

    def _mesh(self, part: int) -> tuple[NDArray[np.float32], NDArray[np.int32]] | None:
        if self.mesh is None:
            return None
        return (self.mesh.vertices, self.mesh.faces) if part == WHOLE else self.mesh.part(part)

    def _field(self, part: int, center: NDArray[np.float64], scale: float) -> FieldRows:
        field = self.field
        assert field is not None
        if part == WHOLE:
            row, arrays = 0, (field.object_surface, field.object_near, field.object_volume)
        else:
            row = int(field.part_row[part])
            arrays = (field.part_surface, field.part_near, field.part_volume)
        return FieldRows(
            surface=arrays[0][row],
            near=arrays[1][row],
            volume=arrays[2][row],
            center=center,
            scale=scale,
            truncation=self.truncation * scale,
        )


def choose_frame(
    shape: Shape, name: FrameName, *, rotate: bool, generator: np.random.Generator
) -> Frame:
    """The frame of an item; a turned shape is made to fit anew."""
    if not rotate:
        at, scale = (shape.center, shape.scale) if name == "part" else (np.zeros(3), 1.0)
        return Frame.upright(at, scale)
    rotation = random_rotation(generator)
    if name == "part":
        return Frame.fitted(shape.surface[:, :3], rotation=rotation)
    # However the object's cube is turned, a cube that is larger by so much holds it.
    return Frame(rotation=rotation, center=np.zeros(3), scale=float(np.sqrt(3.0)))


def make_item(
    shape: Shape, *, frame: Frame, queries: QueryConfig, generator: np.random.Generator
) -> Batch:
    """The arrays of an item that are its shape's; see the head of this module."""
    arrays: dict[str, Any] = {
        "surface": draw_surface(shape.surface, queries.surface, frame=frame, generator=generator)
    }
    if queries.sharp and shape.sharp is not None:
        arrays["sharp"] = draw_surface(shape.sharp, queries.sharp, frame=frame, generator=generator)
    if shape.field is None:
        arrays |= no_queries(queries)
    else:
        arrays |= draw_queries(shape.field, queries, frame=frame, generator=generator)
    item: Batch = {name: torch.from_numpy(array) for name, array in arrays.items()}
    truncation = 0.0 if shape.field is None else shape.field.truncation / frame.scale
    item["truncation"] = torch.tensor(truncation, dtype=torch.float32)
    item["trusted"] = torch.tensor(shape.field is not None)
    item["center"] = torch.from_numpy(frame.center.astype(np.float32))
    item["scale"] = torch.tensor(frame.scale, dtype=torch.float32)
    if shape.mesh is not None:
        vertices, faces = shape.mesh
        item["mesh"] = (
            torch.from_numpy(frame.points(vertices)),
            torch.from_numpy(faces.astype(np.int64)),
        )
    return item


def collate(items: Sequence[Batch]) -> Batch:
    """A batch of items that have the same keys."""
    return {
        name: [item[name] for item in items]
        if name in _LISTS
        else torch.stack([item[name] for item in items])
        for name in items[0]
    }


def size_of(batch: Batch) -> int:
    """B."""
    surface: Tensor = batch["surface"]
    return len(surface)
