"""Vectors as words of a ledger's row: short, exact and never taken for a number."""

from __future__ import annotations

import base64
import hashlib

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.mesh import Mesh

Float64 = NDArray[np.float64]

STEP = 1 / 8192
"""Of a coded shape signature; 64 roundings together stay below a twentieth of the tolerance."""

_SHAPE = "shape1:"
_COLORS = "colors1:"


def encode_shape(signature: Float64) -> str:
    """(64,) float64 in steps of 1/8192, as base64 of little-endian int16."""
    # Sums differ in their last bits between processors; nine digits do not.
    steps = np.rint(np.round(signature, 9) / STEP).clip(-32768, 32767).astype("<i2")
    return _SHAPE + base64.b64encode(steps.tobytes()).decode()


def decode_shape(text: str) -> NDArray[np.int16] | None:
    """(64,) int16 steps of a signature; None of another version's."""
    if not text.startswith(_SHAPE):
        return None
    return np.frombuffer(base64.b64decode(text.removeprefix(_SHAPE)), "<i2")


def encode_colors(histogram: Float64) -> str:
    """(27,) float64 shares in steps of 1/255, as base64."""
    steps = np.rint(np.round(histogram, 9) * 255).astype(np.uint8)
    return _COLORS + base64.b64encode(steps.tobytes()).decode()


def decode_colors(text: str) -> Float64 | None:
    """The inverse of `encode_colors`, but for its rounding; None of another version's."""
    if not text.startswith(_COLORS):
        return None
    steps = np.frombuffer(base64.b64decode(text.removeprefix(_COLORS)), np.uint8)
    return steps.astype(np.float64) / 255


def content_hash(mesh: Mesh) -> str:
    """SHA-256 of an object's geometry and of all that colours it, whatever it is called."""
    digest = hashlib.sha256(mesh.geometry_hash.encode())
    for node in mesh.nodes:
        for values in (node.uv, node.colors):
            digest.update(b"-" if values is None else values.tobytes())
        digest.update(str(node.material).encode())
    for material in mesh.materials:
        digest.update(repr((material.base_color, material.base_color_texture)).encode())
        digest.update(repr((material.emissive, material.emissive_texture)).encode())
    for image in mesh.images:
        digest.update(hashlib.sha256(image.data).digest())
    return f"sha256:{digest.hexdigest()[:40]}"
