"""What reconstructions are compared with: true meshes, or, without them, the signs of a field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import igl
import numpy as np
from numpy.typing import NDArray

from shards.reader import Field, Mesh, Points
from train.metrics.mesh import TriangleMesh
from train.samples import WHOLE

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Signs:
    """Points in the object frame, (N, 3) float64, and which of them are inside, (N,) bool."""

    points: Float64
    inside: Bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ObjectTruth:
    """What is known of an object, object frame.

    Attributes:
        key: of the sample.
        names: (P) of its parts.
        points: surface points, boxes and frames of its parts.
        mesh: its triangles, or None where the shards have none.
        field: its signed distances, or None likewise.
    """

    key: str
    names: tuple[str, ...]
    points: Points
    mesh: Mesh | None
    field: Field | None

    @classmethod
    def of(cls, key: str, members: Mapping[str, Any]) -> ObjectTruth:
        """From decoded members: `json`, `points.npz`, and what there is of the others."""
        return cls(
            key=key,
            names=tuple(part["name"] for part in members["json"]["parts"]),
            points=members["points.npz"],
            mesh=members.get("mesh.npz"),
            field=members.get("field.npz"),
        )

    def part_mesh(self, part: int) -> TriangleMesh:
        """The triangles of a part, none if it has none."""
        assert self.mesh is not None
        vertices, faces = self.mesh.part(part)
        return TriangleMesh(vertices=vertices.astype(np.float64), faces=faces.astype(np.int64))

    def signs(self, part: int) -> Signs | None:
        """The volume points of a part or of the `WHOLE`; None where no sign could be trusted."""
        if self.field is None:
            return None
        row = 0 if part == WHOLE else int(self.field.part_row[part])
        volume = self.field.object_volume if part == WHOLE else self.field.part_volume
        if not 0 <= row < len(volume) or not volume.shape[1]:
            return None
        return Signs(points=volume[row, :, :3].astype(np.float64), inside=volume[row, :, 3] < 0)


def sign_iou(meshes: list[TriangleMesh], signs: Signs) -> float:
    """Intersection over union of the points inside a union of solids and of those truly inside.

    A mesh has a point inside if it winds around it by more than one half, as in `voxelise_mesh`.
    Where neither has a point the two agree, and it is 1.
    """
    ours = np.zeros(len(signs.points), bool)
    for mesh in meshes:
        if not mesh.is_empty:
            winding = igl.fast_winding_number(mesh.vertices, mesh.faces, signs.points)
            ours |= np.abs(np.asarray(winding)) > 0.5
    union = int((ours | signs.inside).sum())
    return int((ours & signs.inside).sum()) / union if union else 1.0
