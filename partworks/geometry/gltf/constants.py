"""The numbers of the glTF 2.0 specification."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from partworks.geometry.mesh import Wrap

ARRAY_BUFFER, ELEMENT_BUFFER = 34962, 34963

WRAP_MODES: Mapping[int, Wrap] = {10497: "repeat", 33071: "clamp", 33648: "mirror"}

COMPONENT_TYPES: Mapping[int, np.dtype[np.generic]] = {
    5120: np.dtype("<i1"),
    5121: np.dtype("<u1"),
    5122: np.dtype("<i2"),
    5123: np.dtype("<u2"),
    5125: np.dtype("<u4"),
    5126: np.dtype("<f4"),
}

ELEMENT_WIDTHS: Mapping[str, int] = {
    "SCALAR": 1,
    "VEC2": 2,
    "VEC3": 3,
    "VEC4": 4,
    "MAT2": 4,
    "MAT3": 9,
    "MAT4": 16,
}

POINTS, LINES, LINE_LOOP, LINE_STRIP, TRIANGLES, TRIANGLE_STRIP, TRIANGLE_FAN = range(7)
