from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from train.models.part_vae.model import INITIAL_LOGVAR, PartVAE, PartVAEConfig

CONFIG = PartVAEConfig(width=16, heads=2, tokens=6, latent_dim=5, frequencies=3)


@pytest.fixture
def model() -> PartVAE:
    torch.manual_seed(0)
    return PartVAE(CONFIG)


@pytest.fixture
def surface() -> Tensor:
    points = torch.randn(2, 40, 3, generator=torch.Generator().manual_seed(0))
    return torch.cat([points, functional.normalize(points, dim=-1)], dim=-1)


@pytest.fixture
def queries() -> Tensor:
    return torch.rand(2, 11, 3, generator=torch.Generator().manual_seed(1)) * 2 - 1


def test_shapes(model: PartVAE, surface: Tensor, queries: Tensor) -> None:
    posterior = model.encode(surface)
    assert posterior.mean_BTD.shape == posterior.logvar_BTD.shape == (2, 6, 5)
    tokens = model.decode(posterior.mean_BTD)
    assert tokens.shape == (2, 6, 16)
    assert model.query(tokens, queries).shape == (2, 11)


def test_the_order_of_points_does_not_matter(model: PartVAE, surface: Tensor) -> None:
    """Given the same first point, which is where the choice of tokens starts."""
    order = torch.cat([torch.zeros(1, dtype=torch.long), 1 + torch.randperm(39)])
    torch.testing.assert_close(
        model.encode(surface[:, order]).mean_BTD, model.encode(surface).mean_BTD
    )


def test_the_order_of_tokens_does_not_matter(
    model: PartVAE, surface: Tensor, queries: Tensor
) -> None:
    latent = model.encode(surface).mean_BTD
    turned = latent[:, torch.randperm(6)]
    torch.testing.assert_close(
        model.query(model.decode(turned), queries), model.query(model.decode(latent), queries)
    )


def test_queries_do_not_hear_one_another(model: PartVAE, surface: Tensor, queries: Tensor) -> None:
    tokens = model.decode(model.encode(surface).mean_BTD)
    torch.testing.assert_close(
        model.query(tokens, queries[:, :4]), model.query(tokens, queries)[:, :4]
    )


def test_parts_of_a_batch_do_not_hear_one_another(
    model: PartVAE, surface: Tensor, queries: Tensor
) -> None:
    alone = model.query(model.decode(model.encode(surface[1:]).mean_BTD), queries[1:])
    together = model.query(model.decode(model.encode(surface).mean_BTD), queries)
    torch.testing.assert_close(alone, together[1:])


def test_normals_are_seen(model: PartVAE, surface: Tensor) -> None:
    turned = torch.cat([surface[..., :3], -surface[..., 3:]], dim=-1)
    assert not torch.allclose(model.encode(turned).mean_BTD, model.encode(surface).mean_BTD)


def test_every_parameter_is_trained(model: PartVAE, surface: Tensor, queries: Tensor) -> None:
    latent = model.encode(surface).sample(torch.Generator().manual_seed(0))
    model.query(model.decode(latent), queries).square().sum().backward()
    still = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert still == []


def test_the_bottleneck_starts_quiet(model: PartVAE, surface: Tensor) -> None:
    logvar = model.encode(surface).logvar_BTD.detach()
    assert float(logvar.mean()) == pytest.approx(INITIAL_LOGVAR, abs=1)


@pytest.mark.parametrize("setting", [{"heads": 3}, {"tokens": 0}, {"latent_dim": 0}])
def test_impossible_sizes_are_refused(setting: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"network\."):
        PartVAEConfig(width=16, **setting)
