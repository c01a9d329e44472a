"""The bytes of a member as values.

Every decoder raises UndecodableError for bytes that are not what they should be, and takes no more
memory than its limit, whatever the bytes claim. With `check`, checksums within an archive are
compared, too.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shards.reader.archives import MAX_BYTES, Layout, check_layout, read_arrays
from shards.reader.errors import UndecodableError
from shards.reader.mesh import decode_mesh

MAX_PIXELS = 1 << 26
"""Of an image: 8192 × 8192."""

MAX_TEXT = 1 << 26
"""Bytes of a json."""

_PNG = b"\x89PNG\r\n\x1a\n"
_MODES = {"L": np.uint8, "RGB": np.uint8, "RGBA": np.uint8, "I;16": np.uint16}

Float32 = NDArray[np.float32]
Int32 = NDArray[np.int32]

_POINTS: Layout = {
    "part_surface": ("float32", "P N 6"),
    "object_surface": ("float32", "K 6"),
    "part_box": ("float32", "P 2 3"),
    "part_center": ("float32", "P 3"),
    "part_scale": ("float32", "P"),
    "part_sharp": ("float32", "P M 6"),
    "object_sharp": ("float32", "L 6"),
    "part_farthest": ("int32", "P T"),
    "object_farthest": ("int32", "U"),
    "box_surface": ("float32", "P B 6"),
}
_ALWAYS = ("part_surface", "object_surface", "part_box")

_FIELD: Layout = {
    "part_row": ("int32", "P"),
    "part_surface": ("float32", "T S 6"),
    "part_near": ("float32", "T N 4"),
    "part_volume": ("float32", "T V 4"),
    "object_surface": ("float32", "O A 6"),
    "object_near": ("float32", "O B 4"),
    "object_volume": ("float32", "O C 4"),
}

_GRID: Layout = {
    "occupied": ("uint8", "G 3"),
    "visible": ("bool", "G"),
    "part": ("int16", "G"),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Points:
    """The decoded `points.npz` of a sample: points with unit normals, object frame and units.

    Attributes:
        part_surface: (P, N, 6) float32, even over each part's area.
        object_surface: (K, 6) float32, even over the whole object's.
        part_box: (P, 2, 3) float32 lower and upper corner of each part.
        part_center: (P, 3) float32 and
        part_scale: (P,) float32: `(x - center) / scale` takes a part to [-1, 1].
        part_sharp: (P, M, 6) float32 on sharp edges, or None.
        object_sharp: (M, 6) float32, or None.
        part_farthest: (P, T) int32 rows of `part_surface`, each the farthest from those before it,
            or None.
        object_farthest: (T,) int32 rows of `object_surface`, or None.
        box_surface: (P, B, 6) float32 on the parts' boxes, normals outwards, or None.
    """

    part_surface: Float32
    object_surface: Float32
    part_box: Float32
    part_center: Float32
    part_scale: Float32
    part_sharp: Float32 | None = None
    object_sharp: Float32 | None = None
    part_farthest: Int32 | None = None
    object_farthest: Int32 | None = None
    box_surface: Float32 | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Field:
    """The decoded `field.npz`: truncated signed distance, negative inside, object frame and units.

    Parts whose sign could not be trusted have no row; T rows are those that could.

    Attributes:
        part_row: (P,) int32 row of a part in the arrays below, -1 where it has none.
        part_surface: (T, S, 6) float32 points with normals; their distance is 0.
        part_near: (T, N, 4) float32 points near the surface, and their distance.
        part_volume: (T, V, 4) float32 points anywhere around the part, and their distance.
        object_surface: (O, S, 6) float32 the same for the whole object; O is 1, or 0 for none.
        object_near: (O, N, 4) float32.
        object_volume: (O, V, 4) float32.
    """

    part_row: Int32
    part_surface: Float32
    part_near: Float32
    part_volume: Float32
    object_surface: Float32
    object_near: Float32
    object_volume: Float32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """The decoded `grid.npz`: the voxels of [-1, 1]³ that the surface passes through.

    Attributes:
        occupied: (G, 3) uint8 coordinates, ascending.
        visible: (G,) bool whether the voxel is seen from outside.
        part: (G,) int16 the part that has most of its surface there, -1 for none.
    """

    occupied: NDArray[np.uint8]
    visible: NDArray[np.bool_]
    part: NDArray[np.int16]


def decode_points(data: bytes, *, limit: int = MAX_BYTES, check: bool = True) -> Points:
    """The `points.npz` member; pickled objects are refused, arrays of later versions left out."""
    arrays = read_arrays(data, only=_POINTS, limit=limit, check=check)
    check_layout(arrays, _POINTS, optional=set(_POINTS) - set(_ALWAYS))
    # Format 1 has boxes alone, which say the same.
    low, high = arrays["part_box"][:, 0], arrays["part_box"][:, 1]
    arrays.setdefault("part_center", (low + high) / 2)
    arrays.setdefault("part_scale", (high - low).max(axis=1) / 2)
    return Points(**arrays)


def decode_field(data: bytes, *, limit: int = MAX_BYTES, check: bool = True) -> Field:
    """The `field.npz` member."""
    arrays = read_arrays(data, only=_FIELD, limit=limit, check=check)
    check_layout(arrays, _FIELD)
    rows = arrays["part_row"]
    given = np.sort(rows[rows >= 0])
    if not np.array_equal(given, np.arange(len(arrays["part_near"]))) or (rows < -1).any():
        raise UndecodableError(f"part_row is {rows.tolist()}, expected each row once, or -1")
    return Field(**arrays)


def decode_grid(data: bytes, *, limit: int = MAX_BYTES, check: bool = True) -> Grid:
    """The `grid.npz` member."""
    arrays = read_arrays(data, only=_GRID, limit=limit, check=check)
    check_layout(arrays, _GRID)
    return Grid(**arrays)


def decode_json(data: bytes, *, limit: int = MAX_TEXT) -> dict[str, Any]:
    """The `json` member: licence, captions, part table, cameras."""
    if len(data) > limit:
        raise UndecodableError(f"a json of {len(data)} bytes, at most {limit} allowed")
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UndecodableError(f"no sound json: {error}") from error
    if not isinstance(content, dict):
        raise UndecodableError(f"a json with a {type(content).__name__}, expected an object")
    return content


def decode_image(data: bytes, *, limit: int = MAX_PIXELS) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """A webp or png, as stored.

    Returns:
        (H, W, 4) uint8 sRGB with straight alpha, (H, W, 3) uint8 without, (H, W) uint8 or uint16
        grey: masks are part index + 1, depth is in units of `depth_scale`.
    """
    if data[:8] == _PNG and data[24:25] == b"\x10" and data[25:26] != b"\x00":
        # Pillow would drop the lower half of every value without a word.
        raise UndecodableError("a png with 16 bits and colours, expected grey, or 8 bits")
    try:
        with Image.open(io.BytesIO(data), formats=("WEBP", "PNG")) as image:
            if image.width * image.height > limit:
                size = f"{image.width} × {image.height}"
                raise UndecodableError(f"an image of {size} pixels, at most {limit} allowed")
            if image.mode not in _MODES:
                expected = ", ".join(_MODES)
                raise UndecodableError(f"an image of mode {image.mode}, expected one of {expected}")
            return np.array(image, _MODES[image.mode])
    except UndecodableError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UndecodableError(f"an image that is too large: {error}") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise UndecodableError(f"no sound webp or png: {error}") from error


def decode_member(name: str, data: bytes, *, check: bool = True) -> Any:
    """The value of a member by its name; bytes where the name says nothing.

    Args:
        check: compare checksums within the member, too; needless where its own has been compared.
    """
    known = {
        "points.npz": decode_points,
        "field.npz": decode_field,
        "grid.npz": decode_grid,
        "mesh.npz": decode_mesh,
    }
    if name in known:
        return known[name](data, check=check)
    ending = name.rpartition(".")[2]
    if ending == "npz":
        return read_arrays(data, check=check)
    if ending in ("webp", "png"):
        return decode_image(data)
    return decode_json(data) if ending == "json" else data
