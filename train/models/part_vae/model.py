"""A part VAE on a set of latent tokens (Zhang et al. 2023, 3DShape2VecSet), small by default.

The field is a truncated unsigned distance (`udf`): 0 on the surface, 1 where the surface is as far
as the truncation or farther. It knows no inside.

Shape suffixes: B parts of a batch, S surface points, F their features, T latent tokens, D latent
channels, C width, Q query points.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from train.models.part_vae.farthest import farthest_points
from train.models.part_vae.layers import Block, FourierFeatures
from train.models.part_vae.posterior import Posterior

LOGVAR_RANGE = (-30.0, 20.0)
INITIAL_LOGVAR = -4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PartVAEConfig:
    """The size of the network.

    Attributes:
        width: channels of a token inside the network.
        heads: attention heads; they divide `width`.
        tokens: latent tokens of a part.
        latent_dim: channels of a latent token.
        frequencies: of the Fourier features of points.
        encoder_layers: self-attention blocks after the surface has been read.
        decoder_layers: self-attention blocks before the field is asked.
    """

    width: int = 64
    heads: int = 4
    tokens: int = 32
    latent_dim: int = 16
    frequencies: int = 6
    encoder_layers: int = 1
    decoder_layers: int = 2

    def __post_init__(self) -> None:
        if self.width < 1 or self.heads < 1 or self.width % self.heads:
            raise ValueError(
                f"network.heads is {self.heads}, expected a divisor of width, {self.width}"
            )
        if self.tokens < 1 or self.latent_dim < 1:
            raise ValueError("network.tokens and network.latent_dim must be at least 1")


class PartVAE(nn.Module):
    """Encodes points with normals into latent tokens and decodes them into a distance field."""

    def __init__(self, config: PartVAEConfig) -> None:
        super().__init__()
        self.config = config
        width, heads = config.width, config.heads
        self.fourier = FourierFeatures(config.frequencies)
        self.surface_in = nn.Linear(self.fourier.width + 3, width)
        self.read_surface = Block(width, heads=heads, cross=True)
        self.encoder = _stack(config.encoder_layers, width=width, heads=heads)
        self.encoder_norm = nn.LayerNorm(width)
        self.to_posterior = nn.Linear(width, 2 * config.latent_dim)
        # With a variance of one a short training learns to live with the noise, and then the mean,
        # which has none, decodes to something else.
        nn.init.constant_(self.to_posterior.bias[config.latent_dim :], INITIAL_LOGVAR)
        self.from_latent = nn.Linear(config.latent_dim, width)
        self.decoder = _stack(config.decoder_layers, width=width, heads=heads)
        self.query_in = nn.Linear(self.fourier.width, width)
        self.read_latent = Block(width, heads=heads, cross=True)
        self.query_norm = nn.LayerNorm(width)
        self.to_udf = nn.Linear(width, 1)

    def encode(self, surface_BSF: Tensor) -> Posterior:
        """The posterior of parts, given (B, S, 6) normalised points with unit normals.

        The tokens start as the surface's farthest points, so that they cover it.
        """
        points, normals = surface_BSF[..., :3], surface_BSF[..., 3:]
        surface_BSC = self.surface_in(torch.cat([self.fourier(points), normals], dim=-1))
        chosen_BT = farthest_points(points, self.config.tokens)
        x_BTC = surface_BSC.gather(1, chosen_BT[..., None].expand(-1, -1, self.config.width))
        x_BTC = self.encoder(self.read_surface(x_BTC, surface_BSC))
        mean, logvar = self.to_posterior(self.encoder_norm(x_BTC)).chunk(2, dim=-1)
        return Posterior(mean_BTD=mean, logvar_BTD=logvar.clamp(*LOGVAR_RANGE))

    def decode(self, latent_BTD: Tensor) -> Tensor:
        """(B, T, C) tokens that `query` asks; to be made once for any number of queries."""
        tokens_BTC: Tensor = self.decoder(self.from_latent(latent_BTD))
        return tokens_BTC

    def query(self, tokens_BTC: Tensor, points_BQ3: Tensor) -> Tensor:
        """(B, Q) the field at normalised points, about 0…1."""
        x_BQC = self.read_latent(self.query_in(self.fourier(points_BQ3)), tokens_BTC)
        udf_BQ: Tensor = self.to_udf(self.query_norm(x_BQC)).squeeze(-1)
        return udf_BQ


def _stack(layers: int, *, width: int, heads: int) -> nn.Sequential:
    return nn.Sequential(*(Block(width, heads=heads) for _ in range(layers)))
