from __future__ import annotations

import dataclasses
from typing import Any

import lightning
import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from tests.train.models.part_vae.made import SMALL, batch_of, rows_of
from train.models.part_vae.module import PartVAEModule
from train.models.part_vae.objective import RENDERED, ObjectiveConfig, RenderConfig, Weight
from train.optimisation import AdamWConfig
from train.samples import Batch

RENDER = RenderConfig(resolution=8, coarse=8, size=16, renderer="torch")
OBJECTIVE = ObjectiveConfig(truncation=0.1, gradient_points=8, render=RENDER)
EVERYTHING = dataclasses.replace(
    OBJECTIVE,
    **{name: Weight(value=0.1) for name in (*RENDERED, "surface_normal", "eikonal")},
)


def module(
    objective: ObjectiveConfig = OBJECTIVE, *, seed: int = 0, **network: Any
) -> PartVAEModule:
    torch.manual_seed(0)
    return PartVAEModule(
        network=dataclasses.replace(SMALL, **network),
        objective=objective,
        optimizer=AdamWConfig(lr=1e-2, warmup_steps=0, schedule_steps=20),
        seed=seed,
    )


def gradients(of: PartVAEModule, batch: Batch, *, step: int = 3) -> dict[str, torch.Tensor]:
    of.zero_grad()
    _loss(of, batch, step=step).backward()
    found = {name: each.grad for name, each in of.named_parameters()}
    assert all(each is not None for each in found.values()), found
    return {name: each.clone() for name, each in found.items() if each is not None}


class _Trainer:
    """What a step asks of the trainer."""

    def __init__(self, step: int) -> None:
        self.global_step = step


def _loss(of: PartVAEModule, batch: Batch, *, step: int) -> torch.Tensor:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PartVAEModule, "trainer", _Trainer(step))
        patch.setattr(of, "log", lambda *_, **__: None)
        return of.training_step(batch, 0)


def test_every_weight_takes_part_in_every_step() -> None:
    """Distributed training stops otherwise: also before the rendered terms begin."""
    late = dataclasses.replace(EVERYTHING, depth=Weight(value=1.0, begins=10))
    for objective, step in ((EVERYTHING, 0), (late, 3), (OBJECTIVE, 3)):
        batch = batch_of(0.5, 0.7, unknown=(1,))
        found = gradients(module(objective, output="flexicubes"), batch, step=step)
        assert all(each.isfinite().all() for each in found.values())


@pytest.mark.parametrize("objective", [OBJECTIVE, EVERYTHING], ids=["field", "everything"])
def test_two_halves_are_one_whole(objective: ObjectiveConfig) -> None:
    """Gradients of two processes, averaged, are those of one with the doubled batch."""
    # Its first surface is that of a trained field, not of noise.
    own = module(objective, output="flexicubes", initial_logvar=-2.0)
    with torch.no_grad():
        own.model.field.signed.bias.zero_()
    batch = batch_of(0.4, 0.5, 0.7, 0.9, unknown=(0, 1))
    whole = gradients(own, batch)
    halves = [gradients(own, rows_of(batch, rows)) for rows in (slice(0, 2), slice(2, 4))]
    for name, expected in whole.items():
        mean = (halves[0][name] + halves[1][name]) / 2
        torch.testing.assert_close(mean, expected, atol=2e-5, rtol=1e-3, msg=name)


def test_noise_hangs_on_the_seed_and_the_place() -> None:
    batch = batch_of(0.5)
    moved = dict(batch, place=batch["place"] + 1)
    losses = [
        float(_loss(module(seed=seed, initial_logvar=0.0), each, step=0).detach())
        for seed, each in ((0, batch), (0, batch), (1, batch), (0, moved))
    ]
    assert losses[0] == losses[1]
    assert len(set(losses)) == 3


@pytest.mark.parametrize("output", ["sdf", "flexicubes", "occupancy"])
def test_a_network_of_balls_is_reconstructed(output: str) -> None:
    """The field is replaced by one that is known; the mesh is that of the ball."""
    kind = (
        {"objective": ObjectiveConfig(kind="bce", render=RENDER)} if output == "occupancy" else {}
    )
    inside = "positive" if output == "occupancy" else "negative"
    own = module(**kind, output=output, inside=inside)
    sign = -1 if output == "occupancy" else 1

    def query(tokens: torch.Tensor, points: torch.Tensor, **_: Any) -> torch.Tensor:
        distance = points.norm(dim=-1, keepdim=True) - tokens[:, :1, :1]
        rest = torch.zeros(*points.shape[:-1], 24)
        return torch.cat([distance, rest], -1) if output == "flexicubes" else sign * distance

    own.model.decode = lambda latent: latent  # type: ignore[method-assign,assignment]
    own.model.query = query  # type: ignore[method-assign,assignment]
    latent = torch.tensor([0.6, -1.0]).reshape(2, 1, 1)
    ball, nothing = own.reconstruct(latent, resolution=32)
    assert nothing.is_empty
    radii = np.linalg.norm(ball.vertices, axis=1)
    assert np.abs(radii - 0.6).max() < 0.005
    volume = float(np.einsum("fi,fi->", ball.corners[:, 0], ball.crossed)) / 6
    assert volume == pytest.approx(4 / 3 * np.pi * 0.6**3, rel=0.02)
    (coarse,) = own.reconstruct(latent[:1])
    assert 0 < len(coarse.faces) < len(ball.faces) / 4


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore:.*does not have many workers")
def test_fit_and_validate_log_every_term() -> None:
    own = module(EVERYTHING, output="flexicubes")
    trainer = lightning.Trainer(
        max_steps=2, logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False, accelerator="cpu", log_every_n_steps=1,
    )  # fmt: skip
    batches: Any = DataLoader([batch_of(0.5, 0.7, unknown=(1,))], batch_size=None)  # type: ignore[arg-type]
    trainer.fit(own, batches, batches)
    found = trainer.logged_metrics
    terms = {"loss", "field", "kl", "empty", *RENDERED}
    trained = {*terms, "surface_normal", "eikonal", "untrusted", "stand_in"}
    assert {f"train/{name}" for name in trained} <= set(found)
    assert {f"val/{name}" for name in (*terms, "volume_iou")} <= set(found)
    assert all(value.isfinite() for value in found.values())
    assert found["train/untrusted"] == 0.5
