"""What the geometry of a part learns from its box (CoPart eq. 6).

Shape suffixes: P branches, T geometry tokens, C width, M box tokens, D channels of a latent token.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from train.models.joint.guidance import GuidedAttention
from train.models.joint.inputs import JointInputs


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxTokens:
    """Boxes as a block asks them.

    Attributes:
        tokens_PMD: of each part's box, 0 where there is none.
        told_P: bool, the parts that are told.
        wholes: for each object whose whole is told all boxes, its row and the rows of its parts;
            empty if wholes are told none.
    """

    tokens_PMD: Tensor
    told_P: Tensor
    wholes: tuple[tuple[int, slice], ...]


def box_tokens(inputs: JointInputs, *, global_boxes: bool) -> BoxTokens | None:
    """The boxes of all parts, or None if there are none."""
    if inputs.boxes is None:
        return None
    told_P = ~inputs.is_global_P
    if inputs.box_mask is not None:
        told_P = told_P & inputs.box_mask
    # Unused rows may hold anything, and what is not finite would reach gradients through a mask.
    tokens_PMD = torch.where(told_P[:, None, None], inputs.boxes, 0.0)
    wholes = tuple(_wholes(inputs)) if global_boxes and inputs.has_global else ()
    return BoxTokens(tokens_PMD=tokens_PMD, told_P=told_P, wholes=wholes)


class BoxAttention(nn.Module):
    """Geometry asks box tokens, which come from the same encoder as its latents."""

    def __init__(self, width: int, *, latent_dim: int, heads: int) -> None:
        super().__init__()
        self.ask = GuidedAttention(width, context_width=latent_dim, heads=heads, context_norm=False)

    def forward(self, x_PTC: Tensor, boxes: BoxTokens) -> Tensor:
        """(P, T, C) what is added to the tokens, 0 for branches that are not told."""
        learned_PTC: Tensor = self.ask(x_PTC, boxes.tokens_PMD)
        added_PTC = torch.where(boxes.told_P[:, None, None], learned_PTC, 0.0)
        for row, parts in boxes.wholes:
            whole = self._whole(x_PTC[row : row + 1], boxes, parts)
            added_PTC = added_PTC.index_copy(
                0, torch.tensor([row], device=x_PTC.device), whole.to(added_PTC.dtype)
            )
        return added_PTC

    def _whole(self, x_1TC: Tensor, boxes: BoxTokens, parts: slice) -> Tensor:
        tokens, told = boxes.tokens_PMD[parts], boxes.told_P[parts]
        # With no key at all a softmax is undefined; what it gives is then dropped.
        seen = (told | ~told.any()).repeat_interleave(tokens.shape[1])
        learned: Tensor = self.ask(x_1TC, tokens.flatten(0, 1)[None], seen[None, None, None])
        return torch.where(told.any(), learned, 0.0)


def _wholes(inputs: JointInputs) -> Iterator[tuple[int, slice]]:
    for start, count in zip(inputs.starts, inputs.counts, strict=True):
        if count > 1:
            yield start + count - 1, slice(start, start + count - 1)
