"""What the text of a branch becomes before the blocks read it.

Shape suffixes: P branches, L text tokens, E channels of one, C width of the denoiser.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

_SPREAD = 0.02


class TextAdapter(nn.Module):
    """Text for a denoiser that was trained on images: its cross-attention keeps its weights."""

    def __init__(self, text_width: int, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(text_width)
        self.layer = nn.Linear(text_width, width)

    def forward(self, text_PLE: Tensor) -> Tensor:
        """(P, L, C)."""
        context_PLC: Tensor = self.layer(self.norm(text_PLE))
        return context_PLC


class BranchEmbedding(nn.Module):
    """Tells a branch whether it is a part or the whole (CoPart section 3.2.2).

    Args:
        kind: of `JointConfig.branch_embedding`.
    """

    def __init__(self, width: int, *, kind: Literal["concat", "add_zero"]) -> None:
        super().__init__()
        self.kind = kind
        start = torch.zeros(2, width) if kind == "add_zero" else _SPREAD * torch.randn(2, width)
        self.part_and_global = nn.Parameter(start)

    def forward(
        self, context_PLC: Tensor, mask_PL: Tensor, *, is_global_P: Tensor
    ) -> tuple[Tensor, Tensor]:
        """(P, L or L + 1, C) tokens and (P, the same) bool which of them are there."""
        part, whole = self.part_and_global
        embedding_P1C = torch.where(is_global_P[:, None], whole, part)[:, None]
        if self.kind == "add_zero":
            return context_PLC + embedding_P1C, mask_PL
        seen = torch.ones_like(mask_PL[:, :1])
        return torch.cat([context_PLC, embedding_P1C], dim=1), torch.cat([mask_PL, seen], dim=1)
