"""Automatic acceptance: parts without a reviewer, and marked as such."""

from __future__ import annotations

import numpy as np

from annotate.config import AnnotateConfig
from annotate.crumbs import join_nearest
from annotate.cut import cut_segments
from annotate.names import part_names
from partworks.artifacts.parts import Parts
from partworks.artifacts.segments import Segments
from partworks.geometry.adjacency import number_by_first
from partworks.geometry.mesh import Mesh


def accept(
    mesh: Mesh, segments: Segments, *, config: AnnotateConfig, generator: np.random.Generator
) -> Parts:
    """Cut the merge tree, give crumbs to their neighbours, name what is left.

    Parts are numbered by their first face; no face is dropped.
    """
    face_parts = cut_segments(segments, config)[segments.face_labels]
    face_parts = join_nearest(mesh, face_parts, segments.face_labels, generator=generator)
    face_labels = number_by_first(face_parts)
    return Parts(
        face_labels=face_labels,
        part_names=part_names(mesh, face_labels, generator=generator),
        source="auto",
        geometry_hash=mesh.geometry_hash,
    )
