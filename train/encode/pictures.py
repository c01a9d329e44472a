"""Latents of the views of an object, of its parts, and of the wireframes of its boxes.

Shape suffixes: P parts, V views, K pictures, H W their sides, h w sides of a latent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from partworks.errors import UsageError
from train.encode.config import EncodeConfig
from train.encode.image_codecs import ImageCodec
from train.encode.latents import Arrays
from train.sampling.contexts import on_white
from train.sampling.views import ring_cameras
from train.sampling.wireframes import box_corners, wireframes

PATTERNS = ("object.*.webp", "part*.*.webp")
"""Members that have views."""

Float32 = NDArray[np.float32]


def image_arrays(
    codec: ImageCodec,
    content: Mapping[str, NDArray[Any]],
    *,
    boxes: NDArray[Any],
    key: str,
    config: EncodeConfig,
    device: torch.device,
) -> Arrays:
    """The arrays of an object's `images.npz`.

    Args:
        content: decoded views by member.
        boxes: (P, 2, 3) of its parts, in the object's frame.

    Returns:
        part_image_latent [P, V, 4, h, w], object_image_latent and hint_image_latent [V, 4, h, w] in
        the config's dtype; part_image_known [P] and object_image_known [] bool. Pictures that are
        not known, because there are fewer views than V, are white.

    Raises:
        UsageError: there are no views at all, or of a size that the codec does not take.
    """
    if not content:
        raise UsageError(
            f"{key} has no views, which image_codec is to encode; set views and part_views of the "
            "shards stage and run it again, or leave settings.image_codec out"
        )
    if config.pixels % codec.factor:
        raise UsageError(
            f"settings.pixels is {config.pixels}, expected a multiple of {codec.factor}"
        )
    subjects = ["object", *(f"part{part:02d}" for part in range(len(boxes)))]
    pictures = [_views(content, subject, config=config) for subject in subjects]
    pictures.append(hint_pictures(boxes, views=config.views, pixels=config.pixels))
    latents = [_encoded(codec, views, device=device) for views in pictures]
    known = [len(_names(content, subject)) >= config.views for subject in subjects]
    arrays = {
        "object_image_latent": latents[0],
        "part_image_latent": torch.stack(latents[1:-1]),
        "hint_image_latent": latents[-1],
    }
    stored: Arrays = {name: each.numpy().astype(config.dtype) for name, each in arrays.items()}
    stored["object_image_known"] = np.array(known[0])
    stored["part_image_known"] = np.array(known[1:])
    return stored


def hint_pictures(boxes: NDArray[Any], *, views: int, pixels: int) -> Float32:
    """(V, H, W, 3) float32 sRGB in 0…1: the boxes as wireframes, just as sampling draws them."""
    cameras = ring_cameras(box_corners(boxes).reshape(-1, 3), views=views, pixels=pixels)
    return wireframes(boxes, cameras).astype(np.float32) / 255


def _views(content: Mapping[str, NDArray[Any]], subject: str, *, config: EncodeConfig) -> Float32:
    """(V, H, W, 3) float32 sRGB on white; of more views than V every so many-th."""
    names = _names(content, subject)
    if len(names) < config.views:
        return np.ones((config.views, config.pixels, config.pixels, 3), np.float32)
    chosen = [names[place * len(names) // config.views] for place in range(config.views)]
    return np.stack([on_white(content[name], pixels=config.pixels) for name in chosen])


def _names(content: Mapping[str, NDArray[Any]], subject: str) -> Sequence[str]:
    """Colour views, `part03.00.webp`, and not `part03.00.normal.webp`."""
    split = {name: name.split(".") for name in content}
    return sorted(
        name
        for name, words in split.items()
        if len(words) == 3 and words[0] == subject and words[1].isdigit()
    )


@torch.no_grad()
def _encoded(codec: ImageCodec, views: Float32, *, device: torch.device) -> Tensor:
    pictures = torch.from_numpy(views).permute(0, 3, 1, 2).to(device)
    return codec.encode(2 * pictures - 1).float().cpu()
