"""What tells one VecSet autoencoder from another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

CUBE_CHANNELS = 24
"""FlexiCubes parameters beside the signed value: deformation 3, alpha 8, beta 12, gamma 1."""


@dataclass(frozen=True, kw_only=True)
class BlockConfig:
    """What all transformer blocks of a network share.

    Attributes:
        qkv_bias: the projections to queries, keys and values have biases.
        qk_norm: queries and keys pass a LayerNorm over the channels of a head.
        mlp: a GELU layer, or one half of a layer times the GELU of the other (GEGLU).
        norm_eps: of the LayerNorms of tokens.
        qk_norm_eps: of the LayerNorms of queries and keys.
    """

    qkv_bias: bool = False
    qk_norm: bool = False
    mlp: Literal["gelu", "geglu"] = "gelu"
    norm_eps: float = 1e-5
    qk_norm_eps: float = 1e-6


@dataclass(frozen=True, kw_only=True)
class VecSetConfig:
    """A VecSet autoencoder; the defaults are CraftsMan's v1.5.

    Attributes:
        point_features: numbers of a surface point after its position, such as 3 of a normal.
        embed_point_features: give these Fourier features as well.
        frequencies: of the Fourier features, 1, 2, 4, …
        include_pi: multiply the frequencies by pi.
        max_points: a larger surface is thinned to so many farthest points; None keeps all.
        query_kind: what the latent tokens start as: farthest points of the surface, or a table
            that is learned.
        half_precision_sampling: round positions to half precision to find the farthest (Dora).
        sharp_points: read a second set of points, on sharp edges, which gives half of the queries.
        tokens: latent tokens, where a call does not say how many.
        token_choices: numbers of tokens that training draws from; empty for `tokens` alone.
        latent_dim: channels of a latent token.
        initial_logvar: log variance of the posterior of a new network; None leaves it to chance.
        width: channels of a token in the encoder.
        heads: attention heads in the encoder.
        encoder_layers: self-attention blocks after the surface has been read.
        encoder_norm: a LayerNorm after them.
        decoder_width: channels of a token in the decoder; None is `width`.
        decoder_heads: attention heads in the decoder; None is `heads`.
        decoder_layers: self-attention blocks before the field is asked.
        read_heads: heads where the surface and the latent are read; None is those around.
        block: what all blocks share.
        query_block: how a point asks the tokens: a block with residuals and MLP and a LayerNorm
            after it, or the attention alone.
        shared_projection: points of the surface and of the field share one projection.
        cell_size_input: the field is told the size of the grid's cells; without effect at first.
        output: meaning of the field: an occupancy logit, a signed distance, or the 25 raw
            parameters of FlexiCubes [signed value, deformation 3, alpha 8, beta 12, gamma 1].
        inside: the field's sign inside a shape. FlexiCubes are negative inside.
        field_sign: factor, 1 or -1, of the last layer's output.
        checkpoint_blocks: keep only the inputs of blocks for the backward pass.
    """

    point_features: int = 3
    embed_point_features: bool = False
    frequencies: int = 8
    include_pi: bool = False
    max_points: int | None = 4096
    query_kind: Literal["farthest", "learned"] = "farthest"
    half_precision_sampling: bool = False
    sharp_points: bool = False
    tokens: int = 768
    token_choices: tuple[int, ...] = ()
    latent_dim: int = 64
    initial_logvar: float | None = None
    width: int = 768
    heads: int = 12
    encoder_layers: int = 8
    encoder_norm: bool = True
    decoder_width: int | None = None
    decoder_heads: int | None = None
    decoder_layers: int = 16
    read_heads: int | None = None
    block: BlockConfig = field(default_factory=BlockConfig)
    query_block: Literal["full", "bare"] = "full"
    shared_projection: bool = False
    cell_size_input: bool = False
    output: Literal["occupancy", "sdf", "flexicubes"] = "occupancy"
    inside: Literal["positive", "negative"] = "positive"
    field_sign: Literal[1, -1] = 1
    checkpoint_blocks: bool = False

    def __post_init__(self) -> None:
        self._check_counts()
        self._check_heads()
        self._check_combinations()

    @property
    def field_width(self) -> int:
        """Channels of a token in the decoder."""
        return self.decoder_width or self.width

    @property
    def field_heads(self) -> int:
        """Attention heads in the decoder."""
        return self.decoder_heads or self.heads

    @property
    def channels(self) -> int:
        """Numbers that the field has at a point."""
        return 1 + CUBE_CHANNELS if self.output == "flexicubes" else 1

    @property
    def position_width(self) -> int:
        """Fourier features of a position."""
        return 3 * (1 + 2 * self.frequencies)

    @property
    def surface_width(self) -> int:
        """Features of a surface point."""
        factor = 1 + 2 * self.frequencies if self.embed_point_features else 1
        return self.position_width + factor * self.point_features

    def _check_counts(self) -> None:
        least = {"point_features": 0, "frequencies": 0, "encoder_layers": 0, "decoder_layers": 0}
        for name in (*least, "tokens", "latent_dim", "width", "heads"):
            value, lowest = getattr(self, name), least.get(name, 1)
            if value < lowest:
                raise ValueError(f"network.{name} is {value}, expected at least {lowest}")
        if any(count < 1 for count in self.token_choices):
            raise ValueError(
                f"network.token_choices is {self.token_choices}, expected numbers of at least 1"
            )

    def _check_heads(self) -> None:
        read = self.read_heads
        pairs = {
            "heads": (self.heads, self.width),
            "decoder_heads": (self.field_heads, self.field_width),
            "read_heads": (self.heads if read is None else read, self.width),
            "read_heads of the decoder": (
                self.field_heads if read is None else read,
                self.field_width,
            ),
        }
        for name, (heads, width) in pairs.items():
            if heads < 1 or width % heads:
                raise ValueError(
                    f"network.{name} is {heads}, expected a divisor of the width, {width}"
                )

    def _check_combinations(self) -> None:
        same_input = self.surface_width == self.position_width
        if self.shared_projection and not (same_input and self.width == self.field_width):
            raise ValueError(
                "network.shared_projection needs point_features 0 and a decoder as wide as the"
                " encoder; give each its own projection or change the sizes"
            )
        if self.sharp_points and self.query_kind != "farthest":
            raise ValueError(
                "network.sharp_points takes its queries from both sets of points; set query_kind"
                f" to farthest, not {self.query_kind}"
            )
        if self.query_kind == "learned" and set(self.token_choices) - {self.tokens}:
            raise ValueError(
                "network.token_choices must stay empty with query_kind learned: the table has"
                f" {self.tokens} tokens"
            )
        if self.output == "flexicubes" and (self.inside, self.field_sign) != ("negative", 1):
            raise ValueError(
                "network.output flexicubes needs inside negative and field_sign 1; make the head"
                " with with_flexicubes_head, which turns the field's sign"
            )
