from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import Tensor

from tests.train.flexicubes.solids import (
    Field,
    assert_closed,
    ball,
    box,
    canonical,
    components,
    directed_edges,
    euler,
    everywhere,
    random_signs,
    sample,
    torus,
    union,
    volume,
)
from train.flexicubes.extraction import Extraction, decided, extract, signed_as
from train.flexicubes.grid import Grid
from train.flexicubes.parameters import FlexiParameters, unpack
from train.flexicubes.regularisers import sign_loss, weight_penalty

GENUS_2 = union(torus(0.3, 0.12, center=(-0.3, 0, 0)), torus(0.3, 0.12, center=(0.3, 0, 0)))


def cube_grid(resolution: int) -> Grid:
    return Grid.regular(resolution, bounds=(-1.0, 1.0))


def mesh_of(field: Field, resolution: int, *, training: bool = False) -> Extraction:
    grid = cube_grid(resolution)
    return extract(grid, FlexiParameters(sample(field, grid)), training=training)


def random_parameters(grid: Grid, signed: Tensor, *, generator: torch.Generator) -> FlexiParameters:
    def uniform(*shape: int, low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(shape, generator=generator, dtype=signed.dtype)

    return FlexiParameters(
        signed=signed,
        offset=uniform(grid.vertex_count, 3, low=-0.4, high=0.4),
        alpha=uniform(grid.cube_count, 8, low=0.2, high=1.8),
        beta=uniform(grid.cube_count, 12, low=0.2, high=1.8),
        gamma=uniform(grid.cube_count, low=0.1, high=0.9),
    )


# Resolution, vertices, mean and greatest distance, volume ratio: measured with the authors' code.
BALLS = [
    (16, 416, 6.1e-3, 8.2e-3, 0.951),
    (32, 1760, 1.5e-3, 2.3e-3, 0.988),
    (64, 6920, 3.7e-4, 5.8e-4, 0.997),
    (128, 27824, 9.2e-5, 1.4e-4, 0.999),
]


@pytest.mark.parametrize(("resolution", "vertices", "mean", "most", "ratio"), BALLS)
def test_a_ball_is_as_exact_as_it_should_be(
    resolution: int, vertices: int, mean: float, most: float, ratio: float
) -> None:
    mesh = mesh_of(ball(0.6), resolution)
    error = ball(0.6)(mesh.vertices).abs()
    assert len(mesh.vertices) == vertices
    assert len(mesh.faces) == 2 * (vertices - 2)
    assert float(error.mean()) == pytest.approx(mean, rel=0.05)
    assert float(error.max()) == pytest.approx(most, rel=0.05)
    whole = 4 / 3 * torch.pi * 0.6**3
    assert volume(mesh.vertices, mesh.faces) / whole == pytest.approx(ratio, abs=6e-4)
    assert_closed(mesh.faces)
    assert euler(mesh.vertices, mesh.faces) == 2


TORI = [
    (16, 800, 8.8e-3),
    (32, 3520, 2.0e-3),
    (64, 14608, 4.9e-4),
    (128, 57616, 1.2e-4),
]


@pytest.mark.parametrize(("resolution", "faces", "mean"), TORI)
def test_a_torus_is_as_exact_as_it_should_be(resolution: int, faces: int, mean: float) -> None:
    mesh = mesh_of(torus(0.55, 0.22), resolution)
    assert len(mesh.faces) == faces
    assert float(torus(0.55, 0.22)(mesh.vertices).abs().mean()) == pytest.approx(mean, rel=0.05)
    assert_closed(mesh.faces)
    assert euler(mesh.vertices, mesh.faces) == 0


@pytest.mark.parametrize("field", [ball(0.6), torus(0.55, 0.22)])
def test_halving_the_cells_quarters_the_error(field: Field) -> None:
    errors = [field(mesh_of(field, r).vertices).abs().mean() for r in (16, 32, 64)]
    ratios = [float(coarse / fine) for coarse, fine in pairwise(errors)]
    assert all(3.6 < ratio < 4.6 for ratio in ratios)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(
    ("field", "pieces", "characteristic"),
    [
        (union(ball(0.3, center=(-0.5, 0, 0)), ball(0.25, center=(0.45, 0.1, 0))), 2, 4),
        (GENUS_2, 1, -2),
    ],
)
def test_topology_is_kept(field: Field, pieces: int, characteristic: int, training: bool) -> None:
    mesh = mesh_of(field, 32, training=training)
    assert_closed(mesh.faces)
    assert euler(mesh.vertices, mesh.faces) == characteristic
    assert components(mesh.vertices, mesh.faces) == pieces
    assert volume(mesh.vertices, mesh.faces) > 0


@pytest.mark.parametrize("shape", [(9, 9, 9), (6, 11, 8)])
@pytest.mark.parametrize("training", [False, True])
def test_random_fields_give_closed_manifolds(shape: tuple[int, int, int], training: bool) -> None:
    generator = torch.Generator().manual_seed(7)
    grid = Grid.regular(shape, bounds=(-1.0, 1.0))
    resolved = 0
    for _ in range(20):
        signed = random_signs(shape, generator=generator)
        parameters = random_parameters(grid, signed, generator=generator)
        mesh = extract(grid, parameters, training=training)
        assert_closed(mesh.faces)
        assert torch.isfinite(mesh.vertices).all()
        resolved += len(mesh.faces)
    assert resolved > 20 * 500


def quads_around_edges(mesh: Extraction) -> Tensor:
    """How many quads meet at each of their sides, from a mesh that has been split at centres."""
    sides = mesh.faces[:, :2].sort(dim=1).values
    return torch.unique(sides, dim=0, return_counts=True)[1]


def test_clashing_cubes_would_make_an_edge_of_four_quads(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = torch.Generator().manual_seed(7)
    grid = cube_grid(12)
    fields = [random_signs((12, 12, 12), generator=generator) for _ in range(8)]
    parameters = [FlexiParameters(field) for field in fields]
    for each in parameters:
        assert (quads_around_edges(extract(grid, each, training=True)) == 2).all()

    monkeypatch.setattr("train.flexicubes.cubes.resolve", lambda patterns, **_: patterns)
    counts = torch.cat(
        [quads_around_edges(extract(grid, each, training=True)) for each in parameters]
    )
    assert (counts == 4).any()


def test_normals_point_out_of_what_is_inside() -> None:
    for field, sign in ((ball(0.6), 1), (lambda points: -ball(0.6)(points), -1)):
        grid = cube_grid(16)
        mesh = extract(grid, FlexiParameters(sample(field, grid)), close_border=False)
        a, b, c = mesh.vertices[mesh.faces].unbind(dim=1)
        normals = torch.linalg.cross(b - a, c - a)
        assert (sign * (normals * a).sum(dim=1) > 0).all()


def test_training_halves_meet_at_centres_that_lie_on_both_diagonals_for_a_plane() -> None:
    grid = cube_grid(8)
    signed = everywhere(grid)[:, 1] - 0.1
    fine = extract(grid, FlexiParameters(signed), close_border=False)
    mesh = extract(grid, FlexiParameters(signed), close_border=False, training=True)
    quads = len(fine.faces) // 2
    assert len(mesh.vertices) == len(fine.vertices) + quads
    assert len(mesh.faces) == 4 * quads
    assert torch.allclose(mesh.vertices[:, 1], torch.tensor(0.1).double())
    a, b, c = mesh.vertices[mesh.faces].unbind(dim=1)
    areas = torch.linalg.cross(b - a, c - a)[:, 1] / 2
    assert torch.allclose(areas, torch.tensor(0.25**2 / 4).double())


def test_gamma_chooses_the_diagonal_and_moves_the_centre() -> None:
    grid = cube_grid(8)
    generator = torch.Generator().manual_seed(1)
    signed = sample(torus(0.5, 0.25), grid)
    gamma = torch.rand(grid.cube_count, generator=generator, dtype=torch.float64) + 0.01
    light = extract(grid, FlexiParameters(signed, gamma=gamma))
    heavy = extract(grid, FlexiParameters(signed, gamma=1 / gamma))
    quads = light.faces.reshape(-1, 6).sort(dim=1).values
    assert torch.equal(quads.unique(), heavy.faces.unique())
    assert (
        len(
            set(map(tuple, canonical(light.faces).tolist()))
            & set(map(tuple, canonical(heavy.faces).tolist()))
        )
        == 0
    )
    dual = len(light.vertices)
    first = extract(grid, FlexiParameters(signed, gamma=gamma), training=True).vertices
    second = extract(grid, FlexiParameters(signed, gamma=1 / gamma), training=True).vertices
    assert torch.equal(first[:dual], second[:dual])
    assert (first[dual:] != second[dual:]).any(dim=1).float().mean() > 0.5


def test_faces_on_planes_of_the_grid_are_the_limit_of_faces_beside_them() -> None:
    grid = cube_grid(16)
    exact = extract(grid, FlexiParameters(sample(box(0.5), grid)))
    beside = extract(grid, FlexiParameters(sample(box(0.5 - 1e-9), grid)))
    assert_closed(exact.faces)
    assert torch.equal(exact.faces, beside.faces)
    assert torch.allclose(exact.vertices, beside.vertices, atol=1e-6)
    # Uniform weights bevel: along an edge the mesh passes half a cell inside of it.
    assert 0.85 < volume(exact.vertices, exact.faces) < 1
    assert volume(exact.vertices, exact.faces) == pytest.approx(
        volume(beside.vertices, beside.faces), abs=1e-3
    )


def test_a_box_on_planes_of_the_grid_is_whole_with_sharp_vertices() -> None:
    grid = cube_grid(16)

    def gradient(points: Tensor) -> Tensor:
        furthest = points.abs().argmax(dim=1, keepdim=True)
        return torch.zeros_like(points).scatter(1, furthest, points.gather(1, furthest).sign())

    mesh = extract(grid, FlexiParameters(sample(box(0.5), grid)), gradient=gradient)
    assert_closed(mesh.faces)
    assert volume(mesh.vertices, mesh.faces) == pytest.approx(1, abs=1e-3)
    assert float(box(0.5)(mesh.vertices).abs().max()) < 1e-5


def test_a_field_of_zeros_and_ones_is_meshed_as_zeros_outside() -> None:
    grid = cube_grid(6)
    signed = torch.zeros(grid.vertex_count)
    assert extract(grid, FlexiParameters(signed)).is_empty
    middle = grid.vertex_numbers(torch.tensor([3, 3, 3]))
    signed[middle] = -1
    mesh = extract(grid, FlexiParameters(signed))
    assert_closed(mesh.faces)
    assert volume(mesh.vertices, mesh.faces) > 0


def test_values_near_zero_are_decided_and_keep_their_gradient() -> None:
    signed = torch.tensor([0.0, -0.0, 1e-12, -1e-12, -1e-3, 2.0], requires_grad=True)
    found = decided(signed)
    assert found.tolist() == pytest.approx([1e-8, 1e-8, 1e-8, -1e-8, -1e-3, 2], rel=1e-5)
    found.sum().backward()
    assert signed.grad is not None and signed.grad.tolist() == [1] * 6


def test_overruled_signs_have_no_gradient() -> None:
    signed = torch.tensor([-1.0, -2.0, 3.0, 4.0], requires_grad=True)
    found = signed_as(signed, torch.tensor([True, False, True, False]))
    assert found.tolist() == [-1, 2, -3, 4]
    found.sum().backward()
    assert signed.grad is not None and signed.grad.tolist() == [1, 0, 0, 1]


def test_a_surface_that_leaves_the_grid_is_closed_there() -> None:
    grid = cube_grid(16)
    signed = sample(ball(1.2), grid)
    opened = extract(grid, FlexiParameters(signed), close_border=False)
    with pytest.raises(AssertionError):
        assert_closed(opened.faces)
    mesh = extract(grid, FlexiParameters(signed))
    assert_closed(mesh.faces)
    assert euler(mesh.vertices, mesh.faces) == 2
    assert float(mesh.vertices.abs().max()) < 1


@pytest.mark.parametrize("value", [1.0, -1.0])
def test_no_surface_gives_empty_tensors_and_zero_gradients(value: float) -> None:
    grid = cube_grid(5)
    leaves = [
        torch.full((grid.vertex_count,), value, requires_grad=True),
        torch.zeros(grid.vertex_count, 3, requires_grad=True),
        torch.ones(grid.cube_count, 8, requires_grad=True),
        torch.ones(grid.cube_count, 12, requires_grad=True),
        torch.ones(grid.cube_count, requires_grad=True),
        torch.zeros(grid.cube_count, 20, requires_grad=True),
    ]
    mesh = extract(grid, FlexiParameters(*leaves), training=True, close_border=False)
    assert mesh.is_empty
    assert mesh.vertices.shape == mesh.faces.shape == (0, 3)
    loss = mesh.vertices.sum() + mesh.deviation + sign_loss(mesh) + weight_penalty(mesh)
    assert float(loss.detach()) == 0
    loss.backward()
    for leaf in leaves:
        assert leaf.grad is not None and not leaf.grad.any()


@pytest.mark.parametrize("training", [False, True])
def test_derivatives_are_those_of_the_positions(training: bool) -> None:
    generator = torch.Generator().manual_seed(3)
    grid = cube_grid(3)
    signed = sample(ball(0.6, center=(0.03, -0.05, 0.07)), grid)
    given = random_parameters(grid, signed, generator=generator)
    leaves = [given.signed, given.offset, given.alpha, given.beta, given.gamma]
    leaves = [leaf.clone().requires_grad_() for leaf in leaves if leaf is not None]
    if not training:
        leaves = leaves[:-1]

    def positions(*inputs: Tensor) -> tuple[Tensor, Tensor]:
        mesh = extract(grid, FlexiParameters(*inputs), training=training)
        return mesh.vertices, mesh.deviations

    assert torch.autograd.gradcheck(positions, leaves, fast_mode=False)


@pytest.mark.parametrize("scale", [1e-9, 1e-4, 1e5])
@pytest.mark.parametrize("spread", [1, 50])
def test_extreme_outputs_of_a_network_stay_finite(scale: float, spread: float) -> None:
    grid = cube_grid(8)
    raw = spread * torch.randn(9**3, 25, generator=torch.Generator().manual_seed(0))
    raw[:, 0] *= scale / spread
    raw.requires_grad_()
    lowest = grid.lowest_corners(torch.arange(grid.cube_count))
    mesh = extract(grid, unpack(raw).select(cubes=lowest), training=True)
    assert_closed(mesh.faces)
    loss = mesh.vertices.square().sum() + mesh.deviation + sign_loss(mesh) + weight_penalty(mesh)
    (gradient,) = torch.autograd.grad(loss, raw)
    assert torch.isfinite(gradient).all()
    # Each vertex stays in its cube, whose corners move by half a cell at most.
    assert float(mesh.vertices.detach().abs().max()) <= 1 + 0.125


def test_attributes_are_interpolated_as_positions_are() -> None:
    generator = torch.Generator().manual_seed(5)
    grid = cube_grid(8)
    parameters = random_parameters(grid, sample(torus(0.5, 0.25), grid), generator=generator)
    assert parameters.offset is not None
    whole = torch.arange(grid.vertex_count)
    points = grid.positions(whole, parameters.offset, dtype=torch.float64)
    turn = torch.randn(3, 2, generator=generator, dtype=torch.float64)
    for training in (False, True):
        mesh = extract(grid, parameters, training=training, attributes=points @ turn)
        assert mesh.attributes is not None
        assert torch.allclose(mesh.attributes, mesh.vertices @ turn)


def test_moving_the_grid_moves_the_mesh() -> None:
    generator = torch.Generator().manual_seed(5)
    signed = random_signs((6, 5, 4), generator=generator)
    here = Grid.regular((6, 5, 4), bounds=(0.0, 1.0))
    there = Grid.regular((6, 5, 4), bounds=((2.0, 3.0, 4.0), (4.0, 5.0, 6.0)))
    parameters = random_parameters(here, signed, generator=generator)
    first, second = extract(here, parameters), extract(there, parameters)
    assert torch.equal(first.faces, second.faces)
    moved = 2 * first.vertices + torch.tensor([2.0, 3.0, 4.0]).double()
    assert torch.allclose(second.vertices, moved)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_precision_follows_the_signed_values(dtype: torch.dtype) -> None:
    grid = cube_grid(8)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mesh = extract(grid, FlexiParameters(sample(ball(0.6), grid, dtype=dtype)))
    assert mesh.vertices.dtype == mesh.deviations.dtype == dtype
    half = extract(grid, FlexiParameters(sample(ball(0.6), grid).bfloat16()))
    assert half.vertices.dtype == torch.float32


def test_tensors_of_another_grid_are_refused() -> None:
    grid = cube_grid(4)
    with pytest.raises(ValueError, match=r"signed has shape \(64,\), expected \(125,\)"):
        extract(grid, FlexiParameters(torch.zeros(64)))
    with pytest.raises(ValueError, match=r"alpha has shape \(125, 8\), expected \(64, 8\)"):
        extract(grid, FlexiParameters(torch.zeros(125), alpha=torch.ones(125, 8)))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_both_devices_give_the_same_mesh() -> None:
    generator = torch.Generator().manual_seed(5)
    grid = cube_grid(12)
    given = random_parameters(
        grid, random_signs((12, 12, 12), generator=generator), generator=generator
    )
    fields = (given.signed, given.offset, given.alpha, given.beta, given.gamma)
    there = FlexiParameters(*(None if each is None else each.cuda() for each in fields))
    for training in (False, True):
        first = extract(grid, given, training=training)
        second = extract(grid, there, training=training)
        assert torch.equal(first.faces, second.faces.cpu())
        assert torch.allclose(first.vertices, second.vertices.cpu())


def test_directed_edges_of_a_triangle() -> None:
    assert directed_edges(torch.tensor([[0, 1, 2]])).tolist() == [[0, 1], [1, 2], [2, 0]]
