from __future__ import annotations

import math

import pytest
import torch

from tests.train.flexicubes.solids import ball, sample
from train.flexicubes.extraction import Extraction, extract
from train.flexicubes.grid import Grid
from train.flexicubes.parameters import FlexiParameters
from train.flexicubes.regularisers import sign_loss, weight_penalty

GRID = Grid.regular(12, bounds=(-1.0, 1.0))


def test_a_symmetric_ball_has_no_deviation_and_a_shifted_vertex_has() -> None:
    plane = torch.arange(GRID.vertex_count) // 13**2 - 5.5
    flat = extract(GRID, FlexiParameters(plane.double()), close_border=False)
    assert float(flat.deviation) == pytest.approx(0, abs=1e-12)
    beta = torch.ones(GRID.cube_count, 12, dtype=torch.float64)
    beta[:, 0] = 1.9
    tilted = extract(GRID, FlexiParameters(plane.double(), beta=beta), close_border=False)
    assert float(tilted.deviation) > 1e-3


def test_deviation_is_the_mean_difference_from_the_mean_distance() -> None:
    signed = torch.ones(8, dtype=torch.float64)
    signed[0] = -1
    grid = Grid.regular(1, bounds=(0.0, 1.0))
    beta = torch.ones(1, 12, dtype=torch.float64)
    beta[0, 0] = 4
    mesh = extract(grid, FlexiParameters(signed, beta=beta), close_border=False)
    # Crossings at 0.5 on each axis, of weights 4, 1 and 1.
    near = math.dist((1 / 3, 1 / 12, 1 / 12), (1 / 2, 0, 0))
    far = math.dist((1 / 3, 1 / 12, 1 / 12), (0, 1 / 2, 0))
    mean = (near + 2 * far) / 3
    expected = sorted([mean - near, far - mean, far - mean])
    assert sorted(mesh.deviations.tolist()) == pytest.approx(expected)
    assert float(mesh.deviation) == pytest.approx(sum(expected) / 3)


def test_sign_loss_is_the_entropy_of_each_end_against_the_other() -> None:
    crossed = torch.tensor([[-1.0, 2.0], [0.5, -3.0]], requires_grad=True)
    mesh = Extraction(torch.zeros(0, 3), torch.zeros(0, 3).long(), torch.zeros(0), crossed)

    def entropy(value: float, other: float) -> float:
        return math.log1p(math.exp(-value if other > 0 else value))

    expected = (entropy(-1, 2) + entropy(0.5, -3) + entropy(2, -1) + entropy(-3, 0.5)) / 2
    loss = sign_loss(mesh)
    assert float(loss.detach()) == pytest.approx(expected)
    loss.backward()
    assert crossed.grad is not None
    # A step against the gradient brings each end towards the other's sign.
    assert torch.equal(crossed.grad.sign(), crossed.detach().sign())


def test_descent_on_sign_loss_removes_a_speck() -> None:
    """Six neighbours pull at the one vertex inside, which alone pulls at each of them."""
    signed = torch.ones(GRID.vertex_count)
    signed[GRID.vertex_numbers(torch.tensor([6, 6, 6]))] = -1
    for _ in range(100):
        signed.requires_grad_()
        mesh = extract(GRID, FlexiParameters(signed))
        if mesh.is_empty:
            break
        (gradient,) = torch.autograd.grad(sign_loss(mesh), signed)
        signed = signed.detach() - 0.1 * gradient
    assert (signed > 0).all()


def test_weight_penalty_counts_surface_cubes_only() -> None:
    signed = sample(ball(0.5), GRID)
    logits = torch.full((GRID.cube_count, 20), 9.0)
    first = extract(GRID, FlexiParameters(signed, weight_logits=logits))
    assert first.weight_logits is not None
    assert len(first.weight_logits) < GRID.cube_count / 4
    assert float(weight_penalty(first)) == 9
    middle = GRID.cube_numbers(torch.tensor([6, 6, 6]))
    logits[middle] = 1e6
    assert float(weight_penalty(extract(GRID, FlexiParameters(signed, weight_logits=logits)))) == 9


def test_weight_penalty_without_logits_says_where_they_come_from() -> None:
    with pytest.raises(ValueError, match="unpack"):
        weight_penalty(extract(GRID, FlexiParameters(sample(ball(0.5), GRID))))
