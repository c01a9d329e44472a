from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch
from torch import Tensor

from partworks.errors import UsageError
from tests.train.models.part_vae.made import SMALL, batch_of, rows_of
from train.frames import BOUND
from train.models.part_vae.objective import RENDERED, RenderConfig
from train.models.part_vae.render_terms import cell_sizes, grid_bounds, render_terms
from train.rendering.portable import TorchRenderer

CONFIG = RenderConfig(resolution=24, coarse=12, views=2, size=48)


class Balls:
    """A network whose FlexiCubes parameters are those of balls, one for each token."""

    config = dataclasses.replace(SMALL, output="flexicubes")

    def query(self, tokens_BTC: Tensor, points_BQ3: Tensor, **_: Any) -> Tensor:
        signed = points_BQ3.norm(dim=-1) - tokens_BTC[:, :, 0]
        rest = signed.new_zeros(*signed.shape, 24) + 0 * tokens_BTC[:, :, :1]
        return torch.cat([signed[..., None], rest], dim=-1)


def terms_of(
    radii: Tensor, batch: dict[str, Any], *, config: RenderConfig = CONFIG
) -> dict[str, Tensor]:
    return render_terms(
        Balls(),  # type: ignore[arg-type]
        radii[:, None, None],
        batch,
        config=config,
        renderer=TorchRenderer(),
        cell_size_B=None,
        wanted=RENDERED,
        seed=0,
    )


def test_the_true_surface_looks_true() -> None:
    terms = terms_of(torch.tensor([0.6, 0.8]), batch_of(0.6, 0.8))
    assert terms["empty"] == 0
    assert terms["depth"] < 0.02
    assert terms["mask"] < 0.015
    # Faces of two meshes of one ball differ by about the angle of their sizes.
    assert terms["normal"] < 0.1
    assert terms["weights"] == 0


def test_too_large_a_ball_is_seen_and_shrinks() -> None:
    radius = torch.tensor([0.8], requires_grad=True)
    terms = terms_of(radius, batch_of(0.6))
    # Depth is told in radii of the item, and the nearest point is a third of one too near.
    assert 0.2 < float(terms["depth"].detach()) < 0.5
    assert terms["mask"] > 0.1
    for name in ("depth", "mask"):
        (slope,) = torch.autograd.grad(terms[name], radius, retain_graph=True)
        assert float(slope) > 0, name


def test_an_item_without_surface_is_skipped_and_counted() -> None:
    radii = torch.tensor([0.6, -1.0], requires_grad=True)
    terms = terms_of(radii, batch_of(0.6, 0.6))
    assert terms["empty"] == 0.5
    alone = terms_of(torch.tensor([0.6]), batch_of(0.6))
    for name in RENDERED:
        assert float(terms[name].detach()) == pytest.approx(float(alone[name]) / 2, rel=1e-6), name
    total = sum(terms[name] for name in RENDERED)
    assert isinstance(total, Tensor)
    total.backward()
    assert radii.grad is not None and radii.grad.isfinite().all()
    assert radii.grad[1] == 0


def test_halves_of_a_batch_make_the_whole() -> None:
    """Views hang on an item's place, not on who has it."""
    batch, radii = batch_of(0.5, 0.6, 0.7, 0.8), torch.tensor([0.5, 0.7, -1.0, 0.75])
    whole = terms_of(radii, batch)
    halves = [terms_of(radii[rows], rows_of(batch, rows)) for rows in (slice(0, 2), slice(2, 4))]
    for name in (*RENDERED, "empty"):
        mean = (halves[0][name] + halves[1][name]) / 2
        assert float(mean) == pytest.approx(float(whole[name]), rel=1e-5), name


def test_true_meshes_are_needed_to_compare_with() -> None:
    batch = batch_of(0.6)
    del batch["mesh"]
    with pytest.raises(UsageError, match=r"set --data\.meshes true"):
        terms_of(torch.tensor([0.6]), batch)


def test_a_grid_may_fit_the_item() -> None:
    batch = batch_of(0.2)
    batch["surface"][..., :3] += torch.tensor([0.5, 0.0, 0.0])
    assert grid_bounds(batch, 0, config=CONFIG) == (-BOUND, BOUND)
    fitted = dataclasses.replace(CONFIG, fit=True)
    low, high = grid_bounds(batch, 0, config=fitted)
    margin = 0.05 * 0.4
    points = batch["surface"][0, :, :3]
    torch.testing.assert_close(torch.tensor(low), points.amin(dim=0) - margin, atol=3e-3, rtol=0)
    torch.testing.assert_close(torch.tensor(high), points.amax(dim=0) + margin, atol=3e-3, rtol=0)
    assert float(cell_sizes(batch, config=CONFIG)) == pytest.approx(2 * BOUND / 24)
    assert float(cell_sizes(batch, config=fitted)) < 0.45 / 24
