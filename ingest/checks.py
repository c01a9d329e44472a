"""The rules that say no to a mesh that could be read but is no use as training data."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ingest.config import IngestConfig
from partworks.errors import Rejected
from partworks.geometry.mesh import Mesh

REASONS: Mapping[str, str] = {
    "licence_not_allowed": "The asset's licence is not one of those that may come in.",
    "too_few_faces": "The object has fewer faces than the least that is asked for.",
    "lost_precision": "The object lies so far from its origin that float32 has lost its shape.",
    "untextured": "The object has neither images nor vertex colours.",
}
COARSE = 1 << 16
"""Float32 steps along the longest side below which coordinates are called coarse."""


def check_licence(licence: str, config: IngestConfig) -> None:
    """Raise Rejected('licence_not_allowed') unless assets of this licence may come in."""
    if config.licences and licence not in config.licences:
        raise Rejected(
            "licence_not_allowed",
            f"the licence is {licence!r}, allowed are {', '.join(config.licences)}",
        )


def check_mesh(mesh: Mesh, config: IngestConfig) -> tuple[str, ...]:
    """Apply the rules to a mesh in its source frame; return words of warning.

    Raises:
        Rejected: with a reason of `REASONS`.
    """
    if mesh.face_count < config.min_faces:
        raise Rejected(
            "too_few_faces", f"{mesh.face_count} faces, at least {config.min_faces} are expected"
        )
    if config.require_texture and not _has_colour(mesh):
        raise Rejected("untextured", "the object has neither images nor vertex colours")
    steps = resolution(mesh)
    if steps < config.min_resolution:
        raise Rejected(
            "lost_precision",
            f"the longest side spans {steps:.0f} float32 steps where the object lies, at least "
            f"{config.min_resolution} are expected; export it nearer to its origin",
        )
    return ("coarse_coordinates",) if steps < COARSE else ()


def resolution(mesh: Mesh) -> float:
    """Float32 steps along the longest side, at the coordinate farthest from the origin."""
    bounds = mesh.bounds
    step = float(np.spacing(np.float32(np.abs(bounds).max())))
    return float((bounds[1] - bounds[0]).max()) / step


def _has_colour(mesh: Mesh) -> bool:
    pictured = any(
        material.base_color_texture is not None or material.emissive_texture is not None
        for material in mesh.materials
    )
    return pictured or any(node.colors is not None for node in mesh.nodes)
