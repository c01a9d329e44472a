"""From tokens and points to the field.

Shape suffixes: B parts of a batch, T latent tokens, Q query points, C width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from train.models.vecset.blocks import Block, run_block
from train.models.vecset.config import CUBE_CHANNELS, VecSetConfig
from train.models.vecset.embedding import fourier_features


class FieldDecoder(nn.Module):
    """Points that ask the tokens of a part for its field there.

    The signed value has a layer of its own beside the one of the other FlexiCubes parameters, so
    that a widened network gives its old values to the last bit.
    """

    def __init__(self, config: VecSetConfig) -> None:
        super().__init__()
        self.config = config
        width = config.field_width
        shared = config.shared_projection
        self.point_in = None if shared else nn.Linear(config.position_width, width)
        size_width = 1 + 2 * config.frequencies
        self.cell_size_in = (
            nn.Linear(size_width, width, bias=False) if config.cell_size_input else None
        )
        heads = config.field_heads if config.read_heads is None else config.read_heads
        bare = config.query_block == "bare"
        self.read = Block(width, heads=heads, style=config.block, cross=True, bare=bare)
        self.norm = None if bare else nn.LayerNorm(width, eps=config.block.norm_eps)
        self.signed = nn.Linear(width, 1)
        cubes = config.output == "flexicubes"
        self.cubes = nn.Linear(width, CUBE_CHANNELS) if cubes else None

    def forward(
        self,
        points_BQC: Tensor,
        tokens_BTC: Tensor,
        *,
        cell_size_B: Tensor | None,
        double_backward: bool,
    ) -> Tensor:
        """(B, Q, channels) the field at projected points."""
        if (cell_size_B is None) != (self.cell_size_in is None):
            # A weight that some steps leave out would stop distributed training.
            raise ValueError(
                f"network.cell_size_input is {self.cell_size_in is not None}; give cell_size_B"
                " exactly where it is true"
            )
        if self.cell_size_in is not None and cell_size_B is not None:
            # Sizes differ by factors.
            logarithm = cell_size_B.log2()[:, None]
            sizes = fourier_features(logarithm, self.config.frequencies, include_pi=False)
            size_BC = self.cell_size_in(sizes.to(self.cell_size_in.weight.dtype))
            points_BQC = points_BQC + size_BC[:, None]
        x_BQC = run_block(
            self.read,
            points_BQC,
            tokens_BTC,
            save_memory=self.config.checkpoint_blocks,
            double_backward=double_backward,
        )
        return self._head(x_BQC)

    def _head(self, x_BQC: Tensor) -> Tensor:
        """The last layers run in the precision of their weights, never lower.

        Rounded values would move the crossings that meshes are made of.
        """
        kind = x_BQC.device.type
        mixed = torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind)
        if mixed:
            with torch.autocast(kind, enabled=False):
                return self._last_layers(x_BQC)
        return self._last_layers(x_BQC)

    def _last_layers(self, x_BQC: Tensor) -> Tensor:
        x_BQC = x_BQC.to(self.signed.weight.dtype)
        if self.norm is not None:
            x_BQC = self.norm(x_BQC)
        signed: Tensor = self.signed(x_BQC)
        if self.config.field_sign < 0:
            signed = -signed
        return signed if self.cubes is None else torch.cat([signed, self.cubes(x_BQC)], dim=-1)
