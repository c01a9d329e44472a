"""The models beside the VAE that make what a denoiser is told and what it draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from train.encode.config import IMAGES, TEXTS, EncodeConfig
from train.encode.identity import tensors_sha256
from train.encode.image_codecs import ImageCodec, make_image_codec
from train.encode.latents import Arrays
from train.encode.pictures import PATTERNS, image_arrays
from train.encode.text_encoders import TextReader, make_text_reader
from train.encode.texts import text_arrays


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Companions:
    """See above; None for what is left out.

    Attributes:
        images: makes latents of pictures.
        texts: makes features of captions.
        config: one that is resolved.
    """

    images: ImageCodec | None
    texts: TextReader | None
    config: EncodeConfig

    @classmethod
    def of(cls, config: EncodeConfig) -> Companions:
        """Those that the config names, on the CPU."""
        return cls(
            images=None if config.image_codec is None else make_image_codec(config.image_codec),
            texts=None
            if config.text_encoder is None
            else make_text_reader(
                config.text_encoder, width=config.text_width, max_tokens=config.text_tokens
            ),
            config=config,
        )

    def to(self, device: torch.device) -> None:
        """Move the weights."""
        for model in (self.images, self.texts):
            if model is not None:
                model.to(device)

    @property
    def members(self) -> tuple[str, ...]:
        """Patterns of what is read of a sample beside its points."""
        return () if self.images is None else PATTERNS

    def identity(self) -> dict[str, Any]:
        """A tree for JSON that says which models these are, a stand-in by its name."""
        found: dict[str, Any] = {}
        if self.images is not None:
            found["image_codec"] = {
                "name": self.config.image_codec,
                "weights_sha256": tensors_sha256(self.images.state()),
            }
        if self.texts is not None:
            found["text_encoder"] = {
                "name": self.config.text_encoder,
                "weights_sha256": tensors_sha256(self.texts.state()),
                "width": self.texts.width,
            }
        return found

    def arrays(
        self, content: dict[str, Any], *, key: str, device: torch.device
    ) -> dict[str, Arrays]:
        """Further archives of an object, by member.

        Args:
            content: decoded members: json, points.npz, and views if there are any.
        """
        found: dict[str, Arrays] = {}
        if self.images is not None:
            found[IMAGES] = image_arrays(
                self.images,
                {name: value for name, value in content.items() if name.endswith(".webp")},
                boxes=content["points.npz"].part_box,
                key=key,
                config=self.config,
                device=device,
            )
        if self.texts is not None:
            found[TEXTS] = text_arrays(self.texts, content["json"], config=self.config)
        return found
