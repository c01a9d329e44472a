"""Self-attention that sees all parts of an object.

Shape suffixes: B branches of all objects, V views of one, L tokens of a view, N = M = V L, C width.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from train.models.dit.attention import attend


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The same view of all branches of an object (CoPart eq. 2); geometry has one "view".

    Objects of different numbers of branches are asked one by one, so that nothing is padded. There
    are no new weights: queries and keys are those of the pretrained self-attention.

    Attributes:
        counts: branches of each object.
        views: whose tokens follow one another in a branch.
    """

    counts: tuple[int, ...]
    views: int = 1

    def __call__(self, q_BNC: Tensor, k_BMC: Tensor, v_BMC: Tensor, *, heads: int) -> Tensor:
        """(B, N, C), an `Attend`."""
        if len(set(self.counts)) == 1:
            return self._alike(q_BNC, k_BMC, v_BMC, heads=heads, objects=len(self.counts))
        counts = list(self.counts)
        apart = (torch.split(x_BNC, counts) for x_BNC in (q_BNC, k_BMC, v_BMC))
        return torch.cat(
            [self._alike(*asked, heads=heads, objects=1) for asked in zip(*apart, strict=True)]
        )

    def _alike(
        self, q_BNC: Tensor, k_BMC: Tensor, v_BMC: Tensor, *, heads: int, objects: int
    ) -> Tensor:
        """Of objects that have the same number of branches."""
        branches, tokens, width = q_BNC.shape
        shape = (objects, branches // objects, self.views, tokens // self.views, width)
        # Sequences of one view of one object: (objects V, its branches times L, C).
        q, k, v = (
            x_BNC.reshape(shape).transpose(1, 2).reshape(objects * self.views, -1, width)
            for x_BNC in (q_BNC, k_BMC, v_BMC)
        )
        learned = attend(q, k, v, heads=heads)
        learned = learned.reshape(objects, self.views, branches // objects, -1, width)
        return learned.transpose(1, 2).reshape(q_BNC.shape)
