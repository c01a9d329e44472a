from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.train.models.vecset.sizes import cloud, small_model
from train.models.vecset.farthest import farthest_points


def test_a_large_surface_is_thinned_to_its_farthest_points() -> None:
    model, limited = small_model(), small_model(max_points=25)
    surface = cloud()
    chosen = farthest_points(surface[..., :3], 25, start=4)
    thinned = torch.stack([points[rows] for points, rows in zip(surface, chosen, strict=True)])
    torch.testing.assert_close(
        limited.encode(surface, start=4).mean_BTD, model.encode(thinned).mean_BTD
    )
    assert torch.equal(limited.encode(thinned).mean_BTD, model.encode(thinned).mean_BTD)


def test_queries_come_from_the_candidates_alone() -> None:
    model = small_model(encoder_layers=0)
    surface, candidates = cloud(), torch.tensor([31, 5, 8, 39, 0, 17])
    found = model.encode(surface, candidates=candidates).mean_BTD
    # With as many tokens as candidates every one is chosen, in an order that does not matter.
    turned = model.encode(surface, candidates=candidates.flip(0)).mean_BTD
    order, back = found[..., 0].argsort(dim=1), turned[..., 0].argsort(dim=1)
    torch.testing.assert_close(
        found.take_along_dim(order[..., None], 1), turned.take_along_dim(back[..., None], 1)
    )
    assert not torch.allclose(found, model.encode(surface).mean_BTD)


def test_half_of_the_queries_are_sharp_points() -> None:
    """Seven tokens: three of the surface and four of the edges."""
    model = small_model("dora")
    surface, sharp = cloud(), cloud(points=30, seed=5)
    seen: list[torch.Tensor] = []
    handle = model.encoder.read.register_forward_hook(
        lambda module, inputs, output: seen.append(inputs[0])
    )
    model.encode(surface, sharp_BSF=sharp, tokens=7)
    handle.remove()
    of_surface, of_sharp = seen[0].split([3, 4], dim=1)
    assert model.encoder.sharp_in is not None
    tokens = model.encoder.point_in(model.encoder._features(surface))
    rows = farthest_points(surface[..., :3], 3, half_precision=True)
    assert torch.equal(of_surface, tokens.take_along_dim(rows[..., None], 1))
    tokens = model.encoder.sharp_in(model.encoder._features(sharp))
    rows = farthest_points(sharp[..., :3], 4, half_precision=True)
    assert torch.equal(of_sharp, tokens.take_along_dim(rows[..., None], 1))


def test_embedded_normals_are_seen_at_high_frequencies() -> None:
    model = small_model(embed_point_features=True)
    assert model.encoder.point_in.in_features == 42
    assert model.encode(cloud()).mean_BTD.shape == (2, 6, 5)


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        ("craftsman", {"surface_BSF": cloud(features=0)}, "points have 3 numbers, expected 6"),
        ("craftsman", {"sharp_BSF": cloud()}, "sharp_points is False"),
        ("dora", {}, "sharp_points is True"),
        ("dora", {"sharp_BSF": cloud(), "candidates": torch.arange(9)}, "candidates"),
        ("learned", {"tokens": 5}, "table of 6"),
        ("craftsman", {"tokens": 41}, "cannot choose 41 of 40"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(
    kind: str, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        small_model(kind).encode(**{"surface_BSF": cloud(), **given})
