from __future__ import annotations

import pytest
import torch
from torch import Tensor

from train.models.dit.attention import attend
from train.models.joint.scopes import Parts


def _tokens(branches: int, tokens: int) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(branches)
    q, k, v = (torch.randn(branches, tokens, 8, generator=generator) for _ in range(3))
    return q, k, v


@pytest.mark.parametrize("counts", [(2, 3, 1), (3, 3), (1,), (4,)])
@pytest.mark.parametrize("views", [1, 3])
def test_scope_is_a_block_of_the_attention_over_everything(
    counts: tuple[int, ...], views: int
) -> None:
    """Against one long sequence with a mask: seen are the same view and the same object."""
    branches, each = sum(counts), 2
    q, k, v = _tokens(branches, views * each)
    flat = [x.reshape(1, -1, 8) for x in (q, k, v)]
    objects = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))
    owner = objects[:, None, None].expand(branches, views, each).flatten()
    view = torch.arange(views)[None, :, None].expand(branches, views, each).flatten()
    seen = (owner[:, None] == owner) & (view[:, None] == view)
    wanted = attend(*flat, heads=2, mask=seen[None, None]).reshape(q.shape)
    found = Parts(counts=counts, views=views)(q, k, v, heads=2)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-6)


def test_a_branch_alone_sees_itself() -> None:
    q, k, v = _tokens(3, 4)
    alone = attend(q, k, v, heads=2)
    assert torch.equal(Parts(counts=(1, 1, 1))(q, k, v, heads=2), alone)
