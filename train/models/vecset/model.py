"""A VecSet autoencoder (Zhang et al. 2023, 3DShape2VecSet; CraftsMan, Dora, TripoSG, AutoPartGen).

Shape suffixes: B parts of a batch, S surface points, F their numbers, T latent tokens, D latent
channels, C width, Q query points.
"""

from __future__ import annotations

from math import sqrt

import torch
from torch import Tensor, nn

from train.models.vecset.blocks import Stack, initialise_blocks
from train.models.vecset.config import VecSetConfig
from train.models.vecset.embedding import fourier_features
from train.models.vecset.encoder import SurfaceEncoder
from train.models.vecset.field import FieldDecoder
from train.models.vecset.posterior import Posterior

QUERY_CHUNK = 1 << 14


class VecSetAutoencoder(nn.Module):
    """Encodes points of a surface into latent tokens, and decodes them into a field.

    Built under `torch.device("meta")` it takes no memory: load weights with `assign=True`, or
    `to_empty` and then `initialise` it.
    """

    def __init__(self, config: VecSetConfig) -> None:
        super().__init__()
        self.config = config
        width = config.field_width
        self.encoder = SurfaceEncoder(config)
        self.to_moments = nn.Linear(config.width, 2 * config.latent_dim)
        self.from_latent = nn.Linear(config.latent_dim, width)
        self.decoder = Stack(
            config.decoder_layers,
            width=width,
            heads=config.field_heads,
            style=config.block,
            save_memory=config.checkpoint_blocks,
        )
        self.field = FieldDecoder(config)
        self.initialise()

    @torch.no_grad()
    def initialise(self) -> None:
        """Draw all weights anew from torch's default generator.

        Blocks start near the identity, what goes in and out as torch has it, and whatever a
        published network does not have starts without effect.
        """
        for layer in self.modules():
            if isinstance(layer, nn.Linear | nn.LayerNorm):
                layer.reset_parameters()
        initialise_blocks(self.encoder, self.config.width)
        initialise_blocks(self.decoder, self.config.field_width)
        initialise_blocks(self.field, self.config.field_width)
        if self.encoder.queries is not None:
            nn.init.normal_(self.encoder.queries, std=0.25 / sqrt(self.config.width))
        if self.config.initial_logvar is not None:
            logvar_bias = self.to_moments.bias[self.config.latent_dim :]
            nn.init.constant_(logvar_bias, self.config.initial_logvar)
        for added in (self.field.cell_size_in, self.field.cubes):
            if added is not None:
                for parameter in added.parameters():
                    nn.init.zeros_(parameter)

    def encode(
        self,
        surface_BSF: Tensor,
        *,
        sharp_BSF: Tensor | None = None,
        tokens: int | None = None,
        start: int = 0,
        candidates: Tensor | None = None,
    ) -> Posterior:
        """The posterior of parts.

        Args:
            surface_BSF: (B, S, 3 + point_features) points in [-1, 1] with unit normals.
            sharp_BSF: (B, S', 3 + point_features) points on sharp edges, for networks that read
                them.
            tokens: how many latent tokens; the config's by default.
            start: index of the point where the choice of farthest points starts.
            candidates: (K,) int64 indices of points; queries are chosen among these only, and
                `start` counts in them. TripoSG draws four for each token.

        Raises:
            ValueError: the arguments do not fit the network or one another.
        """
        tokens = self.config.tokens if tokens is None else tokens
        self._check(surface_BSF, sharp_BSF=sharp_BSF, tokens=tokens, candidates=candidates)
        x_BTC = self.encoder(
            surface_BSF, sharp_BSF=sharp_BSF, tokens=tokens, start=start, candidates=candidates
        )
        return Posterior.from_moments(self.to_moments(x_BTC))

    def decode(self, latent_BTD: Tensor) -> Tensor:
        """(B, T, C) tokens that `query` asks; to be made once for any number of queries."""
        latent_BTD = latent_BTD.to(self.from_latent.weight.dtype)
        tokens_BTC: Tensor = self.decoder(self.from_latent(latent_BTD))
        return tokens_BTC

    def query(
        self,
        tokens_BTC: Tensor,
        points_BQ3: Tensor,
        *,
        cell_size_B: Tensor | None = None,
        chunk: int = QUERY_CHUNK,
        double_backward: bool = False,
    ) -> Tensor:
        """(B, Q, channels) the field at points, in single precision even under autocast.

        Args:
            cell_size_B: (B,) size of the cells of the grid that is asked, in units of the points,
                for networks that read it.
            chunk: how many points are asked at a time.
            double_backward: needed where a gradient of the field is part of a loss.
        """
        parts = [
            self.field(
                self._project(points),
                tokens_BTC,
                cell_size_B=cell_size_B,
                double_backward=double_backward,
            )
            for points in torch.split(points_BQ3, chunk, dim=1)
        ]
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)

    def forward(
        self,
        surface_BSF: Tensor,
        points_BQ3: Tensor,
        *,
        sharp_BSF: Tensor | None = None,
        cell_size_B: Tensor | None = None,
    ) -> Tensor:
        """(B, Q, channels) the field of the mean latent, such as to measure what a pass costs."""
        latent_BTD = self.encode(surface_BSF, sharp_BSF=sharp_BSF).mean_BTD
        return self.query(self.decode(latent_BTD), points_BQ3, cell_size_B=cell_size_B)

    def _project(self, points_BQ3: Tensor) -> Tensor:
        config = self.config
        features = fourier_features(points_BQ3, config.frequencies, include_pi=config.include_pi)
        projection = self.field.point_in or self.encoder.point_in
        projected: Tensor = projection(features.to(projection.weight.dtype))
        return projected

    def _check(
        self,
        surface_BSF: Tensor,
        *,
        sharp_BSF: Tensor | None,
        tokens: int,
        candidates: Tensor | None,
    ) -> None:
        config = self.config
        wanted = 3 + config.point_features
        for points in (surface_BSF, sharp_BSF):
            if points is not None and points.shape[-1] != wanted:
                raise ValueError(
                    f"points have {points.shape[-1]} numbers, expected {wanted}: a position and"
                    f" network.point_features {config.point_features}"
                )
        if config.sharp_points != (sharp_BSF is not None):
            raise ValueError(
                f"network.sharp_points is {config.sharp_points}; give sharp_BSF exactly where it"
                " is true"
            )
        if config.query_kind == "learned" and tokens != config.tokens:
            raise ValueError(
                f"{tokens} tokens were asked of a table of {config.tokens} learned queries; use"
                " query_kind farthest for a changing number"
            )
        if candidates is not None and (config.sharp_points or config.max_points is not None):
            raise ValueError(
                "candidates cannot be combined with sharp points or with network.max_points"
            )
