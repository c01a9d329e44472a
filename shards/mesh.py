"""The triangles of a sample, for whoever renders parts or measures against them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.adjacency import weld_vertices
from shards.selection import Selection
from shards.surface import Surface

NO_PART = -1


def sample_mesh(surface: Surface, selection: Selection) -> dict[str, NDArray[Any]]:
    """The arrays of `mesh.npz`.

    Vertices at one position become one, so that neighbours share edges; seams of textures are gone.
    Faces keep their order, and with it the numbers that labels have for them.

    Args:
        surface: V' vertices and F faces of the object.
        selection: at most 255 parts.

    Returns:
        vertices (V, 3) float32, object frame; faces (F, 3) int32, counter-clockwise from outside;
        face_part (F,) int16, the part of the sample that each face belongs to, -1 for none.
    """
    used, corners = np.unique(surface.faces, return_inverse=True)
    places = surface.vertices[used].astype(np.float32)
    position = weld_vertices(places)
    _, first = np.unique(position, return_index=True)
    face_part = np.full(len(surface.faces), NO_PART, np.int16)
    for index, part in enumerate(selection.kept):
        face_part[part.faces] = index
    return {
        "vertices": places[first],
        "faces": position[corners].reshape(-1, 3).astype(np.int32),
        "face_part": face_part,
    }
