"""What a vertex stream holds after decoding, turned into what its accessors read.

Source: EXT_meshopt_compression, appendix B, and KHR_meshopt_compression for colours. Unit
vectors are computed in float32 as published decoders do, so that the result is theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.meshopt.damage import Damaged

UInt8 = NDArray[np.uint8]


def octahedral(elements: UInt8) -> UInt8:
    """Unit vectors in 4 × 8 or 4 × 16 bits; the third number is the one that stands for 1."""
    values = _four(elements, signed=True)
    top = np.float32(np.iinfo(values.dtype).max)
    x, y, one = (values[:, axis].astype(np.float32) for axis in range(3))
    z = one - np.abs(x) - np.abs(y)
    below = np.minimum(z, np.float32(0))
    x = x + np.where(x >= 0, below, -below)
    y = y + np.where(y >= 0, below, -below)
    scale = top / np.sqrt(x * x + y * y + z * z)
    decoded = values.copy()
    for axis, part in enumerate((x, y, z)):
        decoded[:, axis] = _rounded(part * scale, values.dtype)
    return decoded.view(np.uint8)


def quaternion(elements: UInt8) -> UInt8:
    """Unit quaternions in 4 × 16 bits: the largest part is left out, and named by two bits."""
    values = _four(elements, signed=True)
    if values.dtype != np.int16:
        raise Damaged("quaternions of another width than 8 bytes")
    scale = np.float32(1 / np.sqrt(np.float32(2))) / (values[:, 3] | 3).astype(np.float32)
    parts = [values[:, axis].astype(np.float32) * scale for axis in range(3)]
    x, y, z = parts
    largest = np.sqrt(np.maximum(np.float32(1) - x * x - y * y - z * z, np.float32(0)))
    which = values[:, 3] & 3
    decoded = values.copy()
    rows = np.arange(len(values))
    for step, part in ((1, x), (2, y), (3, z), (0, largest)):
        decoded[rows, (which + step) & 3] = _rounded(part * np.float32(32767), values.dtype)
    return decoded.view(np.uint8)


def exponential(elements: UInt8) -> UInt8:
    """Floats as a mantissa of 24 bits and an exponent of 8, both signed."""
    packed = np.ascontiguousarray(elements).view("<i4")
    mantissa, exponent = (packed << 8) >> 8, packed >> 24
    decoded = np.ldexp(mantissa.astype(np.float32), exponent).astype("<f4")
    return decoded.view(np.uint8)


def color(elements: UInt8) -> UInt8:
    """RGBA in 4 × 8 or 4 × 16 bits, stored as luma and two signed differences."""
    values = _four(elements, signed=False)
    luma = values[:, 0].astype(np.int32)
    signed = values.view(np.int8 if values.dtype == np.uint8 else np.int16)
    orange, green = signed[:, 1].astype(np.int32), signed[:, 2].astype(np.int32)
    alpha = values[:, 3].astype(np.int32)
    ones = alpha.copy()
    for shift in (1, 2, 4, 8):  # all ones below the highest bit, which says how many bits there are
        ones |= ones >> shift
    scale = np.iinfo(values.dtype).max / ones.astype(np.float64)
    channels = (
        luma + orange - green,
        luma + green,
        luma - orange - green,
        ((alpha << 1) & ones) | (alpha & 1),
    )
    decoded = values.copy()
    for axis, channel in enumerate(channels):
        decoded[:, axis] = _rounded(channel * scale, values.dtype)
    return decoded.view(np.uint8)


FILTERS: Mapping[str, Callable[[UInt8], UInt8]] = {
    "OCTAHEDRAL": octahedral,
    "QUATERNION": quaternion,
    "EXPONENTIAL": exponential,
    "COLOR": color,
}
"""By the name that the extension's `filter` gives."""


def _four(elements: UInt8, *, signed: bool) -> NDArray[Any]:
    """(N, 4) integers of 8 or 16 bits, as (N, 4) or (N, 8) bytes hold them."""
    kind = {4: "1", 8: "2"}.get(elements.shape[1])
    if kind is None:
        raise Damaged(f"a filter on elements of {elements.shape[1]} bytes, expected 4 or 8")
    return np.ascontiguousarray(elements).view(f"<{'i' if signed else 'u'}{kind}")


def _rounded(values: NDArray[np.floating[Any]], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Half away from zero; what damaged data makes of NaN is 0, and too large is clipped."""
    half = np.where(values >= 0, 0.5, -0.5).astype(values.dtype)
    bounds = np.iinfo(dtype)
    whole = np.nan_to_num(np.trunc(values + half), nan=0.0)
    clipped: NDArray[Any] = np.clip(whole, bounds.min, bounds.max).astype(dtype)
    return clipped
