from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from tests.train.flexicubes.solids import (
    Field,
    assert_closed,
    ball,
    components,
    euler,
    everywhere,
    torus,
    union,
)
from train.flexicubes.extraction import Extraction, extract
from train.flexicubes.grid import Grid
from train.flexicubes.parameters import unpack
from train.flexicubes.regularisers import sign_loss, weight_penalty
from train.flexicubes.sparse import Query, extract_sparse

BOUNDS = (-1.0, 1.0)


class Network(nn.Module):
    """A field, with all other channels random but smooth."""

    def __init__(self, field: Field, *, seed: int = 0) -> None:
        super().__init__()
        self.field = field
        generator = torch.Generator().manual_seed(seed)
        self.into = nn.Parameter(2 * torch.randn(3, 16, generator=generator, dtype=torch.float64))
        self.out = nn.Parameter(torch.randn(16, 25, generator=generator, dtype=torch.float64))
        self.asked = 0
        self.learning = 0

    def forward(self, points: Tensor) -> Tensor:
        self.asked += len(points)
        self.learning += len(points) * torch.is_grad_enabled()
        waves = 0.5 * (points @ self.into.to(points)).sin() @ self.out.to(points)
        signed = self.field(points) + 0.02 * waves[:, 0]
        return torch.cat([signed[:, None], waves[:, 1:]], dim=1)


def dense(query: Query, resolution: int | tuple[int, int, int], *, training: bool) -> Extraction:
    grid = Grid.regular(resolution, bounds=BOUNDS)
    raw = query(everywhere(grid))
    lowest = grid.lowest_corners(torch.arange(grid.cube_count))
    return extract(grid, unpack(raw).select(cubes=lowest), training=training)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("resolution", [32, (17, 30, 23)])
@pytest.mark.parametrize(
    "field",
    [
        ball(0.6),
        torus(0.55, 0.22),
        union(ball(0.3, center=(-0.5, 0, 0)), ball(0.25, center=(0.45, 0.1, 0))),
        ball(1.2),
    ],
)
def test_the_mesh_and_its_derivatives_are_those_of_the_whole_grid(
    field: Field, resolution: int | tuple[int, int, int], training: bool
) -> None:
    network = Network(field)
    whole = dense(network, resolution, training=training)
    mesh = extract_sparse(
        network,
        resolution=resolution,
        bounds=BOUNDS,
        coarse=8,
        training=training,
        chunk=1000,
        dtype=torch.float64,
    )
    assert len(mesh.faces) > 500
    assert torch.equal(mesh.faces, whole.faces)
    assert torch.allclose(mesh.vertices, whole.vertices, rtol=0, atol=1e-12)
    losses = [
        each.vertices.square().sum() + each.deviation + sign_loss(each) + weight_penalty(each)
        for each in (mesh, whole)
    ]
    assert torch.allclose(losses[0], losses[1], rtol=1e-12)
    leaves = list(network.parameters())
    gradients = [torch.autograd.grad(loss, leaves) for loss in losses]
    for sparse, expected in zip(*gradients, strict=True):
        assert torch.allclose(sparse, expected, rtol=1e-8, atol=1e-10)


def test_few_points_are_asked_and_fewer_with_gradients() -> None:
    network = Network(ball(0.6))
    mesh = extract_sparse(network, resolution=64, bounds=BOUNDS)
    everything = 65**3
    assert network.asked < 0.45 * everything
    assert network.learning < 0.07 * everything
    assert network.learning < 2.5 * len(mesh.vertices)


def test_a_whole_coarse_lattice_asks_each_point_once_and_then_the_surface() -> None:
    network = Network(ball(0.6))
    extract_sparse(network, resolution=16, bounds=BOUNDS, coarse=16)
    assert network.asked - network.learning == 15**3


def test_the_surface_is_followed_to_where_the_coarse_lattice_saw_nothing() -> None:
    spike = union(
        ball(0.3, center=(-0.6, 0, 0)),
        lambda points: torch.maximum(
            points[:, 1:].norm(dim=1) - 0.12, (points[:, 0] - 0.1).abs() - 0.75
        ),
    )
    centred = lambda points: spike(points - points.new_tensor([0.0, 0.13, 0.13]))  # noqa: E731
    network = Network(centred)
    whole = dense(network, 32, training=False)
    mesh = extract_sparse(
        network, resolution=32, bounds=BOUNDS, coarse=8, dilate=0, dtype=torch.float64
    )
    assert float(mesh.vertices[:, 0].detach().max()) > 0.75
    assert torch.equal(mesh.faces, whole.faces)


def test_a_piece_between_coarse_vertices_is_found_near_others_only() -> None:
    big, small = ball(0.3, center=(-0.5, 0, 0)), (0.12, 0.12, 0.12)
    far = union(big, ball(0.09, center=(0.625, 0.625, 0.625)))
    near = union(big, ball(0.09, center=small))

    def pieces(field: Field, *, coarse: int, dilate: int) -> int:
        mesh = extract_sparse(
            Network(field), resolution=32, bounds=BOUNDS, coarse=coarse, dilate=dilate
        )
        assert_closed(mesh.faces)
        return components(mesh.vertices, mesh.faces)

    assert pieces(far, coarse=8, dilate=1) == 1
    assert pieces(far, coarse=32, dilate=0) == 2
    assert pieces(near, coarse=8, dilate=0) == 1
    assert pieces(near, coarse=8, dilate=1) == 2


def test_signs_that_change_between_the_passes_leave_no_holes() -> None:
    generator = torch.Generator().manual_seed(0)

    def query(points: Tensor) -> Tensor:
        raw = points.new_zeros(len(points), 25)
        noise = torch.randn(len(points), generator=generator)
        raw[:, 0] = ball(0.6)(points) + 0.02 * noise * torch.is_grad_enabled()
        return raw

    mesh = extract_sparse(query, resolution=32, bounds=BOUNDS)
    assert_closed(mesh.faces)
    assert euler(mesh.vertices, mesh.faces) == 2


def test_a_surface_beyond_the_bounds_is_closed_at_them() -> None:
    mesh = extract_sparse(Network(ball(1.2)), resolution=16, bounds=BOUNDS)
    assert_closed(mesh.faces)
    opened = extract_sparse(Network(ball(1.2)), resolution=16, bounds=BOUNDS, close_border=False)
    with pytest.raises(AssertionError):
        assert_closed(opened.faces)


@pytest.mark.parametrize("value", [1.0, -1.0])
def test_without_a_surface_every_parameter_still_has_a_gradient(value: float) -> None:
    network = nn.Linear(3, 25)
    nn.init.zeros_(network.weight)
    nn.init.constant_(network.bias, value)
    mesh = extract_sparse(network, resolution=8, bounds=BOUNDS, training=True, close_border=False)
    assert mesh.is_empty
    (mesh.vertices.sum() + mesh.deviation + sign_loss(mesh) + weight_penalty(mesh)).backward()
    for parameter in network.parameters():
        assert parameter.grad is not None and not parameter.grad.any()


def test_the_widened_head_at_step_0_gives_dual_marching_cubes_of_its_field() -> None:
    """Negated occupancy logits in the first channel, zeros in the others."""
    pretrained = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 1))
    generator = torch.Generator().manual_seed(2)
    for parameter in pretrained.parameters():
        nn.init.normal_(parameter, generator=generator)
    logits = lambda points: pretrained(points)[:, 0]  # noqa: E731
    grid = Grid.regular(24, bounds=BOUNDS)

    def widened(points: Tensor) -> Tensor:
        return torch.cat([-logits(points)[:, None], points.new_zeros(len(points), 24)], dim=1)

    mesh = extract_sparse(widened, resolution=24, bounds=BOUNDS, coarse=24)
    raw = widened(everywhere(grid, dtype=torch.float32))
    whole = extract(grid, unpack(raw).select(cubes=grid.lowest_corners(torch.arange(24**3))))
    assert len(mesh.faces) > 100
    assert torch.equal(mesh.faces, whole.faces)
    assert torch.allclose(mesh.vertices, whole.vertices, atol=1e-5)


def test_the_query_runs_under_autocast_and_the_mesh_does_not() -> None:
    network = nn.Linear(3, 25)
    nn.init.zeros_(network.weight)
    nn.init.zeros_(network.bias)
    network.weight.data[0, 1] = 1.0
    seen = []

    def query(points: Tensor) -> Tensor:
        raw = network(points)
        seen.append(raw.dtype)
        return raw

    with torch.autocast("cpu", dtype=torch.bfloat16):
        mesh = extract_sparse(query, resolution=8, bounds=BOUNDS, close_border=False)
    assert set(seen) == {torch.bfloat16}
    assert mesh.vertices.dtype == torch.float32
    assert len(mesh.faces) == 2 * 7**2
    assert float(mesh.vertices[:, 1].detach().abs().max()) < 1e-6


@pytest.mark.parametrize("setting", [{"coarse": 0}, {"dilate": -1}, {"chunk": 0}])
def test_settings_out_of_range_are_refused(setting: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="expected at least"):
        extract_sparse(Network(ball(0.6)), resolution=8, bounds=BOUNDS, **setting)


def test_an_answer_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"with shape \(343, 1\), expected \(343, 25\)"):
        extract_sparse(lambda points: points[:, :1], resolution=8, bounds=BOUNDS)
