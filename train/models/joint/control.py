"""How the global images learn where the boxes are: a light ControlNet.

PixArt-delta's ControlNet-Transformer (Chen et al. 2024), section 4: copies of the first blocks read
the hint, and what they say is added before the blocks that follow. CoPart, section 3.2.3, gives it
to the global branch alone.

Shape suffixes: B objects, V views, N tokens of all views, C width.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

from torch import Tensor, nn

from train.models.pixart.model import ImageDenoiser


@dataclass(slots=True, kw_only=True)
class Hint:
    """The wireframes of a forward pass, and how far the copies have read them.

    Attributes:
        tokens_BNC: of the wireframes at first, then of the last copy that was run.
        rows_B: int64 rows of the global branches.
        told_B: bool, which objects are told.
    """

    tokens_BNC: Tensor
    rows_B: Tensor
    told_B: Tensor


class BoxControl(nn.Module):
    """Copies of the first blocks, and layers that start at 0 before and behind them.

    Args:
        network: whose blocks are copied, as they are now.
        blocks: how many.
    """

    def __init__(self, network: ImageDenoiser, *, blocks: int) -> None:
        super().__init__()
        width = network.config.width
        self.hint_in = _zero(width)
        self.copies = nn.ModuleList(
            deepcopy(block) for block in list(network.transformer_blocks)[:blocks]
        )
        self.zeros = nn.ModuleList(_zero(width) for _ in range(blocks))

    def copy_from(self, network: ImageDenoiser) -> None:
        """Take the blocks' weights again, after the network has got others."""
        for copy, block in zip(self.copies, network.transformer_blocks, strict=False):
            copy.load_state_dict(block.state_dict())


def _zero(width: int) -> nn.Linear:
    layer = nn.Linear(width, width)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer
