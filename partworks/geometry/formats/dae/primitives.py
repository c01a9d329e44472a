"""One primitive of a COLLADA geometry: indices of several attributes become vertices and faces."""

from __future__ import annotations

from typing import Any

import numpy as np
from collada.polylist import Polylist
from collada.triangleset import TriangleSet
from numpy.typing import NDArray

from partworks.errors import Rejected
from partworks.geometry.formats.polygons import triangulate
from partworks.geometry.mesh import Float32, MeshNode

Int64 = NDArray[np.int64]


def corner_counts(primitive: Any) -> Int64 | None:
    """(P,) int64 corners of each polygon; None for points and lines."""
    if isinstance(primitive, TriangleSet):
        return np.full(len(primitive.index), 3, np.int64)
    if isinstance(primitive, Polylist):
        return np.asarray(primitive.vcounts, np.int64)
    return None


def read_primitive(primitive: Any, counts: Int64, *, uv_set: str | None) -> MeshNode:
    """The triangles of a primitive in its geometry's frame.

    Vertices are the distinct combinations of what their corners refer to, by first use.

    Args:
        primitive: pycollada's TriangleSet, Polylist or Polygons.
        counts: what `corner_counts` gives.
        uv_set: the `set` of the TEXCOORD to take; the first one where there is none of that name.

    Raises:
        Rejected: `index_out_of_range`, `no_positions` or `invalid_dae`.
    """
    table = np.asarray(primitive.index, np.int64).reshape(int(counts.sum()), -1)
    if (counts < 0).any():
        raise Rejected("invalid_dae", "a polygon of fewer than no corners")
    places = _inputs(primitive, uv_set)
    if "VERTEX" not in places:
        raise Rejected("no_positions", "a COLLADA primitive has no VERTEX input")
    used = np.stack([table[:, offset] for offset, _ in places.values()], axis=1)
    corners, rows = _distinct(used)
    values = {
        name: _looked_up(np.asarray(source), used[rows, column], name)
        for column, (name, (_, source)) in enumerate(places.items())
    }
    positions = values["VERTEX"][:, :3]
    triangles = triangulate(positions[corners].astype(np.float64), counts)
    return MeshNode(
        vertices=positions.astype(np.float32),
        faces=corners[triangles.corners].astype(np.int32),
        normals=_optional(values.get("NORMAL"), 3),
        uv=_gltf_uv(_optional(values.get("TEXCOORD"), 2)),
        colors=_rgba(values.get("COLOR")),
    )


def _inputs(primitive: Any, uv_set: str | None) -> dict[str, tuple[int, Any]]:
    """Semantic -> offset in the index rows, and the values."""
    places: dict[str, tuple[int, Any]] = {}
    for name in ("VERTEX", "NORMAL", "TEXCOORD", "COLOR"):
        inputs = primitive.sources.get(name) or []
        if name == "TEXCOORD":
            inputs = [each for each in inputs if each[3] == uv_set] or inputs
        if inputs:
            places[name] = (int(inputs[0][0]), inputs[0][4].data)
    return places


def _distinct(used: Int64) -> tuple[Int64, Int64]:
    """(C,) the vertex of each corner, and (V,) a corner of each vertex, numbered by first use."""
    _, first, inverse = np.unique(used, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.zeros(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank[inverse.reshape(-1)], first[order]


def _looked_up(source: NDArray[Any], rows: Int64, name: str) -> NDArray[Any]:
    if len(rows) and (int(rows.min()) < 0 or int(rows.max()) >= len(source)):
        raise Rejected(
            "index_out_of_range", f"a {name} index is beyond the {len(source)} entries there are"
        )
    return np.asarray(source[rows])


def _optional(values: NDArray[Any] | None, width: int) -> Float32 | None:
    if values is None or values.shape[1] < width:
        return None
    return np.asarray(values[:, :width], np.float32)


def _gltf_uv(uv: Float32 | None) -> Float32 | None:
    return None if uv is None else np.stack([uv[:, 0], 1 - uv[:, 1]], axis=1)


def _rgba(values: NDArray[Any] | None) -> Float32 | None:
    if values is None or values.shape[1] < 3:
        return None
    opaque = np.ones((len(values), 1), np.float32)
    colors: Float32 = np.concatenate([values, opaque], axis=1)[:, :4].astype(np.float32)
    return colors
