from __future__ import annotations

import dataclasses

import pytest
import torch

from tests.train.sampling.made import CHAIR
from tests.train.sampling.standin import StandIn
from train.sampling.conditioning import object_conditions, packed_conditions
from train.sampling.config import SamplingConfig
from train.sampling.denoising import Conditions, Held, Latents, sample_latents
from train.sampling.rounds import Round

PLAIN = SamplingConfig(steps=6, geometry_scale=1, image_scale=1, box_points=64)
GUIDED = dataclasses.replace(PLAIN, geometry_scale=3, image_scale=2)


def conditions_of(generator: StandIn) -> Conditions:
    own = object_conditions(generator, CHAIR, points=64)
    return packed_conditions(generator, [(own, Round(new=(0, 1, 2, 3), kept=()))])


def held_of(*rows: int) -> Held:
    drawn = torch.Generator().manual_seed(5)
    mask = torch.zeros(5, dtype=torch.bool)
    mask[list(rows)] = True
    return Held(
        mask=mask,
        latents=Latents(
            geometry=torch.randn(5, 8, 3, generator=drawn),
            images=torch.randn(5, 4, 4, 4, 4, generator=drawn),
        ),
    )


def test_a_network_that_knows_is_followed() -> None:
    generator = StandIn()
    conditions = conditions_of(generator)
    found = sample_latents(generator, conditions, config=PLAIN)
    assert conditions.boxes is not None
    assert found.geometry is not None and found.images is not None
    # CraftsMan's last step ends at time 0, where a share of 0.03 is noise.
    torch.testing.assert_close(found.geometry[:4], conditions.boxes[:4], rtol=0, atol=0.12)
    colors = found.images[:, :, :3].mean(dim=(1, 3, 4))
    torch.testing.assert_close(colors, conditions.text.tokens[:, 0], rtol=0, atol=1e-3)


def test_kept_branches_come_out_as_they_went_in() -> None:
    """Bit by bit, while the others are sampled beside them."""
    generator = StandIn(mixing=0.05)
    held = held_of(0, 2)
    found = sample_latents(generator, conditions_of(generator), config=GUIDED, held=held)
    for own, kept in (
        (found.geometry, held.latents.geometry),
        (found.images, held.latents.images),
    ):
        assert own is not None and kept is not None
        assert torch.equal(own[[0, 2]], kept[[0, 2]])
        assert not torch.isclose(own[[1, 3, 4]], kept[[1, 3, 4]]).all(dim=-1).any()


def test_kept_branches_are_as_noisy_as_the_rest() -> None:
    """CoPart, equation 12: what the network sees of them is their latent with noise of the time."""
    generator = StandIn()
    held = held_of(0, 1, 2, 3)
    kept = held.latents.geometry
    assert kept is not None
    sample_latents(generator, conditions_of(generator), config=PLAIN, held=held)
    noises = []
    for inputs in generator.passes:
        assert inputs.geometry is not None
        alpha_bar = generator.geometry_schedule.alpha_bars[inputs.timesteps[0]]
        shown = inputs.geometry[:4].double()
        noises.append((shown - alpha_bar.sqrt() * kept[:4]) / (1 - alpha_bar).sqrt())
    noise = torch.stack(noises)
    assert float(noise.mean()) == pytest.approx(0, abs=0.15)
    assert float(noise.std()) == pytest.approx(1, abs=0.1)
    # Fresh in each step, and for each part.
    flat = noise.reshape(len(noise) * 4, -1)
    assert torch.corrcoef(flat).fill_diagonal_(0).abs().max() < 0.75


def test_what_is_kept_matters_to_the_others() -> None:
    generator = StandIn(mixing=0.05)
    conditions = conditions_of(generator)
    first = sample_latents(generator, conditions, config=PLAIN, held=held_of(0))
    changed = held_of(0)
    assert changed.latents.geometry is not None
    changed.latents.geometry[0] += 5
    second = sample_latents(generator, conditions, config=PLAIN, held=changed)
    assert first.geometry is not None and second.geometry is not None
    assert ((first.geometry[1:] - second.geometry[1:]).abs().amax(dim=(1, 2)) > 0.01).all()


@pytest.mark.parametrize(
    ("scales", "passes"),
    [
        ({"geometry_scale": 1.0, "image_scale": 1.0}, 1),
        ({"geometry_scale": 1.0, "image_scale": 4.5}, 2),
        ({"geometry_scale": 7.5, "image_scale": 4.5, "box_scale": 2.0}, 3),
    ],
)
def test_no_more_passes_than_guidance_needs(scales: dict[str, float], passes: int) -> None:
    generator = StandIn()
    config = dataclasses.replace(PLAIN, **scales)
    sample_latents(generator, conditions_of(generator), config=config)
    assert len(generator.passes) == passes * config.steps
    if passes == 3:
        full, boxed, free = generator.passes[:3]
        assert not torch.equal(full.text, boxed.text)
        assert torch.equal(boxed.text, free.text)
        assert free.boxes is None and free.box_images is None
        assert boxed.boxes is not None and boxed.box_images is not None


def test_each_modality_has_its_own_guidance() -> None:
    """Pictures know texts, geometry knows boxes; scales carry them past what is told."""
    generator = StandIn()
    conditions = conditions_of(generator)
    plain = sample_latents(generator, conditions, config=PLAIN)
    by_text = sample_latents(
        generator, conditions, config=dataclasses.replace(PLAIN, image_scale=3)
    )
    by_box = sample_latents(generator, conditions, config=dataclasses.replace(PLAIN, box_scale=3))
    assert plain.geometry is not None and by_text.geometry is not None
    assert plain.images is not None and by_text.images is not None
    assert torch.equal(plain.geometry, by_text.geometry)
    assert not torch.allclose(plain.images, by_text.images, atol=0.05)
    assert by_box.geometry is not None and by_box.images is not None
    assert not torch.allclose(plain.geometry, by_box.geometry, atol=0.05)
    torch.testing.assert_close(plain.images, by_box.images)
    assert conditions.boxes is not None
    # From no box, the origin, three times as far.
    torch.testing.assert_close(by_box.geometry[:4], 3 * conditions.boxes[:4], rtol=0, atol=0.12)


def test_both_modalities_share_the_times_unless_aligned() -> None:
    generator = StandIn()
    conditions = conditions_of(generator)
    sample_latents(generator, conditions, config=PLAIN)
    assert all(inputs.image_timesteps is None for inputs in generator.passes)
    generator.passes.clear()
    aligned = dataclasses.replace(PLAIN, steps=50, align_by_snr=True)
    found = sample_latents(generator, conditions, config=aligned)
    times = [
        (int(inputs.timesteps[0]), int(inputs.image_timesteps[0]))
        for inputs in generator.passes
        if inputs.image_timesteps is not None
    ]
    assert len(times) == 50
    for geometry, image in times[:-1]:
        noise = generator.geometry_schedule.alpha_bars[geometry]
        assert float(generator.image_schedule.alpha_bars[image]) == pytest.approx(
            float(noise), abs=0.005
        )
    assert found.images is not None
    colors = found.images[:, :, :3].mean(dim=(1, 3, 4))
    torch.testing.assert_close(colors, conditions.text.tokens[:, 0], rtol=0, atol=0.05)


@pytest.mark.parametrize("steps", [1, 999, 1000])
def test_any_number_of_steps_can_be_aligned(steps: int) -> None:
    generator = StandIn()
    config = dataclasses.replace(PLAIN, steps=steps, align_by_snr=True)
    sample_latents(generator, conditions_of(generator), config=config)
    assert len(generator.passes) == steps


@pytest.mark.parametrize("only", ["geometry", "images"])
def test_one_modality_alone(only: str) -> None:
    generator = StandIn(geometry=only == "geometry", images=only == "images")
    both = StandIn()
    found = sample_latents(generator, conditions_of(generator), config=PLAIN)
    expected = sample_latents(both, conditions_of(both), config=PLAIN)
    assert (found.geometry is None) == (only == "images")
    if only == "geometry":
        assert found.geometry is not None and expected.geometry is not None
        assert torch.equal(found.geometry, expected.geometry)


def test_noise_on_the_way_is_drawn_from_the_seed() -> None:
    generator = StandIn(mixing=0.1)
    conditions = conditions_of(generator)

    def found(**settings: float) -> torch.Tensor:
        config = dataclasses.replace(PLAIN, **settings)
        latents = sample_latents(generator, conditions, config=config)
        assert latents.geometry is not None
        return latents.geometry

    assert torch.equal(found(eta=1.0), found(eta=1.0))
    assert not torch.allclose(found(eta=1.0), found(eta=0.0))
    assert not torch.allclose(found(eta=1.0), found(eta=1.0, seed=1))


def test_every_step_is_told() -> None:
    generator, steps = StandIn(), []
    sample_latents(
        generator, conditions_of(generator), config=PLAIN, progress=lambda: steps.append(1)
    )
    assert len(steps) == PLAIN.steps
