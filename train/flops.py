"""How many floating-point operations a VecSet autoencoder needs, in closed form.

Counted are matrix products, a multiplication and an addition being two operations. Norms,
activations and the choice of farthest points are left out: next to products they are nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from train.models.vecset.blocks import MLP_FACTOR
from train.models.vecset.config import VecSetConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class VecSetFlops:
    """Operations of a forward pass of one part.

    Attributes:
        encoder: from points to tokens, without self-attention.
        encoder_blocks: self-attention of tokens in the encoder.
        bottleneck: to the latent and back.
        decoder_blocks: self-attention of tokens in the decoder.
        field: queries, which all ask the tokens.
    """

    encoder: int
    encoder_blocks: int
    bottleneck: int
    decoder_blocks: int
    field: int

    @property
    def total(self) -> int:
        """Of everything."""
        tokens = self.encoder_blocks + self.bottleneck + self.decoder_blocks
        return self.encoder + tokens + self.field


def vecset_flops(
    config: VecSetConfig,
    *,
    surface: int,
    queries: int,
    tokens: int | None = None,
    sharp: int = 0,
) -> VecSetFlops:
    """Operations of encoding and decoding one part.

    Args:
        surface: points of its surface that are given.
        queries: points where the field is asked.
        tokens: of the latent; the config's by default.
        sharp: points on sharp edges that are given.
    """
    tokens = config.tokens if tokens is None else tokens
    counts = [surface, sharp] if config.sharp_points else [surface]
    if config.max_points is not None:
        counts = [min(count, config.max_points) for count in counts]
    width, field_width = config.width, config.field_width
    encoder = sum(
        linear(count, config.surface_width, width)
        + block(config, asking=tokens, asked=count, width=width)
        for count in counts
    )
    own = block(config, asking=tokens, asked=tokens, width=width)
    wide = block(config, asking=tokens, asked=tokens, width=field_width)
    bare = config.query_block == "bare"
    asking = block(config, asking=queries, asked=tokens, width=field_width, bare=bare)
    cell_size = linear(1, 1 + 2 * config.frequencies, field_width) if config.cell_size_input else 0
    return VecSetFlops(
        encoder=encoder,
        encoder_blocks=config.encoder_layers * own,
        bottleneck=linear(tokens, width, 2 * config.latent_dim)
        + linear(tokens, config.latent_dim, field_width),
        decoder_blocks=config.decoder_layers * wide,
        field=linear(queries, config.position_width, field_width)
        + cell_size
        + asking
        + linear(queries, field_width, config.channels),
    )


def linear(rows: int, inputs: int, outputs: int) -> int:
    """Operations of a layer."""
    return 2 * rows * inputs * outputs


def block(config: VecSetConfig, *, asking: int, asked: int, width: int, bare: bool = False) -> int:
    """Operations of a `Block` in which some tokens ask others."""
    projections = 2 * linear(asking, width, width) + 2 * linear(asked, width, width)
    attention = 2 * linear(asking, asked, width)
    if bare:
        return projections + attention
    hidden = MLP_FACTOR * width
    gated = config.block.mlp == "geglu"
    widen = linear(asking, width, 2 * hidden if gated else hidden)
    return projections + attention + widen + linear(asking, hidden, width)
