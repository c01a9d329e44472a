from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch
from torch import Tensor

from partworks.errors import UsageError
from tests.train.denoiser.made import made_object
from train.denoiser.objective import Denoising, DenoisingConfig
from train.denoiser.randomness import GEOMETRY, IMAGES, draw_noise
from train.denoiser.sample import Batch, collate
from train.models.joint.inputs import JointInputs, JointNoise
from train.schedules.presets import AUTOPARTGEN
from train.schedules.weights import min_snr_weights


class Told:
    """A model that tells the same of everything, and remembers what it was asked."""

    def __init__(self, geometry: Tensor | None, images: Tensor | None) -> None:
        self.noise = JointNoise(geometry=geometry, images=images)
        self.inputs: list[JointInputs] = []

    def __call__(self, inputs: JointInputs) -> JointNoise:
        self.inputs.append(inputs)
        return self.noise


@pytest.fixture
def batch() -> Batch:
    return collate([made_object(1, place=1), made_object(3, place=2)])


TIMES = torch.tensor([100, 700])


def noise_of(batch: Batch, seed: int = 0) -> tuple[Tensor, Tensor]:
    words: dict[str, Any] = {
        "places": batch["place"].tolist(), "counts": batch["counts"], "seed": seed
    }  # fmt: skip
    return (
        draw_noise(batch["geometry"], kind=GEOMETRY, **words),
        draw_noise(batch["images"], kind=IMAGES, **words),
    )


def errors(batch: Batch, model: Told, **settings: Any) -> Any:
    denoising = Denoising(DenoisingConfig(**settings))
    return denoising.errors(model, batch, times=TIMES, drops=None, seed=0)


def test_who_tells_the_noise_has_no_error(batch: Batch) -> None:
    found = errors(batch, Told(*noise_of(batch)))
    assert float(found.loss) == 0


def test_the_error_is_the_mean_over_branches_then_objects(batch: Batch) -> None:
    """Nobody's noise is off by 1 in one branch: an object of n branches has an error of 1/n."""
    geometry, images = noise_of(batch)
    geometry[0] += 1
    images[3] += 2
    found = errors(batch, Told(geometry, images), geometry_weight=3.0)
    assert found.geometry.tolist() == pytest.approx([1 / 2, 0])
    assert found.images.tolist() == pytest.approx([0, 4 / 4])
    assert float(found.loss) == pytest.approx(3 * (1 / 2) / 2 + 1 / 2)


def test_the_network_sees_the_noisy_latents_of_equation_4_at_one_time(batch: Batch) -> None:
    model = Told(*noise_of(batch))
    denoising = Denoising(DenoisingConfig())
    denoising.errors(model, batch, times=TIMES, drops=None, seed=0)
    (inputs,) = model.inputs
    assert torch.equal(inputs.timesteps, TIMES)
    assert inputs.image_timesteps is None
    times_P = torch.tensor([100, 100, 700, 700, 700, 700])
    for name, schedule, noise in zip(
        ("geometry", "images"), (denoising.geometry, denoising.images), noise_of(batch), strict=True
    ):
        clean, seen = batch[name], getattr(inputs, name)
        for row, time in enumerate(times_P.tolist()):
            share = float(schedule.alpha_bars[time])
            expected = share**0.5 * clean[row] + (1 - share) ** 0.5 * noise[row]
            torch.testing.assert_close(seen[row], expected, atol=1e-6, rtol=1e-5)


def test_aligned_times_are_as_noisy(batch: Batch) -> None:
    model = Told(*noise_of(batch))
    denoising = Denoising(DenoisingConfig(align_by_snr=True))
    found = denoising.errors(model, batch, times=TIMES, drops=None, seed=0)
    times = model.inputs[0].image_timesteps
    assert times is not None and not torch.equal(times, TIMES)
    ours, theirs = denoising.geometry.alpha_bars[TIMES], denoising.images.alpha_bars[times]
    torch.testing.assert_close(ours, theirs, atol=2e-3, rtol=0)
    assert float(found.loss) == 0


def test_min_snr_weighs_each_object_by_its_time(batch: Batch) -> None:
    geometry, images = noise_of(batch)
    found = errors(batch, Told(geometry + 1, images), min_snr_gamma=5.0)
    weights = min_snr_weights(Denoising(DenoisingConfig()).geometry, TIMES, gamma=5.0)
    assert 0 < float(weights[0]) < 1
    assert float(found.loss) == pytest.approx(float(weights.mean()), rel=1e-5)
    assert found.geometry.tolist() == pytest.approx([1, 1])


def test_velocities_are_targets_where_the_schedule_says_so(batch: Batch) -> None:
    denoising = Denoising(DenoisingConfig(geometry_schedule=AUTOPARTGEN))
    geometry, images = noise_of(batch)
    times_P = torch.tensor([100, 100, 700, 700, 700, 700])
    velocity = denoising.geometry.velocity(batch["geometry"], geometry, times_P)
    found = denoising.errors(Told(velocity, images), batch, times=TIMES, drops=None, seed=0)
    assert float(found.loss) == 0


def test_branches_without_pictures_do_not_count(batch: Batch) -> None:
    geometry, images = noise_of(batch)
    images[2:4] += 1
    known = torch.tensor([True, True, False, True, True, True])
    found = errors({**batch, "image_known": known}, Told(geometry, images))
    assert found.images.tolist() == pytest.approx([0, 1 / 3])
    none = errors(
        {**batch, "image_known": torch.zeros(6, dtype=torch.bool)}, Told(geometry, images)
    )
    assert float(none.loss) == 0


def test_two_halves_have_the_mean_of_the_whole(batch: Batch) -> None:
    """Ranks that share a batch out do what one does, with any numbers of parts."""
    geometry, images = noise_of(batch)
    whole = errors(batch, Told(geometry * 2, images * 3))
    halves = []
    for place, parts, rows in ((1, 1, slice(0, 2)), (2, 3, slice(2, 6))):
        own = collate([made_object(parts, place=place)])
        denoising = Denoising(DenoisingConfig())
        model = Told(2 * geometry[rows], 3 * images[rows])
        times = TIMES[place - 1 : place]
        halves.append(denoising.errors(model, own, times=times, drops=None, seed=0).loss)
    assert float(whole.loss) == pytest.approx(float(torch.stack(halves).mean()), rel=1e-6)


def test_an_estimate_from_the_true_noise_is_the_clean_latent(batch: Batch) -> None:
    denoising = Denoising(DenoisingConfig())
    found = denoising.estimate(Told(*noise_of(batch)), batch, times=TIMES, seed=0)
    for name in ("geometry", "images"):
        torch.testing.assert_close(getattr(found.clean, name), batch[name], atol=1e-4, rtol=1e-4)
        assert not torch.allclose(getattr(found.noisy, name), batch[name])


@pytest.mark.parametrize(("settings", "message"), [
    ({"drop_text": 0.9, "drop_boxes": 0.2}, "add up to no more than 1"),
    ({"drop_text": -0.1}, "add up"),
    ({"min_snr_gamma": 0.0}, "min_snr_gamma is 0"),
    ({"image_schedule": "pixel"}, "image_schedule is 'pixel', expected one of craftsman"),
])  # fmt: skip
def test_impossible_settings_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        DenoisingConfig(**settings)


def test_schedules_of_different_lengths_share_no_time() -> None:
    short = dataclasses.replace(AUTOPARTGEN, times=500)
    with pytest.raises(UsageError, match="geometry has 500 times and pictures 1000"):
        Denoising(DenoisingConfig(geometry_schedule=short))
