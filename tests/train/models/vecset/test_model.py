from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.train.models.vecset.sizes import (
    SHAPES,
    cloud,
    inputs,
    questions,
    small_config,
    small_model,
)
from train.models.vecset.model import VecSetAutoencoder

KINDS = sorted(SHAPES)


def _mean(model: VecSetAutoencoder) -> Tensor:
    return model.encode(**inputs(model)).mean_BTD


@pytest.mark.parametrize("kind", KINDS)
def test_shapes(kind: str) -> None:
    model = small_model(kind)
    posterior = model.encode(**inputs(model))
    assert posterior.mean_BTD.shape == posterior.logvar_BTD.shape == (2, 6, 5)
    tokens = model.decode(posterior.mean_BTD)
    assert tokens.shape == (2, 6, model.config.field_width)
    assert model.query(tokens, questions()).shape == (2, 11, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_is_trained(kind: str) -> None:
    model = small_model(kind)
    latent = model.encode(**inputs(model)).sample(torch.Generator().manual_seed(0))
    model.query(model.decode(latent), questions()).square().sum().backward()
    still = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert still == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_points_does_not_matter(kind: str) -> None:
    """Given the same first point, which is where the choice of tokens starts."""
    model = small_model(kind)
    given = inputs(model)
    order = torch.randperm(40, generator=torch.Generator().manual_seed(6))
    turned = {**given, "surface_BSF": given["surface_BSF"][:, order]}
    start = int((order == 0).nonzero())
    if model.config.sharp_points:
        # The start counts in both sets, so the sharp points are turned to have theirs there.
        turned["sharp_BSF"] = given["sharp_BSF"].roll(start, dims=1)
    found = model.encode(**turned, start=start).mean_BTD
    torch.testing.assert_close(found, model.encode(**given).mean_BTD, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_tokens_does_not_matter(kind: str) -> None:
    model = small_model(kind)
    latent = _mean(model)
    turned = latent[:, torch.randperm(6, generator=torch.Generator().manual_seed(6))]
    torch.testing.assert_close(
        model.query(model.decode(turned), questions()),
        model.query(model.decode(latent), questions()),
        rtol=1e-4,
        atol=1e-4,
    )


def test_points_are_asked_in_chunks() -> None:
    model = small_model()
    tokens = model.decode(_mean(model))
    whole = model.query(tokens, questions())
    torch.testing.assert_close(model.query(tokens, questions(), chunk=4), whole)


def test_parts_of_a_batch_do_not_hear_one_another() -> None:
    model = small_model()
    surface, points = cloud(), questions()
    torch.testing.assert_close(model(surface[1:], points[1:]), model(surface, points)[1:])


def test_the_number_of_tokens_may_change_from_call_to_call() -> None:
    model = small_model(encoder_layers=0)
    few = model.encode(cloud(), tokens=3).mean_BTD
    many = model.encode(cloud(), tokens=9).mean_BTD
    assert few.shape == (2, 3, 5) and many.shape == (2, 9, 5)
    # Before tokens talk to one another each depends on its own point only, and on the surface.
    torch.testing.assert_close(few, many[:, :3])
    assert model.query(model.decode(many), questions()).shape == (2, 11, 1)


def test_normals_are_seen() -> None:
    model, surface = small_model(), cloud()
    turned = torch.cat([surface[..., :3], -surface[..., 3:]], dim=-1)
    assert not torch.allclose(model.encode(turned).mean_BTD, model.encode(surface).mean_BTD)


@pytest.mark.parametrize("kind", KINDS)
def test_recomputation_changes_no_gradient(kind: str) -> None:
    gradients = []
    for save_memory in (False, True):
        model = small_model(kind, checkpoint_blocks=save_memory)
        model.query(model.decode(_mean(model)), questions()).square().sum().backward()
        gradients.append({name: p.grad for name, p in model.named_parameters()})
    assert gradients[0].keys() == gradients[1].keys()
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], gradient, rtol=1e-6, atol=1e-6)


def test_a_network_on_the_meta_device_starts_as_any_other() -> None:
    config = small_config("learned", initial_logvar=-4.0, cell_size_input=True)
    with torch.device("meta"):
        model = VecSetAutoencoder(config)
    assert all(parameter.is_meta for parameter in model.parameters())
    model.to_empty(device="cpu")
    torch.manual_seed(7)
    model.initialise()
    other = VecSetAutoencoder(config)
    torch.manual_seed(7)
    other.initialise()
    found, expected = model.state_dict(), other.state_dict()
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[key], value) for key, value in expected.items())


def test_costs_can_be_counted_on_the_meta_device() -> None:
    with torch.device("meta"):
        model = VecSetAutoencoder(small_config())
        surface, points = torch.zeros(2, 40, 6), torch.zeros(2, 11, 3)
        tokens = model.decode(torch.zeros(2, 6, 5))
        assert model.query(tokens, points).shape == (2, 11, 1)
        assert model(surface, points).shape == (2, 11, 1)


def test_the_bottleneck_may_start_quiet() -> None:
    torch.manual_seed(0)
    model = VecSetAutoencoder(small_config(initial_logvar=-4.0))
    logvar = model.encode(cloud()).logvar_BTD.detach()
    assert float(logvar.mean()) == pytest.approx(-4, abs=1)
    torch.manual_seed(0)
    loud = VecSetAutoencoder(small_config()).encode(cloud()).logvar_BTD.detach()
    assert float(loud.mean()) == pytest.approx(0, abs=1)
