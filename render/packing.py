"""Pictures as PNG bytes that depend on their pixels only."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

COMPRESSION = 4
"""zlib's level; higher ones cost twice the time for a twentieth of the size."""


def encode_png(pixels: NDArray[Any]) -> bytes:
    """A PNG without metadata of (H, W) uint8 or uint16, (H, W, 3) or (H, W, 4) uint8."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=COMPRESSION)
    return buffer.getvalue()


def encode_json(table: Any) -> bytes:
    """JSON with sorted keys; numbers that are not finite are refused."""
    return json.dumps(table, sort_keys=True, allow_nan=False).encode()


def encode_depth(depth: NDArray[np.float32], *, scale: float) -> bytes:
    """16-bit grey: depth / scale, at least 1 where something is seen, 0 where not."""
    steps = np.rint(np.where(np.isfinite(depth), depth, 0.0) / scale).clip(1, 65535)
    return encode_png(np.where(np.isfinite(depth), steps, 0).astype(np.uint16))


def encode_normal(normal: NDArray[np.float32]) -> bytes:
    """8-bit RGB: (n + 1) / 2; the background, without a normal, is black."""
    seen = normal.any(axis=-1, keepdims=True)
    return encode_png(np.where(seen, np.rint((normal + 1) * 127.5), 0).astype(np.uint8))


def encode_part(part: NDArray[np.int32]) -> bytes:
    """16-bit grey: part + 1, 0 where there is none (-1)."""
    return encode_png((part + 1).astype(np.uint16))
