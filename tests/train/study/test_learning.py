from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.train.study.made import clean
from train.denoiser.module import DenoiserModule
from train.denoiser.objective import DenoisingConfig
from train.denoiser.sample import ObjectLatents, collate, joint_inputs
from train.models.joint.config import JointConfig
from train.models.joint.inputs import JointInputs
from train.models.joint.model import JointDenoiser
from train.quiet import silence
from train.study.learning import LearningConfig, errors, independent, joint_config, train
from train.study.objects import made_objects

TINY = joint_config(width=16, layers=3, heads=2)
FEW = LearningConfig(steps=60, batch=8, rate=5e-3)


@pytest.fixture(scope="module")
def latents() -> list[ObjectLatents]:
    return [clean(made, place=place) for place, made in enumerate(made_objects(24, seed=0))]


def untrained() -> DenoiserModule:
    torch.manual_seed(FEW.seed)
    return DenoiserModule(
        network=TINY, objective=DenoisingConfig(), optimizer=FEW.optimizer, seed=0
    ).eval()


def test_it_learns_and_says_so(latents: list[ObjectLatents]) -> None:
    silence()
    seen: list[tuple[int, float]] = []
    module = train(
        latents[:16],
        network=TINY,
        config=FEW,
        progress=lambda step, loss: seen.append((step, loss)),
    )
    assert [step for step, _ in seen] == list(range(FEW.steps))
    before, after = (errors(each, latents[16:], draws=4) for each in (untrained(), module))
    assert after.geometry.mean() < 0.7 * before.geometry.mean()
    assert after.images.mean() < 0.7 * before.images.mean()


def test_errors_are_drawn_alike_for_every_network(latents: list[ObjectLatents]) -> None:
    """A network that tells nothing errs by the variance of the noise, which they then share."""
    modules = [untrained(), untrained()]
    with torch.no_grad():
        for module in modules:
            for weight in module.parameters():
                weight.zero_()
    one, two = (errors(module, latents[:3], draws=3) for module in modules)
    np.testing.assert_array_equal(one.both, two.both)
    np.testing.assert_allclose(one.geometry, 1.0, atol=0.25)
    other = errors(modules[0], latents[:3], draws=3, seed=1)
    assert (other.both != one.both).all()


def test_errors_of_an_object_hang_on_no_other(latents: list[ObjectLatents]) -> None:
    module = untrained()
    together, alone = errors(module, latents[:3], draws=2), errors(module, latents[2:3], draws=2)
    assert together.both[2] == pytest.approx(alone.both[0])


@pytest.mark.parametrize("config", [TINY, independent(TINY)])
def test_independent_branches_learn_nothing_of_others(
    config: JointConfig, latents: list[ObjectLatents]
) -> None:
    torch.manual_seed(0)
    model = JointDenoiser(config).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.2 * torch.randn_like(weight))
    inputs = _inputs(latents[0])
    assert inputs.geometry is not None
    changed = inputs.geometry.clone()
    changed[1] += 1.0
    with torch.no_grad():
        before, after = model(inputs), model(replace(inputs, geometry=changed))
    assert not torch.equal(before.geometry[1], after.geometry[1])
    apart = config.scope == "self"
    assert torch.allclose(before.geometry[0], after.geometry[0], atol=1e-6) is apart
    assert torch.allclose(before.images[1], after.images[1], atol=1e-6) is apart


def test_both_networks_are_told_the_same() -> None:
    """Only what joins branches is left out."""
    ours, theirs = TINY, independent(TINY)
    assert (theirs.scope, theirs.exchange) == ("self", False)
    assert replace(theirs, scope=ours.scope, exchange=ours.exchange) == ours


def _inputs(each: ObjectLatents) -> JointInputs:
    batch = collate([each])
    return joint_inputs(
        batch,
        geometry=batch["geometry"],
        images=batch["images"],
        timesteps=torch.tensor([300]),
    )
