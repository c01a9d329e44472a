"""Multi-head attention whose scope a caller may widen.

Shape suffixes: B sequences, N tokens that ask, M tokens that are asked, C width, H heads, E width
of a head.
"""

from __future__ import annotations

from typing import Protocol

from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention


class Attend(Protocol):
    """Which tokens see which: projected queries, keys and values in, what is learned out."""

    def __call__(self, q_BNC: Tensor, k_BMC: Tensor, v_BMC: Tensor, *, heads: int) -> Tensor:
        """(B, N, C)."""
        ...


def attend(
    q_BNC: Tensor, k_BMC: Tensor, v_BMC: Tensor, *, heads: int, mask: Tensor | None = None
) -> Tensor:
    """(B, N, C) each sequence by itself, through the fused kernels.

    Args:
        mask: broadcastable to (B, H, N, M), bool for what is seen, or float that is added.
    """
    if mask is not None and mask.is_floating_point():
        mask = mask.to(q_BNC.dtype)
    out_BHNE = scaled_dot_product_attention(
        _split(q_BNC, heads), _split(k_BMC, heads), _split(v_BMC, heads), attn_mask=mask
    )
    return out_BHNE.transpose(1, 2).flatten(-2)


class Attention(nn.Module):
    """What tokens learn from others, or from one another.

    Args:
        context_width: channels of the tokens that are asked; None for those that ask.
        bias: the projections to queries, keys and values have biases.
    """

    def __init__(
        self, width: int, *, heads: int, bias: bool, context_width: int | None = None
    ) -> None:
        super().__init__()
        context_width = context_width or width
        self.heads = heads
        self.to_q = nn.Linear(width, width, bias=bias)
        self.to_k = nn.Linear(context_width, width, bias=bias)
        self.to_v = nn.Linear(context_width, width, bias=bias)
        self.to_out = nn.Linear(width, width)

    def forward(
        self,
        x_BNC: Tensor,
        context_BMC: Tensor | None = None,
        *,
        mask: Tensor | None = None,
        scope: Attend | None = None,
    ) -> Tensor:
        """(B, N, C) what each of the N tokens learns.

        Args:
            context_BMC: the tokens that are asked; None for `x_BNC`.
            mask: of `attend`; not together with `scope`.
            scope: takes the place of `attend`.
        """
        context = x_BNC if context_BMC is None else context_BMC
        q_BNC, k_BMC, v_BMC = self.to_q(x_BNC), self.to_k(context), self.to_v(context)
        if scope is None:
            learned_BNC = attend(q_BNC, k_BMC, v_BMC, heads=self.heads, mask=mask)
        else:
            learned_BNC = scope(q_BNC, k_BMC, v_BMC, heads=self.heads)
        out_BNC: Tensor = self.to_out(learned_BNC)
        return out_BNC


def _split(x_BNC: Tensor, heads: int) -> Tensor:
    batch, tokens, _ = x_BNC.shape
    return x_BNC.reshape(batch, tokens, heads, -1).transpose(1, 2)
