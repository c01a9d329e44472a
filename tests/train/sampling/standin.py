"""A generator whose every result is known: parts fill their boxes in the colour of their texts.

A geometry latent is the eight corners of a box; a picture's latent is one colour. The denoiser
knows the clean latents, and tells the noise that leads there. With `mixing`, what it tells of a
part also hangs on all other branches of the object.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import product

import numpy as np
import torch
from torch import Tensor

from train.metrics.mesh import TriangleMesh
from train.models.joint.inputs import JointInputs, JointNoise
from train.sampling.generator import LatentSizes, TextFeatures
from train.schedules.discrete import NoiseSchedule
from train.schedules.presets import CRAFTSMAN, PIXART

CORNERS = torch.tensor(list(product((0.0, 1.0), repeat=3)))
FACES = np.array(
    [(0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1),
     (2, 3, 7), (2, 7, 6), (0, 2, 6), (0, 6, 4), (1, 5, 7), (1, 7, 3)], np.int64
)  # fmt: skip
VIEWS, CELLS, PIXELS = 4, 4, 32


def color_of(text: str) -> Tensor:
    """sRGB in 0.2…0.8."""
    words = np.frombuffer(hashlib.sha256(text.encode()).digest()[:3], np.uint8)
    return torch.from_numpy(0.2 + 0.6 * words / 255).float()


class StandIn:
    """See above.

    Attributes:
        passes: inputs of all passes so far.
    """

    device = torch.device("cpu")

    def __init__(self, *, geometry: bool = True, images: bool = True, mixing: float = 0.0) -> None:
        self.sizes = LatentSizes(
            geometry=(8, 3) if geometry else None,
            images=(VIEWS, 4, CELLS, CELLS) if images else None,
            pixels=PIXELS,
        )
        self.geometry_schedule = NoiseSchedule(CRAFTSMAN)
        self.image_schedule = NoiseSchedule(PIXART)
        self.mixing = mixing
        self.passes: list[JointInputs] = []

    def text_features(self, texts: Sequence[str]) -> TextFeatures:
        tokens = torch.stack([color_of(text) for text in texts])[:, None]
        return TextFeatures(tokens=tokens, mask=torch.ones(len(texts), 1, dtype=torch.bool))

    def encode_points(self, surface_NS6: Tensor) -> Tensor:
        low, high = surface_NS6[..., :3].amin(dim=1), surface_NS6[..., :3].amax(dim=1)
        return low[:, None] + CORNERS * (high - low)[:, None]

    def encode_images(self, images_NVHW3: Tensor) -> Tensor:
        colors = images_NVHW3.mean(dim=(2, 3))
        flat = torch.cat([colors, torch.zeros_like(colors[..., :1])], dim=-1)
        return flat[..., None, None].expand(*flat.shape, CELLS, CELLS).clone()

    def decode_geometry(self, latents_NTD: Tensor) -> list[TriangleMesh]:
        return [TriangleMesh(vertices=each.double().numpy(), faces=FACES) for each in latents_NTD]

    def decode_images(self, latents_NV4HW: Tensor) -> Tensor:
        colors = latents_NV4HW[:, :, :3].mean(dim=(-1, -2))
        return colors[:, :, None, None].expand(-1, -1, PIXELS, PIXELS, -1)

    def denoise(self, inputs: JointInputs) -> JointNoise:
        self.passes.append(inputs)
        geometry = images = None
        if inputs.geometry is not None:
            clean = self._corners(inputs)
            geometry = self._noise(
                inputs, inputs.geometry, clean, self.geometry_schedule, inputs.timesteps
            )
        if inputs.images is not None:
            times = inputs.timesteps if inputs.image_timesteps is None else inputs.image_timesteps
            color = inputs.text.mean(dim=1)[:, None, :, None, None]
            clean = torch.zeros_like(inputs.images)
            clean[:, :, :3] = color
            images = self._noise(inputs, inputs.images, clean, self.image_schedule, times)
        return JointNoise(geometry=geometry, images=images)

    def _corners(self, inputs: JointInputs) -> Tensor:
        """The boxes; the whole is the box around them."""
        if inputs.boxes is None:
            return torch.zeros_like(inputs.geometry)
        found, start = [], 0
        for count in inputs.counts:
            parts = inputs.boxes[start : start + count - 1]
            low, high = parts.amin(dim=(0, 1)), parts.amax(dim=(0, 1))
            found += [parts, (low + CORNERS * (high - low))[None]]
            start += count
        return torch.cat(found)

    def _noise(
        self,
        inputs: JointInputs,
        sample: Tensor,
        clean: Tensor,
        schedule: NoiseSchedule,
        times: Tensor,
    ) -> Tensor:
        alpha_bar = schedule.alpha_bar(inputs.per_branch(times), sample)
        told = (sample - alpha_bar.sqrt() * clean) / (1 - alpha_bar).sqrt()
        if self.mixing:
            means = torch.cat(
                [
                    rows.mean(dim=0, keepdim=True).expand_as(rows)
                    for rows in torch.split(sample, list(inputs.counts))
                ]
            )
            told = told + self.mixing * means
        return told.to(sample.dtype)
