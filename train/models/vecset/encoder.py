"""From points on a surface to tokens.

Shape suffixes: B parts of a batch, S surface points, F their numbers, T latent tokens, C width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from train.models.vecset.blocks import Block, Stack, run_block
from train.models.vecset.config import VecSetConfig
from train.models.vecset.embedding import fourier_features
from train.models.vecset.farthest import farthest_points


class SurfaceEncoder(nn.Module):
    """Lets a few tokens read a surface, and then talk among themselves.

    With sharp points (Dora, Chen et al. 2024, section 3.2) all tokens read both sets with blocks of
    their own, whose results are summed.
    """

    def __init__(self, config: VecSetConfig) -> None:
        super().__init__()
        self.config = config
        width, heads = config.width, config.heads
        self.point_in = nn.Linear(config.surface_width, width)
        self.sharp_in = nn.Linear(config.surface_width, width) if config.sharp_points else None
        learned = config.query_kind == "learned"
        self.queries = nn.Parameter(torch.zeros(config.tokens, width)) if learned else None
        self.read = self._reader()
        self.read_sharp = self._reader() if config.sharp_points else None
        self.stack = Stack(
            config.encoder_layers,
            width=width,
            heads=heads,
            style=config.block,
            save_memory=config.checkpoint_blocks,
        )
        self.norm = nn.LayerNorm(width, eps=config.block.norm_eps) if config.encoder_norm else None

    def forward(
        self,
        surface_BSF: Tensor,
        *,
        sharp_BSF: Tensor | None,
        tokens: int,
        start: int,
        candidates: Tensor | None,
    ) -> Tensor:
        """(B, T, C) tokens; arguments as for `VecSetAutoencoder.encode`, and as checked there."""
        surface_BSF, surface_first = self._thin(surface_BSF, start=start)
        surface_BSC = self.point_in(self._features(surface_BSF))
        if self.sharp_in is None or self.read_sharp is None or sharp_BSF is None:
            x_BTC = self._queries(
                surface_BSF, surface_BSC, count=tokens, start=surface_first, candidates=candidates
            )
            x_BTC = self._run(self.read, x_BTC, surface_BSC)
        else:
            sharp_BSF, sharp_first = self._thin(sharp_BSF, start=start)
            sharp_BSC = self.sharp_in(self._features(sharp_BSF))
            half = tokens // 2
            x_BTC = torch.cat(
                [
                    self._queries(surface_BSF, surface_BSC, count=half, start=surface_first),
                    self._queries(sharp_BSF, sharp_BSC, count=tokens - half, start=sharp_first),
                ],
                dim=1,
            )
            x_BTC = self._run(self.read, x_BTC, surface_BSC) + self._run(
                self.read_sharp, x_BTC, sharp_BSC
            )
        out_BTC: Tensor = self.stack(x_BTC)
        return out_BTC if self.norm is None else self.norm(out_BTC)

    def _reader(self) -> Block:
        config = self.config
        heads = config.heads if config.read_heads is None else config.read_heads
        return Block(config.width, heads=heads, style=config.block, cross=True)

    def _run(self, block: Block, x_BTC: Tensor, points_BSC: Tensor) -> Tensor:
        return run_block(block, x_BTC, points_BSC, save_memory=self.config.checkpoint_blocks)

    def _features(self, points_BSF: Tensor) -> Tensor:
        config = self.config
        position, features = points_BSF[..., :3], points_BSF[..., 3:]
        if config.embed_point_features:
            features = self._fourier(features)
        joined = torch.cat([self._fourier(position), features], dim=-1)
        return joined.to(self.point_in.weight.dtype)

    def _fourier(self, x: Tensor) -> Tensor:
        return fourier_features(x, self.config.frequencies, include_pi=self.config.include_pi)

    def _thin(self, points_BSF: Tensor, *, start: int) -> tuple[Tensor, int]:
        """No more than `max_points` points, and which of them is the start."""
        limit = self.config.max_points
        if limit is None or points_BSF.shape[1] <= limit:
            return points_BSF, start
        chosen = farthest_points(
            points_BSF[..., :3],
            limit,
            start=start,
            half_precision=self.config.half_precision_sampling,
        )
        return _rows(points_BSF, chosen), 0

    def _queries(
        self,
        points_BSF: Tensor,
        points_BSC: Tensor,
        *,
        count: int,
        start: int,
        candidates: Tensor | None = None,
    ) -> Tensor:
        """(B, count, C) what tokens start as."""
        if self.queries is not None:
            return self.queries.expand(len(points_BSF), -1, -1)
        position = points_BSF[..., :3]
        if candidates is not None:
            position = position[:, candidates]
        chosen = farthest_points(
            position, count, start=start, half_precision=self.config.half_precision_sampling
        )
        return _rows(points_BSC, chosen if candidates is None else candidates[chosen])


def _rows(x_BSC: Tensor, index_BT: Tensor) -> Tensor:
    return x_BSC.gather(1, index_BT[..., None].expand(-1, -1, x_BSC.shape[-1]))
