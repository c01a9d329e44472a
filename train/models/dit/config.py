"""What tells one diffusion transformer of geometry latents from another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class DiTConfig:
    """A diffusion transformer on latent tokens; the defaults are CraftsMan's v1.5.

    Attributes:
        latent_dim: channels of a latent token.
        width: channels of a token inside.
        layers: blocks.
        heads: attention heads.
        qkv_bias: the projections to queries, keys and values have biases.
        norm: LayerNorm or RMSNorm, both with a learned gain.
        condition: image features that the network was trained on; `none` for a network without
            the layers that read them. Text and any other tokens are given ready in `context`.
        condition_width: channels of an image feature.
        condition_norm: normalise image features before they are projected.
        condition_views: images whose features follow one another.
        clip_weight: factor of CLIP's features where both kinds are added.
        dino_weight: factor of DINOv2's.
        checkpoint_blocks: keep only the inputs of blocks for the backward pass.
    """

    latent_dim: int = 64
    width: int = 1024
    layers: int = 32
    heads: int = 16
    qkv_bias: bool = False
    norm: Literal["layer", "rms"] = "layer"
    condition: Literal["clip_dinov2", "clip", "dinov2", "none"] = "clip_dinov2"
    condition_width: int = 1024
    condition_norm: bool = True
    condition_views: int = 1
    clip_weight: float = 1.0
    dino_weight: float = 1.0
    checkpoint_blocks: bool = False

    def __post_init__(self) -> None:
        sizes = ("latent_dim", "width", "layers", "heads", "condition_width", "condition_views")
        for name in sizes:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected at least 1")
        if self.width % self.heads:
            raise ValueError(f"heads is {self.heads}, expected a divisor of width, {self.width}")


@dataclass(frozen=True, kw_only=True)
class SimpleDenoiserConfig:
    """CraftsMan's first release, a U-shaped transformer; the defaults are what was published.

    Attributes:
        latent_dim: channels of a latent token.
        width: channels of a token inside.
        layers: blocks on the way down, and as many on the way up.
        heads: attention heads.
        condition_width: channels of a condition token.
        condition_norm: normalise condition tokens before they are projected.
        skip_norm: normalise what the way up makes of a skip.
        cosines_first: order of the features of time.
        checkpoint_blocks: keep only the inputs of blocks for the backward pass.
    """

    latent_dim: int = 64
    width: int = 768
    layers: int = 6
    heads: int = 12
    condition_width: int = 1024
    condition_norm: bool = True
    skip_norm: bool = True
    cosines_first: bool = False
    checkpoint_blocks: bool = False

    def __post_init__(self) -> None:
        for name in ("latent_dim", "width", "layers", "heads", "condition_width"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected at least 1")
        if self.width % self.heads or self.width % 2:
            raise ValueError(
                f"width is {self.width}, expected an even multiple of heads, {self.heads}"
            )
