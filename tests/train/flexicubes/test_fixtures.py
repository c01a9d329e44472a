"""Numbers that the authors' implementation gives, see the fixtures' own README for their names."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.shared_assets import requires_shared, shared
from tests.train.flexicubes.solids import canonical
from train.flexicubes.cubes import pattern_volume, surface_cubes
from train.flexicubes.extraction import Extraction, extract
from train.flexicubes.grid import Grid
from train.flexicubes.parameters import FlexiParameters, offset_of, split_weight_of, weight_of
from train.flexicubes.tables import doubly_crossed_face, is_ambiguous
from train.flexicubes.topology import dual_topology

NAMES = [
    "flexicubes_sphere_r16",
    "flexicubes_torus_r24",
    "flexicubes_box_r16",
    "flexicubes_blobs_solid_r24",
    "flexicubes_blobs_cavity_r24",
    "flexicubes_noise_r16",
    "flexicubes_iid_r8",
    "flexicubes_iid_6x9x7",
]
RAW = ("deform_raw", "alpha_raw", "beta_raw", "gamma_raw")
every_fixture = pytest.mark.parametrize("name", NAMES)
pytestmark = requires_shared


@dataclass(frozen=True, slots=True)
class Fixture:
    config: dict[str, Any]
    arrays: dict[str, Tensor]
    tolerances: dict[str, str]

    def __getitem__(self, name: str) -> Tensor:
        return self.arrays[name]

    def tolerance(self, name: str) -> float:
        return float(self.tolerances[name].split()[0])

    @property
    def grid(self) -> Grid:
        resolution = self.config["res"]
        shape = resolution if isinstance(resolution, int) else tuple(resolution)
        return Grid.regular(shape, bounds=(-0.5, 0.5))

    def parameters(self, raw: dict[str, Tensor]) -> FlexiParameters:
        """As the network's outputs; the reference rounds its lattice to five decimals."""
        whole = torch.arange(self.grid.vertex_count)
        exact = self.grid.positions(whole, dtype=torch.float64)
        rounding = (self["in_x_base"] - exact) / exact.new_tensor(self.grid.cell)
        return FlexiParameters(
            signed=raw["sdf"],
            offset=offset_of(raw["deform_raw"]) + rounding.to(raw["sdf"]),
            alpha=weight_of(raw["alpha_raw"]),
            beta=weight_of(raw["beta_raw"]),
            gamma=split_weight_of(raw["gamma_raw"]),
        )

    def raw(self) -> dict[str, Tensor]:
        return {name: self["in_" + name] for name in ("sdf", *RAW)}


def tolerances(name: str) -> dict[str, str]:
    """The last column of the fixture's table."""
    text = shared("fixtures/README.md").read_text().split(f"### `{name}`")[1].split("\n### ")[0]
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| `")]
    return {row[1].strip(" `"): row[-2].strip() for row in rows}


@cache
def fixture(name: str) -> Fixture:
    with np.load(shared(f"fixtures/{name}.io.npz")) as stored:
        arrays = {
            key: torch.from_numpy(
                value if value.dtype.kind == "f" else np.asarray(value).astype(np.int64)
            )
            for key, value in stored.items()
        }
    config = json.loads(shared(f"fixtures/{name}.config.json").read_text())["config"]
    return Fixture(config=config, arrays=arrays, tolerances=tolerances(name))


def match(found: Tensor, expected: Tensor, *, tolerance: float) -> Tensor:
    """(V,) which expected point each found one is; all of them, each once, within tolerance."""
    assert found.shape == expected.shape
    order = torch.cdist(found.double(), expected.double()).argmin(dim=1)
    assert torch.equal(order.sort().values, torch.arange(len(expected)))
    assert float((found - expected[order]).abs().max()) <= tolerance
    return order


def test_every_fixture_is_here() -> None:
    stored = sorted(path.name for path in shared("fixtures").glob("flexicubes_*.io.npz"))
    assert stored == sorted(f"{name}.io.npz" for name in NAMES)


@every_fixture
def test_cubes_and_patterns(name: str) -> None:
    data = fixture(name)
    occupied = data["in_sdf"] < 0
    surface = surface_cubes(occupied, grid=data.grid)
    patterns = pattern_volume(occupied, grid=data.grid).view(-1)[surface.cubes].long()
    assert torch.equal(surface.cubes, data["out_surface_cube"])
    assert torch.equal(patterns, data["out_case_raw"])
    assert torch.equal(surface.patterns, data["out_case_resolved"])
    assert torch.equal(surface.lattice[surface.corners], data["in_cube_index"][surface.cubes])
    assert int((surface.patterns != patterns).sum()) == data["out_n_ambiguous_flipped"]
    clashing = [p.bit_count() for p in patterns.tolist() if doubly_crossed_face(p) is not None]
    assert clashing.count(5) == data["out_n_ambiguous_5in"]
    assert clashing.count(6) == data["out_n_ambiguous_6in"]
    census = torch.zeros_like(data["out_census_inside_x_ambiguous_faces"])
    for pattern in patterns.tolist():
        census[pattern.bit_count(), sum(is_ambiguous(pattern, face) for face in range(6))] += 1
    assert torch.equal(census, data["out_census_inside_x_ambiguous_faces"])


@every_fixture
@pytest.mark.parametrize("variant", ["a", "b"])
def test_vertices_faces_and_deviations(name: str, variant: str) -> None:
    data = fixture(name)
    parameters = data.parameters(data.raw())
    if variant == "a":
        still = data.raw() | {"deform_raw": torch.zeros_like(data["in_deform_raw"])}
        parameters = FlexiParameters(data["in_sdf"], data.parameters(still).offset)
    mesh = extract(data.grid, parameters, close_border=False)
    key = f"out_{variant}_"
    order = match(mesh.vertices, data[key + "vertices"], tolerance=data.tolerance(key + "vertices"))
    assert torch.equal(canonical(order[mesh.faces]), canonical(data[key + "faces"]))

    topology = dual_topology(surface_cubes(data["in_sdf"] < 0, grid=data.grid))
    degree = topology.valid.sum(dim=1)
    assert torch.equal(degree, data["out_vertex_n_edges"][order])
    found = mesh.deviations.split(degree.tolist())
    expected = data[key + "L_dev"].split(data["out_vertex_n_edges"].tolist())
    differences = [
        (terms.sort().values - expected[row].sort().values).abs().max()
        for terms, row in zip(found, order.tolist(), strict=True)
    ]
    assert float(torch.stack(differences).max()) <= data.tolerance(key + "L_dev")


def functional(mesh: Extraction) -> Tensor:
    phase = mesh.vertices * mesh.vertices.new_tensor([5, 7, 11])
    waves = (phase + mesh.vertices.new_tensor([0.3, 1.1, 2.0])).sin().sum()
    return waves + 10 * mesh.deviation


@every_fixture
def test_training_split_and_gradients(name: str) -> None:
    data = fixture(name)
    raw = {key: value.clone().requires_grad_() for key, value in data.raw().items()}
    mesh = extract(data.grid, data.parameters(raw), training=True, close_border=False)
    expected = torch.cat([data["out_b_vertices"], data["out_c_center_vertices"]])
    tolerance = max(data.tolerance("out_b_vertices"), data.tolerance("out_c_center_vertices"))
    order = match(mesh.vertices.detach(), expected, tolerance=tolerance)
    assert torch.equal(canonical(order[mesh.faces]), canonical(data["out_c_faces"]))

    loss = functional(mesh)
    assert abs(float(loss.detach() - data["out_c_loss"])) <= data.tolerance("out_c_loss")
    gradients = dict(zip(raw, torch.autograd.grad(loss, list(raw.values())), strict=True))
    for key, gradient in gradients.items():
        whole, norm = f"out_c_grad_{key}", f"out_c_gradnorm_{key}"
        if whole in data.arrays:
            difference = (gradient - data[whole]).abs().max()
            assert float(difference) <= data.tolerance(whole), key
        else:
            difference = (gradient.norm() - data[norm]).abs()
            assert float(difference) <= data.tolerance(norm), key


def box_distance(points: Tensor, config: dict[str, Any]) -> Tensor:
    axis = torch.nn.functional.normalize(points.new_tensor(config["axis"]), dim=0)
    cross = torch.linalg.cross(torch.eye(3, dtype=points.dtype), axis.expand(3, 3))
    turn = torch.linalg.matrix_exp(config["angle"] * cross)
    local = (points - points.new_tensor(config["center"])) @ turn
    beyond = local.abs() - points.new_tensor(config["half"])
    return beyond.clamp(min=0).norm(dim=1) + beyond.amax(dim=1).clamp(max=0)


def sphere_distance(points: Tensor, config: dict[str, Any]) -> Tensor:
    return (points - points.new_tensor(config["center"])).norm(dim=1) - config["radius"]


@pytest.mark.parametrize(
    ("name", "distance"),
    [("flexicubes_sphere_r16", sphere_distance), ("flexicubes_box_r16", box_distance)],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_sharp_variant(
    name: str, distance: Callable[[Tensor, dict[str, Any]], Tensor], dtype: torch.dtype
) -> None:
    data = fixture(name)
    field = data.config["field"]
    sampled = distance(data["in_x_base"].double(), field)
    assert float((sampled - data["in_sdf"]).abs().max()) < 1e-6, "not the fixture's field"
    asked: list[Tensor] = []

    def gradient(points: Tensor) -> Tensor:
        asked.append(points)
        with torch.enable_grad():
            # On the surface a single-precision box has no gradient.
            double = points.detach().double().requires_grad_()
            return torch.autograd.grad(distance(double, field).sum(), double)[0].to(points)

    mesh = extract(data.grid, FlexiParameters(data["in_sdf"].to(dtype)), gradient=gradient)
    match(asked[0].float(), data["out_d_crossing_points"], tolerance=1e-6)
    tolerance = 1e-9 if dtype == torch.float64 else 2e-3
    plain = extract(data.grid, FlexiParameters(data["in_sdf"]))
    order = match(plain.vertices, data["out_a_vertices"], tolerance=1e-6)
    difference = (mesh.vertices - data["out_d_vertices_f64"][order]).abs().max()
    assert float(difference) <= tolerance
    quads = [
        torch.unique(faces.reshape(-1, 6).sort(dim=1).values, dim=0)
        for faces in (order[mesh.faces], data["out_d_faces"])
    ]
    corners = [{frozenset(row) for row in quad.tolist()} for quad in quads]
    assert corners[0] == corners[1]


def averaged(data: Fixture) -> tuple[FlexiParameters, Tensor, Tensor, Tensor]:
    """The lattice that sparse voxels describe: parameters, attributes, vertices, consistency."""
    grid, features = data.grid, data["in_feats"]
    cubes = grid.cube_numbers(data["in_coords"])
    corners = grid.corners(cubes)
    signed = features[:, :8, None] - 1 / grid.resolution[0]
    deformation = features[:, 8:32].view(-1, 8, 3)
    weights = features[:, 32:53]
    own = torch.cat([signed, deformation, features[:, 53:].view(-1, 8, 6)], dim=2)
    count = torch.zeros(grid.vertex_count).index_add(
        0, corners.view(-1), torch.ones(corners.numel())
    )
    total = torch.zeros(grid.vertex_count, 10).index_add(0, corners.view(-1), own.view(-1, 10))
    mean = total / count.clamp(min=1)[:, None]
    known = count > 0
    dense = torch.zeros(grid.cube_count, 21)
    dense[cubes] = weights
    parameters = FlexiParameters(
        signed=torch.where(known, mean[:, 0], 1),
        offset=offset_of(mean[:, 1:4]),
        beta=weight_of(dense[:, :12]),
        alpha=weight_of(dense[:, 12:20]),
        gamma=split_weight_of(dense[:, 20]),
    )
    consistency = (own - mean[corners]).square().mean() + 0.2 * weights[:, :20].abs().mean()
    return parameters, mean[:, 4:].sigmoid(), known.nonzero()[:, 0], consistency


@pytest.mark.parametrize("training", [False, True])
def test_a_lattice_averaged_from_sparse_voxels_with_attributes(training: bool) -> None:
    data = fixture("trellis_mesh_r16")
    key = "out_train_" if training else "out_infer_"
    parameters, attributes, known, consistency = averaged(data)
    mesh = extract(data.grid, parameters, training=training, attributes=attributes)
    order = match(mesh.vertices, data[key + "vertices"], tolerance=data.tolerance(key + "vertices"))
    assert torch.equal(canonical(order[mesh.faces]), canonical(data[key + "faces"]))
    assert mesh.attributes is not None
    difference = (mesh.attributes - data[key + "attrs"][order]).abs().max()
    assert float(difference) <= data.tolerance(key + "attrs")
    if training:
        loss = consistency + 0.5 * mesh.deviation
        assert abs(float(loss.detach() - data["out_train_reg_loss"])) <= 2e-6
        assert parameters.offset is not None
        points = data.grid.positions(known, parameters.offset[known], dtype=torch.float32)
        assert float((points - data["out_train_tsdf_v"]).abs().max()) <= 2e-6
        assert float((parameters.signed[known] - data["out_train_tsdf_s"]).abs().max()) <= 5e-7
