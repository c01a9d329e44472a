"""The triangles of a sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shards.reader.archives import MAX_BYTES, Layout, check_layout, read_arrays
from shards.reader.errors import UndecodableError

_MESH: Layout = {
    "vertices": ("float32", "V 3"),
    "faces": ("int32", "F 3"),
    "face_part": ("int16", "F"),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mesh:
    """The decoded `mesh.npz`: the triangles of an object, object frame and units.

    Attributes:
        vertices: (V, 3) float32, one per position.
        faces: (F, 3) int32, counter-clockwise from outside, as far as the artist cared.
        face_part: (F,) int16 the sample's part that each face belongs to, -1 for none.
    """

    vertices: NDArray[np.float32]
    faces: NDArray[np.int32]
    face_part: NDArray[np.int16]

    def part(self, index: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """(V', 3) vertices and (F', 3) faces of one part alone; none of either if it has none."""
        used, faces = np.unique(self.faces[self.face_part == index], return_inverse=True)
        return self.vertices[used], faces.reshape(-1, 3).astype(np.int32)


def decode_mesh(data: bytes, *, limit: int = MAX_BYTES, check: bool = True) -> Mesh:
    """The `mesh.npz` member.

    Raises:
        UndecodableError: it is not what it should be, or a face names a vertex that is not there.
    """
    arrays = read_arrays(data, only=_MESH, limit=limit, check=check)
    check_layout(arrays, _MESH)
    faces, count = arrays["faces"], len(arrays["vertices"])
    if len(faces) and not 0 <= faces.min() <= faces.max() < count:
        raise UndecodableError(
            f"faces name vertices {faces.min()} to {faces.max()}, but there are {count}"
        )
    if not np.isfinite(arrays["vertices"]).all():
        raise UndecodableError("some vertices are not finite")
    if (arrays["face_part"] < -1).any():
        raise UndecodableError("face_part has numbers below -1")
    return Mesh(**arrays)
