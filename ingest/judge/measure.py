"""All that the rules ask of an object, measured once and kept in its row of the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ingest.judge.appearance import measure_appearance
from ingest.judge.coding import content_hash, encode_colors, encode_shape
from ingest.judge.extents import COARSE, convexity, resolution, thickness
from ingest.judge.pieces import measure_pieces
from partworks.errors import Rejected
from partworks.geometry.even_points import even_points
from partworks.geometry.mesh import Mesh
from partworks.geometry.signature import POINTS, shape_signature

Measurements = Mapping[str, float | int | str]

MARK = "shape"
"""The metric that only a row with measurements has."""

LOST_TEXTURES = ("missing_texture", "unreadable_texture")

_DIGITS = 6


def measure(
    mesh: Mesh, *, source_resolution: float, warnings: Sequence[str]
) -> dict[str, float | int | str]:
    """Measure an object.

    Args:
        mesh: in the object frame, with some area.
        source_resolution: `resolution` in the source's frame.
        warnings: what the loader said.

    Returns:
        `faces`, `vertices`, `nodes`, `materials`, `images`, `warnings`, and what the modules
        beside this one measure; fractions with six digits after the point.

    Raises:
        Rejected: `no_area`.
    """
    vertices, faces = mesh.vertices, mesh.faces
    points = even_points(vertices, faces, count=POINTS)
    if not len(points.face):
        raise Rejected("no_area", "no face has any area once the object is scaled to its box")
    pieces = measure_pieces(vertices, faces)
    look = measure_appearance(mesh)
    numbers = {
        "resolution": float(np.floor(source_resolution)),
        "thickness": thickness(vertices, faces, points),
        "convexity": convexity(vertices, faces, points),
        "largest_component": pieces.largest_component,
        "color_spread": look.spread,
        "opacity": look.opacity,
    }
    return {
        "faces": mesh.face_count,
        "vertices": int(mesh.vertex_offsets[-1]),
        "nodes": len(mesh.nodes),
        "materials": len(mesh.materials),
        "images": len(mesh.images),
        "warnings": ",".join(warnings),
        "components": pieces.components,
        "islands": pieces.islands,
        "colored": int(look.authored),
        "content": content_hash(mesh),
        "colors": encode_colors(look.histogram),
        MARK: encode_shape(shape_signature(vertices, faces, points=points)),
        **{name: round(value, _DIGITS) for name, value in numbers.items()},
    }


def warnings_of(mesh: Mesh) -> tuple[str, ...]:
    """Words of warning about a mesh in its source frame."""
    return ("coarse_coordinates",) if resolution(mesh) < COARSE else ()
