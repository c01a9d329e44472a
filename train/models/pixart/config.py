"""How large a new denoiser of image latents is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class PixArtConfig:
    """A PixArt-alpha network; the defaults are what was published for images of 256 pixels.

    Attributes:
        layers: blocks.
        heads: attention heads.
        head_width: channels of a head.
        latent_channels: of an image latent.
        patch_size: latent pixels along a side of a token.
        sample_size: latent pixels along a side that the positions are made for: 32 for images of
            256 pixels, 64 for 512. Other sizes are read too, with positions to the same scale.
        text_width: channels of a text feature.
    """

    layers: int = 28
    heads: int = 16
    head_width: int = 72
    latent_channels: int = 4
    patch_size: int = 2
    sample_size: int = 32
    text_width: int = 4096

    def __post_init__(self) -> None:
        names = (
            *("layers", "heads", "head_width", "latent_channels"),
            *("patch_size", "sample_size", "text_width"),
        )
        for name in names:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected at least 1")
        if self.width % 4:
            raise ValueError(
                f"heads times head_width is {self.width}, expected a multiple of 4 for the sines"
                " and cosines of two coordinates"
            )
        if self.sample_size % self.patch_size:
            raise ValueError(
                f"sample_size is {self.sample_size}, expected a multiple of patch_size,"
                f" {self.patch_size}"
            )

    @property
    def width(self) -> int:
        """Channels of a token inside."""
        return self.heads * self.head_width

    def arguments(self) -> dict[str, Any]:
        """Of `diffusers.PixArtTransformer2DModel`, which also predicts a variance (unused here)."""
        return {
            "num_layers": self.layers,
            "num_attention_heads": self.heads,
            "attention_head_dim": self.head_width,
            "cross_attention_dim": self.width,
            "in_channels": self.latent_channels,
            "out_channels": 2 * self.latent_channels,
            "patch_size": self.patch_size,
            "sample_size": self.sample_size,
            "caption_channels": self.text_width,
            "use_additional_conditions": False,
        }
