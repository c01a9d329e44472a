from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch
from torch import Tensor

from partworks.errors import UsageError
from tests.train.models.part_vae.made import QUERIES, SMALL, batch_of, rows_of
from train.models.part_vae.field_terms import compare, signed_field, slope_terms, volume_iou
from train.models.part_vae.objective import ObjectiveConfig
from train.queries import QueryConfig

OBJECTIVE = ObjectiveConfig(truncation=0.1, gradient_points=15)


class Balls:
    """A network whose field is the distance to balls, by row, times a factor."""

    config = SMALL

    def __init__(self, *radii: float, factor: float = 1.0) -> None:
        self.radii = torch.tensor(radii)
        self.factor = factor

    def query(self, tokens_BTC: Tensor, points_BQ3: Tensor, **_: Any) -> Tensor:
        distance = points_BQ3.norm(dim=-1) - self.radii[:, None]
        return self.factor * distance[..., None]


def test_the_sign_is_turned_where_inside_is_positive() -> None:
    raw = torch.tensor([[1.0, 5.0], [-2.0, 5.0]])
    assert signed_field(raw, SMALL).tolist() == [1, -2]
    positive = dataclasses.replace(SMALL, inside="positive")
    assert signed_field(raw, positive).tolist() == [-1, 2]


def test_the_true_field_costs_nothing_and_a_wrong_one_what_it_is_off() -> None:
    batch = batch_of(0.5, 0.8)
    true = (batch["distance"] / 0.1).clamp(-1, 1)
    assert compare(true, batch, objective=OBJECTIVE) == 0
    off = compare(true + 0.5, batch, objective=OBJECTIVE)
    assert float(off) == pytest.approx(0.5 + 0.25, rel=1e-5)


def test_occupancy_is_asked_for_its_sign_and_for_nothing_on_the_surface() -> None:
    batch = batch_of(0.6, queries=QueryConfig(surface=8, count=40, surface_share=0))
    objective = ObjectiveConfig(kind="bce")
    sure = 100 * batch["distance"].sign()
    assert float(compare(sure, batch, objective=objective)) == pytest.approx(0, abs=1e-6)
    assert float(compare(-sure, batch, objective=objective)) == pytest.approx(100, rel=1e-5)
    surface = batch_of(0.6, queries=QueryConfig(surface=8, count=40, near_share=0, volume_share=0))
    logits = torch.zeros(1, 40, requires_grad=True)
    compare(logits, surface, objective=objective).backward()
    assert logits.grad is not None and not logits.grad.any()


def test_halves_of_a_batch_make_the_whole_however_signs_are_spread() -> None:
    """What two processes have on average is what one has, though one knows fewer signs."""
    batch = batch_of(0.3, 0.5, 0.7, 0.9, unknown=(0, 1, 3))
    signed = torch.randn(4, QUERIES.count, generator=torch.Generator().manual_seed(0))
    whole = compare(signed, batch, objective=OBJECTIVE)
    halves = [
        compare(signed[rows], rows_of(batch, rows), objective=OBJECTIVE)
        for rows in (slice(0, 2), slice(2, 4))
    ]
    assert halves[0] == 0
    assert float(sum(halves) / 2) == pytest.approx(float(whole), rel=1e-6)


def test_with_no_sign_at_all_there_is_a_gradient_of_zero() -> None:
    signed = torch.ones(1, QUERIES.count, requires_grad=True)
    compare(signed, batch_of(0.5, unknown=(0,)), objective=OBJECTIVE).backward()
    assert signed.grad is not None and not signed.grad.any()


def test_a_truncation_that_the_shards_do_not_have_is_refused() -> None:
    batch = batch_of(0.5)
    with pytest.raises(
        UsageError, match=r"truncation is 0\.2, but distances of ball0 .* 0\.1 only"
    ):
        compare(batch["distance"], batch, objective=ObjectiveConfig(truncation=0.2))


@pytest.mark.parametrize("gradient", ["autograd", "differences"])
def test_slopes_of_the_true_distance_cost_nothing(gradient: str) -> None:
    batch = batch_of(0.5, 0.7)
    objective = dataclasses.replace(OBJECTIVE, gradient=gradient)
    wanted = ("surface_normal", "eikonal")
    # In units of the truncation a true distance has ten times the slope.
    for factor, eikonal in ((10.0, 0.0), (20.0, 1.0)):
        terms = slope_terms(
            Balls(0.5, 0.7, factor=factor),  # type: ignore[arg-type]
            torch.zeros(2, 1, 1),
            batch,
            objective=objective,
            cell_size_B=None,
            wanted=wanted,
        )
        assert float(terms["surface_normal"].detach()) == pytest.approx(0, abs=1e-5)
        assert float(terms["eikonal"].detach()) == pytest.approx(eikonal, abs=1e-3)


def test_a_field_inside_out_has_the_worst_normals() -> None:
    terms = slope_terms(
        Balls(0.5, 0.7, factor=-10.0),  # type: ignore[arg-type]
        torch.zeros(2, 1, 1),
        batch_of(0.5, 0.7, unknown=(1,)),
        objective=OBJECTIVE,
        cell_size_B=None,
        wanted=("surface_normal",),
    )
    # 2 of the one whose sign is known, 0 of the other.
    assert float(terms["surface_normal"].detach()) == pytest.approx(1, abs=1e-5)
    assert set(terms) == {"surface_normal"}


def test_overlap_is_that_of_balls() -> None:
    """Concentric balls overlap by the cube of the ratio of their radii."""
    queries = QueryConfig(surface=8, count=300, surface_share=0, near_share=0)
    batch = batch_of(0.8, 0.9, queries=queries)
    points = batch["queries"].norm(dim=-1)
    found = volume_iou(points - torch.tensor([[0.8], [0.7]]), batch)
    assert float(found[0]) == 1
    assert float(found[1]) == pytest.approx((0.7 / 0.9) ** 3, abs=0.12)
    nothing = dict(batch, distance=torch.ones_like(batch["distance"]))
    assert volume_iou(torch.ones_like(points), nothing).tolist() == [1, 1]
