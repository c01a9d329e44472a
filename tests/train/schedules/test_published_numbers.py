"""Every number of the authors' schedules and samplers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from itertools import pairwise
from math import exp

import pytest
import torch
from torch import Tensor

from tests.shared_assets import requires_shared
from tests.train.schedules.published import Published, published, toy_network
from train.schedules.ddim import ddim_step, pairs_of_times
from train.schedules.discrete import NoiseSchedule, ScheduleConfig, rescaled_to_zero_snr
from train.schedules.flow import (
    clean_of_noise,
    craftsman_sigmas,
    flow_noisy,
    flow_split,
    flow_step,
    flow_velocity,
    logit_normal_rows,
    noise_of_clean,
    sampling_sigmas,
    shifted,
    training_sigmas,
)
from train.schedules.guidance import guided
from train.schedules.presets import CRAFTSMAN, CRAFTSMAN_DEFAULTS
from train.schedules.weights import min_snr_weights, signal_to_noise

pytestmark = requires_shared
DISCRETE = {"v15": CRAFTSMAN, "plain": CRAFTSMAN_DEFAULTS}


@pytest.mark.parametrize("kind", DISCRETE)
def test_tables(kind: str) -> None:
    fixture, schedule = published("craftsman"), NoiseSchedule(DISCRETE[kind])
    fixture.check(f"{kind}_betas", schedule.betas)
    fixture.check(f"{kind}_alphas_cumprod", schedule.alpha_bars)
    fixture.check(f"{kind}_final_alpha_cumprod", torch.tensor([schedule.final_alpha_bar]))
    fixture.check(f"{kind}_timesteps", torch.tensor(schedule.sampling_times(50)))


@pytest.mark.parametrize("kind", DISCRETE)
def test_ddim_steps(kind: str) -> None:
    fixture, schedule = published("craftsman"), NoiseSchedule(DISCRETE[kind])
    times = fixture[f"out_{kind}_step_t"].tolist()

    def taken(eta: float) -> list[tuple[Tensor, Tensor]]:
        steps = [
            ddim_step(
                schedule,
                fixture["in_x"],
                output=fixture["in_model_out"],
                time=time,
                previous=time - len(schedule) // 50,
                eta=eta,
                noise=fixture["in_noise"],
            )
            for time in times
        ]
        return [(step.sample, step.clean) for step in steps]

    fixture.check(f"{kind}_step_prev", torch.stack([sample for sample, _ in taken(0.0)]))
    fixture.check(f"{kind}_step_x0", torch.stack([clean for _, clean in taken(0.0)]))
    fixture.check(f"{kind}_step_prev_eta1", torch.stack([sample for sample, _ in taken(1.0)]))


@pytest.mark.parametrize("kind", DISCRETE)
def test_training_of_noise(kind: str) -> None:
    fixture, schedule = published("craftsman"), NoiseSchedule(DISCRETE[kind])
    clean, noise, time = (fixture[f"in_{name}"] for name in ("x0", "noise", "t_noise"))
    fixture.check(f"{kind}_add_noise", schedule.noisy(clean, noise, time=time))
    fixture.check(f"{kind}_velocity", schedule.velocity(clean, noise, time))
    fixture.check(f"{kind}_snr", signal_to_noise(schedule, time))
    fixture.check(f"{kind}_minsnr5_eps", min_snr_weights(schedule, time))
    of_velocity = NoiseSchedule(dataclasses.replace(DISCRETE[kind], prediction="velocity"))
    fixture.check(f"{kind}_minsnr5_v", min_snr_weights(of_velocity, time))


@pytest.mark.parametrize("kind", DISCRETE)
def test_guided_ddim(kind: str) -> None:
    fixture, schedule = published("craftsman"), NoiseSchedule(DISCRETE[kind])
    sample = fixture["out_traj_init_noise"]
    samples = []
    for time, previous in pairs_of_times(schedule.sampling_times(8)):
        output = _guided(fixture, sample, time, scale=fixture.config["cfg_scale"])
        sample = ddim_step(schedule, sample, output=output, time=time, previous=previous).sample
        samples.append(sample)
    fixture.check(f"{kind}_traj", torch.stack(samples))


def test_craftsmans_flow() -> None:
    fixture = published("craftsman")
    sigmas = training_sigmas(shift=3.0)
    rows = logit_normal_rows(fixture["in_u"])
    fixture.check("flow_train_sigmas", sigmas)
    fixture.check("flow_train_timesteps", 1000 * sigmas)
    fixture.check("flow_u_index", rows)
    fixture.check("flow_u_sigma", sigmas[rows])
    fixture.check("flow_u_timestep", 1000 * sigmas[rows])
    at = sigmas[rows[: len(fixture["in_x0"])]].float()
    noisy = flow_noisy(fixture["in_x0"], fixture["in_noise"], sigma=at)
    fixture.check("flow_noisy", noisy)
    fixture.check("flow_precond_x0", flow_split(noisy, fixture["in_model_out"], sigma=at)[0])
    grid = craftsman_sigmas(51)
    fixture.check("flow_infer_timesteps", 1000 * grid)
    fixture.check("flow_infer_sigmas", torch.cat([grid, torch.zeros(1).double()]))
    first = flow_step(
        fixture["in_x"], fixture["in_model_out"], sigma=float(grid[0]), following=float(grid[1])
    )
    fixture.check("flow_diffusers_step0", first)


def test_craftsmans_guided_flow() -> None:
    fixture = published("craftsman")
    found = _euler(
        fixture,
        fixture["out_traj_init_noise"],
        craftsman_sigmas(9).tolist(),
        velocity=lambda sample, sigma: _guided(
            fixture, sample, 1000 * sigma, scale=fixture.config["cfg_scale"]
        ),
    )
    fixture.check("flow_traj", found)


@pytest.mark.parametrize("shift", [1, 3])
def test_triposg(shift: int) -> None:
    fixture = published("triposg")
    trained = training_sigmas(shift=shift)
    fixture.check(f"s{shift}_train_sigmas", trained)
    fixture.check(f"s{shift}_train_timesteps", 1000 * trained)
    for steps in fixture.config["steps"]:
        sigmas = sampling_sigmas(steps, shift=shift)
        fixture.check(f"s{shift}_n{steps}_sigmas", sigmas)
        fixture.check(f"s{shift}_n{steps}_timesteps", 1000 * sigmas[:-1])
    sigmas = sampling_sigmas(fixture.config["steps"][0], shift=shift)
    first = flow_step(
        fixture["in_x"],
        -fixture["in_model_out"],
        sigma=float(sigmas[0]),
        following=float(sigmas[1]),
    )
    fixture.check(f"s{shift}_step_first", first)
    found = _euler(
        fixture,
        fixture["in_x"],
        sampling_sigmas(fixture.config["traj_steps"], shift=shift).tolist(),
        velocity=lambda sample, sigma: (
            -_guided(fixture, sample, 1000 * sigma, scale=fixture.config["cfg_scale"])
        ),
    )
    fixture.check(f"s{shift}_traj", found)


def test_triposgs_dynamic_shift_and_noise() -> None:
    fixture = published("triposg")
    sigmas = shifted(sampling_sigmas(50), exp(fixture.config["mu"]))
    fixture.check("dyn_sigmas", sigmas)
    fixture.check("dyn_timesteps", 1000 * sigmas[:-1])
    noisy = flow_noisy(fixture["in_x0"], fixture["in_noise"], sigma=fixture["in_t"] / 1000)
    fixture.check("scale_noise", noisy)


def test_trellis_times_and_steps() -> None:
    fixture = published("trellis")
    for steps in fixture.config["steps"]:
        for rescale in fixture.config["rescale_t"]:
            found = sampling_sigmas(steps, shift=rescale)
            fixture.check(f"t_seq_n{steps}_r{rescale:.0f}", found)
    now, then = fixture.config["t_pair"]
    smallest = fixture.config["sigma_min"]
    sample, velocity = fixture["in_x"], fixture["in_model_out"]
    fixture.check("euler_x_prev", flow_step(sample, velocity, sigma=now, following=then))
    clean, noise = flow_split(sample, velocity, sigma=now, sigma_min=smallest)
    fixture.check("euler_x0", clean)
    fixture.check("euler_eps", noise)
    # There, the outputs stand for noise and for a clean sample in turn.
    fixture.check("eps_to_x0", clean_of_noise(sample, velocity, sigma=now, sigma_min=smallest))
    fixture.check("x0_to_eps", noise_of_clean(sample, velocity, sigma=now, sigma_min=smallest))
    both = guided(velocity, fixture["in_model_out_2"], scale=1 + fixture.config["cfg_strength"])
    fixture.check("cfg_x_prev", flow_step(sample, both, sigma=now, following=then))


def test_trellis_training() -> None:
    fixture = published("trellis")
    clean, noise, time = (fixture[f"in_{name}"] for name in ("x0", "noise", "t"))
    smallest = fixture.config["sigma_min"]
    noisy = flow_noisy(clean, noise, sigma=time, sigma_min=smallest)
    fixture.check("diffuse_x_t", noisy)
    fixture.check("velocity_target", flow_velocity(clean, noise, sigma_min=smallest))
    fixture.check(
        "reverse_diffuse_x0",
        clean_of_noise(fixture["in_x"], noise, sigma=time, sigma_min=smallest),
    )


@pytest.mark.parametrize("kind", ["plain", "cfg", "interval"])
def test_trellis_trajectories(kind: str) -> None:
    fixture = published("trellis")
    low, high = fixture.config["cfg_interval"] if kind == "interval" else (0.0, 1.0)
    strength = 0.0 if kind == "plain" else fixture.config["cfg_strength"]

    def velocity(sample: Tensor, sigma: float) -> Tensor:
        scale = 1 + strength if low <= sigma <= high else 1.0
        return _guided(fixture, sample, 1000 * sigma, scale=scale)

    times = sampling_sigmas(fixture.config["traj_steps"], shift=fixture.config["rescale_t"][-1])
    cleans: list[Tensor] = []
    found = _euler(fixture, fixture["in_x"], times.tolist(), velocity=velocity, cleans=cleans)
    fixture.check(f"traj_{kind}", found)
    if kind == "interval":
        fixture.check("traj_interval_x0", torch.stack(cleans))


@pytest.mark.parametrize("kind", ["scaled_linear", "linear"])
def test_zero_terminal_snr(kind: str) -> None:
    fixture = published("ztsnr")
    own = {
        key: value
        for key, value in fixture.config["sched"][kind].items()
        if key in ("beta_start", "beta_end")
    }
    before = NoiseSchedule(ScheduleConfig(betas=kind, **own))
    schedule = NoiseSchedule(
        ScheduleConfig(
            betas=kind,
            zero_terminal_snr=True,
            prediction="velocity",
            spacing="trailing",
            **own,
        )
    )
    fixture.check(f"{kind}_betas_in", before.betas)
    fixture.check(f"{kind}_betas_out", schedule.betas)
    fixture.check(f"{kind}_betas_out_f64", rescaled_to_zero_snr(before.betas))
    fixture.check(f"{kind}_alphas_cumprod_out", schedule.alpha_bars)
    fixture.check(f"{kind}_alphas_cumprod_out_f64", schedule.alpha_bars)
    fixture.check(f"{kind}_snr_out", signal_to_noise(schedule, torch.arange(1000)))
    times = schedule.sampling_times(20)
    fixture.check(f"{kind}_timesteps", torch.tensor(times))
    steps = [
        ddim_step(
            schedule,
            fixture["in_x"],
            output=fixture["in_model_out"],
            time=times[row],
            previous=times[row] - 50,
        )
        for row in (0, 10, 19)
    ]
    fixture.check(f"{kind}_step_prev", torch.stack([step.sample for step in steps]))
    fixture.check(f"{kind}_step_x0", torch.stack([step.clean for step in steps]))


def test_every_published_number_is_checked() -> None:
    """Names of the outputs, put together as the tests above ask for them."""
    counts = {"craftsman": 40, "trellis": 17, "triposg": 19, "ztsnr": 18}
    for name, count in counts.items():
        fixture = published(name)
        outputs = [key for key in fixture.arrays if key.startswith("out_")]
        assert len(outputs) == len(fixture.tolerances) == count, name


def _guided(fixture: Published, sample: Tensor, time: float, *, scale: float) -> Tensor:
    conditional = toy_network(sample, time, fixture["in_cond"])
    return guided(conditional, toy_network(sample, time, fixture["in_uncond"]), scale=scale)


def _euler(
    fixture: Published,
    sample: Tensor,
    sigmas: list[float],
    *,
    velocity: Callable[[Tensor, float], Tensor],
    cleans: list[Tensor] | None = None,
) -> Tensor:
    smallest = fixture.config.get("sigma_min", 0.0)
    samples = []
    for sigma, following in pairwise(sigmas):
        told = velocity(sample, sigma)
        if cleans is not None:
            cleans.append(flow_split(sample, told, sigma=sigma, sigma_min=smallest)[0])
        sample = flow_step(sample, told, sigma=sigma, following=following)
        samples.append(sample)
    return torch.stack(samples)
