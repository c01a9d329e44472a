from __future__ import annotations

import torch

from train.models.part_vae.noise import chosen_tokens, noise_like


def test_noise_hangs_on_seed_and_place_alone() -> None:
    latent = torch.zeros(4, 5, 3)
    whole = noise_like(latent, [8, 9, 10, 11], seed=3)
    halves = [noise_like(latent[:2], places, seed=3) for places in ([8, 9], [10, 11])]
    assert torch.equal(whole, torch.cat(halves))
    assert len({row.numpy().tobytes() for row in whole}) == 4
    assert not torch.equal(whole, noise_like(latent, [8, 9, 10, 11], seed=4))


def test_noise_is_normal() -> None:
    noise = noise_like(torch.zeros(50, 40, 10), range(50), seed=0)
    assert abs(float(noise.mean())) < 0.02
    assert abs(float(noise.var()) - 1) < 0.03


def test_the_number_of_tokens_hangs_on_the_step_and_takes_turns() -> None:
    assert chosen_tokens((), seed=0, step=0) is None
    chosen = [chosen_tokens((512, 2048), seed=0, step=step) for step in range(200)]
    assert chosen == [chosen_tokens((512, 2048), seed=0, step=step) for step in range(200)]
    assert 70 < chosen.count(512) < 130
    assert set(chosen) == {512, 2048}
