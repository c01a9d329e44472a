from __future__ import annotations

import torch

from train.models.dit.attention import attend
from train.models.pixart.scopes import Views


def test_views_are_sequences_of_their_own() -> None:
    generator = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(2, 12, 8, generator=generator) for _ in range(3))
    found = Views(3)(q, k, v, heads=2)
    for view in range(3):
        own = slice(4 * view, 4 * view + 4)
        torch.testing.assert_close(found[:, own], attend(q[:, own], k[:, own], v[:, own], heads=2))
    assert torch.equal(Views(1)(q, k, v, heads=2), attend(q, k, v, heads=2))
