"""What is seen of one part in the object's views, cut out of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.visibility import Visibility
from render.backend import Picture

_NOTHING = {"face_id": -1, "depth": np.inf, "normal": 0.0, "barycentric": 0.0}


def keep_pixels(seen: Visibility, mask: NDArray[np.bool_]) -> Visibility:
    """What is seen where `mask`, (H, W) bool, holds; nothing elsewhere."""

    def kept(name: str) -> NDArray[Any]:
        image = getattr(seen, name)
        cover = mask.reshape(*mask.shape, *[1] * (image.ndim - 2))
        return np.where(cover, image, image.dtype.type(_NOTHING[name]))

    return Visibility(**{name: kept(name) for name in _NOTHING})


def cut_out(picture: Picture, mask: NDArray[np.bool_]) -> Picture:
    """The picture where `mask`, (H, W) bool, holds; transparent black elsewhere."""
    return np.where(mask[..., None], picture, np.uint8(0))
