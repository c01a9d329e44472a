"""A part for what is too small to be one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from partworks.geometry.mesh import Mesh
from partworks.geometry.sampling import sample_surface, surface_points

Int32 = NDArray[np.int32]

SAMPLES = 20_000
MOST_VOTES = 64


def join_nearest(
    mesh: Mesh, face_parts: Int32, face_segments: Int32, *, generator: np.random.Generator
) -> Int32:
    """(F,) int32: `face_parts` with every -1 replaced, a whole segment at a time.

    Up to 64 corners of a segment vote for the part with the nearest surface point; ties go to the
    part with the smaller number. Nothing is replaced where there is no part at all.
    """
    loose = np.flatnonzero(face_parts < 0)
    solid = np.flatnonzero(face_parts >= 0)
    face, weights = sample_surface(
        mesh.vertices, mesh.faces[solid], count=SAMPLES, generator=generator
    )
    if not len(loose) or not len(face):
        return face_parts
    points = surface_points(mesh.vertices, mesh.faces[solid], face, weights)
    tree = cKDTree(points, balanced_tree=False, compact_nodes=False)
    joined = face_parts.copy()
    for segment in np.unique(face_segments[loose]):
        inside = loose[face_segments[loose] == segment]
        corners = np.unique(mesh.faces[inside])
        chosen = corners[np.linspace(0, len(corners) - 1, MOST_VOTES).astype(np.int64)]
        _, nearest = tree.query(mesh.vertices[np.unique(chosen)])
        votes = np.bincount(face_parts[solid[face[nearest]]])
        joined[inside] = votes.argmax()
    return joined
