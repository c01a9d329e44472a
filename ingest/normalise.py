"""Put an object into the object frame: y up, centred, its longest side from -1 to 1."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.mesh import Float32, Mesh

Float64 = NDArray[np.float64]

Z_UP = np.asarray([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
"""Turns z up into y up: a quarter about x."""


def normalise(mesh: Mesh, *, z_up: bool) -> tuple[Mesh, Float64]:
    """The mesh in the object frame, and the way back.

    Only positions and normals change: faces, UVs and the order of vertices stay. Positions are
    computed in float64 and rounded once, so that huge, tiny and far objects keep what they have.

    Args:
        mesh: in its source frame, with an extent above 0.
        z_up: turn a source whose z axis points up.

    Returns:
        The mesh, and `to_source` (4, 4) float64, which moves its positions back.
    """
    turn = Z_UP if z_up else np.eye(3)
    low, high = _turned(mesh.bounds, turn)
    low, high = np.minimum(low, high), np.maximum(low, high)
    center = low + (high - low) / 2  # the sum of two huge coordinates could overflow
    half = float((high - low).max()) / 2
    assert half > 0
    nodes = tuple(
        replace(
            node,
            vertices=_float32((_turned(node.vertices, turn) - center) / half),
            normals=None if node.normals is None else _float32(_turned(node.normals, turn)),
        )
        for node in mesh.nodes
    )
    to_source = np.eye(4)
    to_source[:3, :3] = turn.T * half
    to_source[:3, 3] = _turned(center[None], turn.T)[0]
    return replace(mesh, nodes=nodes), to_source


def _turned(points: NDArray[Any], turn: Float64) -> Float64:
    """(N, 3) points after a turn by quarters, exactly: each axis becomes another."""
    axis, sign = np.abs(turn).argmax(axis=1), turn.sum(axis=1)
    turned: Float64 = points.astype(np.float64)[:, axis] * sign
    return turned


def _float32(values: Float64) -> Float32:
    # Adding 0 turns -0 into 0, so that equal positions have equal bytes.
    rounded: Float32 = values.astype(np.float32) + np.float32(0)
    return rounded
