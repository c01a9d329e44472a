"""A block of PixArt-alpha, whose self-attention can see more than one image.

Shape suffixes: B branches, N tokens of all views of a branch, M text tokens, C width.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from train.models.dit.attention import Attend, attend


class ImageBlock(nn.Module):
    """The layers of a `diffusers` `BasicTransformerBlock`, under their own names.

    Args:
        block: with the norm `ada_norm_single`; its layers are taken over, not copied.
    """

    def __init__(self, block: Any) -> None:
        super().__init__()
        assert block.norm_type == "ada_norm_single"
        self.scale_shift_table = block.scale_shift_table
        self.norm1, self.attn1 = block.norm1, block.attn1
        self.norm2, self.attn2 = block.norm2, block.attn2
        self.ff = block.ff

    def forward(
        self,
        x_BNC: Tensor,
        context_BMC: Tensor,
        modulation_B6C: Tensor,
        *,
        mask: Tensor | None = None,
        scope: Attend | None = None,
    ) -> Tensor:
        """(B, N, C) the tokens, renewed.

        Args:
            modulation_B6C: shift, scale and gate of the attention, then of the MLP.
            mask: of the text tokens; see `train.models.dit.attention.attend`.
            scope: of the self-attention; None for all tokens of a branch.
        """
        shift, scale, gate, shift_mlp, scale_mlp, gate_mlp = (
            self.scale_shift_table[None] + modulation_B6C
        ).chunk(6, dim=1)
        asked = self.norm1(x_BNC) * (1 + scale) + shift
        x_BNC = x_BNC + gate * _attention(self.attn1, asked, asked, scope=scope)
        x_BNC = x_BNC + _attention(self.attn2, x_BNC, context_BMC, mask=mask)
        out_BNC: Tensor = x_BNC + gate_mlp * self.ff(
            self.norm2(x_BNC) * (1 + scale_mlp) + shift_mlp
        )
        return out_BNC


def _attention(
    layers: Any,
    x_BNC: Tensor,
    context_BMC: Tensor,
    *,
    mask: Tensor | None = None,
    scope: Attend | None = None,
) -> Tensor:
    """(B, N, C) by the projections of a `diffusers` `Attention`."""
    q_BNC = layers.to_q(x_BNC)
    k_BMC, v_BMC = layers.to_k(context_BMC), layers.to_v(context_BMC)
    if scope is None:
        learned_BNC = attend(q_BNC, k_BMC, v_BMC, heads=layers.heads, mask=mask)
    else:
        learned_BNC = scope(q_BNC, k_BMC, v_BMC, heads=layers.heads)
    out_BNC: Tensor = layers.to_out[0](learned_BNC)
    return out_BNC
