from __future__ import annotations

import torch

from tests.train.models.dit.sizes import small_dit


def test_features_of_both_kinds_are_added_view_by_view() -> None:
    model = small_dit(condition_views=2, clip_weight=0.5, dino_weight=3.0)
    assert model.condition is not None
    clip, dino = model.condition.clip, model.condition.dino
    assert clip is not None and dino is not None
    generator = torch.Generator().manual_seed(0)
    views = [[torch.randn(2, 3, 7, generator=generator) for _ in range(2)] for _ in range(2)]
    features = torch.cat([tokens for view in views for tokens in view], dim=1)
    found = model.condition(features)
    wanted = torch.cat([0.5 * clip(c) + 3.0 * dino(d) for c, d in views], dim=1)
    assert found.shape == (2, 6, 16)
    torch.testing.assert_close(found, wanted)


def test_features_of_one_kind_stay_as_many() -> None:
    model = small_dit(condition="clip", condition_norm=False)
    assert model.condition is not None and model.condition.dino is None
    assert model.condition(torch.zeros(2, 5, 7)).shape == (2, 5, 16)
    assert small_dit(condition="none").condition is None
