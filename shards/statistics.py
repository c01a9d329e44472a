"""Means and deviations of a data set, out of sums that every sample brings along.

A sample's json holds counts and sums, never means, so that totals of any choice of samples are
additions. Sums of pictures are whole numbers; those of coordinates are taken in fixed point, so
that their last bits do not depend on the order in which a processor adds.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Sums = dict[str, Any]
"""Counts and sums, in nested tables and lists of numbers."""

_COLOUR_VIEW = re.compile(r"(object|part)\d*\.(?:\d+|grid)\.webp")
_OPAQUE = 255
_FIXED_POINT = float(2**32)
_LEVELS = np.arange(256, dtype=np.int64)


def sample_statistics(
    images: Mapping[str, bytes],
    points: Mapping[str, NDArray[Any]],
    field: Mapping[str, NDArray[Any]] | None,
) -> Sums:
    """The counts and sums of one sample, for its json.

    Args:
        images: member, without the key, -> its bytes; only colour views (`object.00.webp`,
            `part03.00.webp`) and grids of them (`object.grid.webp`) count, not boxes, masks and
            further passes.
        points: the arrays of `points.npz`, in units of the object frame.
        field: the arrays of `field.npz`, distances negative inside; None without one.

    Returns:
        `images` by subject (`object`, `part`): pictures, pixels, the sum of alpha, and over opaque
        pixels their count, sums and sums of squares of (3,) sRGB levels 0 to 255;
        `points`: count, sums and sums of squares of (3,) coordinates of the object's surface, and
        of (3,) sides of the parts' boxes; `field`: by array that has distances, their count, how
        many are negative, and the sum of their amounts. Rounded to 9 digits.
    """
    views: dict[str, Sums] = {}
    for member, data in images.items():
        found = _COLOUR_VIEW.fullmatch(member)
        if found:
            subject = found[1]
            views[subject] = add(views.get(subject, {}), _view_sums(data))
    boxes = points["part_box"]
    return {
        "images": views,
        "points": {
            "surface": _coordinate_sums(points["object_surface"][:, :3]),
            "extent": _coordinate_sums(boxes[:, 1] - boxes[:, 0]),
        },
        "field": None if field is None else _field_sums(field),
    }


def _view_sums(data: bytes) -> Sums:
    """Counts per level, as Pillow makes them in one pass, are all that the sums need."""
    with Image.open(io.BytesIO(data)) as image:
        has_alpha = "A" in image.getbands()
        pixels = image.convert("RGBA" if has_alpha else "RGB")
    count = pixels.width * pixels.height
    mask = None
    alpha = _OPAQUE * count
    if has_alpha:
        band = pixels.getchannel("A")
        alpha = int(_LEVELS @ np.asarray(band.histogram(), np.int64))
        mask = band.point([0] * _OPAQUE + [255])
        pixels = pixels.convert("RGB")
    levels = np.asarray(pixels.histogram(mask), np.int64).reshape(3, 256)
    return {
        "pictures": 1,
        "pixels": count,
        "alpha": alpha,
        "opaque": int(levels[0].sum()),
        "sum": (levels @ _LEVELS).tolist(),
        "square": (levels @ _LEVELS**2).tolist(),
    }


def _coordinate_sums(values: NDArray[Any]) -> Sums:
    """Of (N, 3) numbers."""
    exact = values.astype(np.float64)
    return {
        "count": len(exact),
        "sum": _fixed_point_sum(exact),
        "square": _fixed_point_sum(exact**2),
    }


def _field_sums(field: Mapping[str, NDArray[Any]]) -> Sums:
    """Of the arrays (T, N, 4) of points with their distance; those of a surface have none."""
    return {
        name: {
            "count": int(array[..., 3].size),
            "inside": int((array[..., 3] < 0).sum()),
            "distance": _fixed_point_sum(np.abs(array[..., 3]).reshape(-1, 1))[0],
        }
        for name, array in sorted(field.items())
        if name.endswith(("_near", "_volume"))
    }


def _fixed_point_sum(values: NDArray[Any]) -> list[float]:
    """Sums over the rows of (N, C); whole numbers add up to the same in any order."""
    whole = np.rint(values.astype(np.float64) * _FIXED_POINT).astype(np.int64).sum(axis=0)
    return [_nine_digits(float(number) / _FIXED_POINT) for number in whole]


def _nine_digits(number: float) -> float:
    return float(f"{number:.9g}")


def add(first: Mapping[str, Any], second: Mapping[str, Any]) -> Sums:
    """The sums of two sets together; what only one of them has stays as it is."""
    total = dict(first)
    for name, value in second.items():
        total[name] = _added(total[name], value) if total.get(name) is not None else value
    return total


def _added(first: Any, second: Any) -> Any:
    if second is None:
        return first
    if isinstance(first, Mapping):
        return add(first, second)
    if isinstance(first, Sequence):
        return [one + other for one, other in zip(first, second, strict=True)]
    return first + second


def summary(sums: Mapping[str, Any]) -> dict[str, Any]:
    """What sums mean: means and standard deviations.

    Returns:
        `images` by subject: `pictures`, `coverage` (mean alpha, 0 to 1), `mean` and `std` of (3,)
        sRGB 0 to 1 over opaque pixels; `points`: `mean` and `std` of (3,) surface coordinates and
        part box sides, in units of the object frame; `field` by array: `inside`, the share of
        negative distances, and `distance`, their mean amount. None where nothing was counted.
    """
    points = sums.get("points") or {}
    return {
        "images": {
            subject: _image_summary(counted)
            for subject, counted in sorted((sums.get("images") or {}).items())
        },
        "points": {name: _moments(counted) for name, counted in sorted(points.items())},
        "field": {
            name: {
                "points": counted["count"],
                "inside": _share(counted["inside"], counted["count"]),
                "distance": _share(counted["distance"], counted["count"]),
            }
            for name, counted in sorted((sums.get("field") or {}).items())
        },
    }


def _image_summary(counted: Mapping[str, Any]) -> dict[str, Any]:
    full = _OPAQUE * counted["pixels"]
    shades = {"count": counted["opaque"], "sum": counted["sum"], "square": counted["square"]}
    return {
        "pictures": counted["pictures"],
        "coverage": _share(counted["alpha"], full),
        **_moments(shades, unit=_OPAQUE),
    }


def _moments(counted: Mapping[str, Any], *, unit: float = 1.0) -> dict[str, Any]:
    count = counted["count"]
    if not count:
        return {"mean": None, "std": None}
    means = [total / count for total in counted["sum"]]
    spreads = [
        sqrt(max(square / count - mean**2, 0.0))
        for square, mean in zip(counted["square"], means, strict=True)
    ]
    return {
        "mean": [_nine_digits(mean / unit) for mean in means],
        "std": [_nine_digits(spread / unit) for spread in spreads],
    }


def _share(part: float, whole: float) -> float | None:
    return _nine_digits(part / whole) if whole else None
