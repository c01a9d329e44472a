"""Multi-head attention without masks.

Shape suffixes: B parts of a batch, N tokens that ask, M tokens that are asked, C width, H heads,
E width of a head.
"""

from __future__ import annotations

from contextlib import nullcontext

from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

from train.models.vecset.config import BlockConfig


class Attention(nn.Module):
    """What tokens learn from others, or from one another.

    The projections are three layers whatever published networks fuse; how those lay their rows out
    is the business of the loader.
    """

    def __init__(self, width: int, *, heads: int, style: BlockConfig) -> None:
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(width, width, bias=style.qkv_bias)
        self.to_k = nn.Linear(width, width, bias=style.qkv_bias)
        self.to_v = nn.Linear(width, width, bias=style.qkv_bias)
        self.to_out = nn.Linear(width, width)
        head = width // heads
        self.q_norm = nn.LayerNorm(head, eps=style.qk_norm_eps) if style.qk_norm else None
        self.k_norm = nn.LayerNorm(head, eps=style.qk_norm_eps) if style.qk_norm else None

    def forward(
        self, x_BNC: Tensor, context_BMC: Tensor, *, double_backward: bool = False
    ) -> Tensor:
        """(B, N, C) what each of the N tokens learns from the M.

        Args:
            double_backward: use plain matrix products, since the fused kernels' gradients have no
                gradients of their own.
        """
        q_BHNE, k_BHME = self._split(self.to_q(x_BNC)), self._split(self.to_k(context_BMC))
        if self.q_norm is not None and self.k_norm is not None:
            q_BHNE, k_BHME = self.q_norm(q_BHNE), self.k_norm(k_BHME)
        v_BHME = self._split(self.to_v(context_BMC))
        with sdpa_kernel(SDPBackend.MATH) if double_backward else nullcontext():
            out_BHNE = scaled_dot_product_attention(
                q_BHNE.to(v_BHME.dtype), k_BHME.to(v_BHME.dtype), v_BHME
            )
        out_BNC: Tensor = self.to_out(out_BHNE.transpose(1, 2).flatten(-2))
        return out_BNC

    def _split(self, x_BNC: Tensor) -> Tensor:
        batch, tokens, _ = x_BNC.shape
        return x_BNC.reshape(batch, tokens, self.heads, -1).transpose(1, 2)
