"""Parts of objects of a training set as latents, for editing (CoPart, equation 11)."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from partworks.errors import UsageError
from shards.reader import ShardIndex
from train.sampling.denoising import Latents
from train.sampling.generator import Generator
from train.sampling.reading import sample_of

Float32 = NDArray[np.float32]


@torch.no_grad()
def latents_of_object(generator: Generator, index: ShardIndex, *, key: str) -> Latents:
    """Latents of all N parts of an object, from the points and pictures of its sample.

    Raises:
        UsageError: there is no such object, or it has fewer views of its parts than the network.
    """
    geometry = images = None
    sizes = generator.sizes
    if sizes.geometry is not None:
        surface = sample_of(index, key, ("points.npz",))["points.npz"].part_surface
        geometry = generator.encode_points(torch.from_numpy(surface).to(generator.device)).float()
    if sizes.images is not None:
        pictures = _views(index, key, views=sizes.images[0], pixels=sizes.pixels)
        images = generator.encode_images(pictures.to(generator.device)).float()
    return Latents(geometry=geometry, images=images)


def _views(index: ShardIndex, key: str, *, views: int, pixels: int) -> Tensor:
    """(N, V, H, W, 3) float32 sRGB on white."""
    content = sample_of(index, key, ("part*.*.webp",))
    rows = []
    for part in range(index.part_count(key)):
        names = sorted(name for name in content if _is_view(name, part))
        if len(names) < views:
            raise UsageError(
                f"{key} has {len(names)} views of part {part}, but the network has {views}; set "
                "shards.part_views higher and run the shards stage again"
            )
        # Every second of eight for a network of four.
        chosen = [names[place * len(names) // views] for place in range(views)]
        rows.append(np.stack([on_white(content[name], pixels=pixels) for name in chosen]))
    return torch.from_numpy(np.stack(rows))


def on_white(image: NDArray[np.uint8], *, pixels: int) -> Float32:
    """(pixels, pixels, 3) float32 sRGB in 0…1 of (H, W, 3 or 4) uint8."""
    picture = Image.fromarray(image).convert("RGBA")
    under = Image.new("RGBA", picture.size, "white")
    flat = Image.alpha_composite(under, picture).convert("RGB")
    return np.asarray(flat.resize((pixels, pixels), Image.Resampling.BOX), np.float32) / 255


def _is_view(name: str, part: int) -> bool:
    """Whether it is a colour view, `part03.00.webp`, and not `part03.00.normal.webp`."""
    words = name.split(".")
    return len(words) == 3 and words[0] == f"part{part:02d}" and words[1].isdigit()
