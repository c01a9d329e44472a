"""Self-attention that stays within a view."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from train.models.dit.attention import attend


@dataclass(frozen=True, slots=True)
class Views:
    """Each of so many views of a branch by itself.

    Attributes:
        views: whose tokens follow one another in a branch.
    """

    views: int

    def __call__(self, q_BNC: Tensor, k_BMC: Tensor, v_BMC: Tensor, *, heads: int) -> Tensor:
        """(B, N, C), an `Attend`."""
        apart = (x.reshape(x.shape[0] * self.views, -1, x.shape[-1]) for x in (q_BNC, k_BMC, v_BMC))
        q, k, v = apart
        return attend(q, k, v, heads=heads).reshape(q_BNC.shape)
