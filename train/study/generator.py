"""The codes of the study as sampling uses them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from train.encode.image_codecs import PixelCodec
from train.encode.text_encoders import WordVectors, padded_features
from train.metrics.mesh import TriangleMesh
from train.models.joint.inputs import JointInputs, JointNoise
from train.sampling.generator import LatentSizes, TextFeatures
from train.schedules.discrete import NoiseSchedule
from train.schedules.presets import CRAFTSMAN, PIXART
from train.study.codec import CHANNELS, TOKENS, decode_solids, encode_boxes

VIEWS, SIDE = 2, 8
PIXELS = SIDE * PixelCodec.factor
WORD_WIDTH = 32

SIZES = LatentSizes(geometry=(TOKENS, CHANNELS), images=(VIEWS, 4, SIDE, SIDE), pixels=PIXELS)


class StudyGenerator:
    """See `train.sampling.generator.Generator`.

    Args:
        denoiser: trained in the study; None for the codes alone.
    """

    sizes = SIZES
    device = torch.device("cpu")

    def __init__(self, denoiser: Callable[[JointInputs], JointNoise] | None = None) -> None:
        self.geometry_schedule = NoiseSchedule(CRAFTSMAN)
        self.image_schedule = NoiseSchedule(PIXART)
        self.words = WordVectors(WORD_WIDTH)
        self.pictures = PixelCodec()
        self._denoiser = denoiser

    def denoise(self, inputs: JointInputs) -> JointNoise:
        """See `Generator.denoise`."""
        assert self._denoiser is not None
        return self._denoiser(inputs)

    def text_features(self, texts: Sequence[str]) -> TextFeatures:
        """See `Generator.text_features`."""
        tokens, mask = padded_features(self.words, texts)
        return TextFeatures(tokens=tokens, mask=mask)

    def encode_points(self, surface_NS6: Tensor) -> Tensor:
        """See `Generator.encode_points`; all that is asked here are boxes."""
        return encode_boxes(surface_NS6)

    def encode_images(self, images_NVHW3: Tensor) -> Tensor:
        """See `Generator.encode_images`."""
        flat = 2 * images_NVHW3.flatten(0, 1).permute(0, 3, 1, 2) - 1
        found = self.pictures.encode(flat)
        return found.reshape(*images_NVHW3.shape[:2], *found.shape[1:])

    def decode_geometry(self, latents_NTD: Tensor) -> list[TriangleMesh]:
        """See `Generator.decode_geometry`."""
        return [solid.mesh() for solid in decode_solids(latents_NTD)]

    def decode_images(self, latents_NV4HW: Tensor) -> Tensor:
        """See `Generator.decode_images`."""
        color = (self.pictures.decode(latents_NV4HW.flatten(0, 1)).movedim(1, -1) + 1) / 2
        return color.reshape(*latents_NV4HW.shape[:2], *color.shape[1:])
