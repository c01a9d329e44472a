from __future__ import annotations

from collections.abc import Callable
from math import pi, sqrt

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.shared_assets import requires_shared, shared
from tests.train.rendering.shapes import cameras, rays, sphere, square
from train.rendering.base import Renderer, Rendering, facing_cameras, ground_truth
from train.rendering.cameras import bounding_sphere, part_cameras
from train.rendering.portable import EmbreeRenderer, TorchRenderer

RENDERERS = [TorchRenderer(), EmbreeRenderer()]
both = pytest.mark.parametrize("renderer", RENDERERS, ids=["torch", "embree"])
FLOATS = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])


@both
@FLOATS
def test_depth_and_normals_of_a_plane(renderer: Renderer, dtype: torch.dtype) -> None:
    vertices, faces = square()
    views = cameras((0.3, 0.2, 2.0), (1.5, -0.5, 1.0), target=(0.1, 0.0, 0.0), unit=0.5)
    maps = renderer.render(vertices.to(dtype), faces, views)
    assert maps.depth_NHW.dtype == maps.normal_NHW3.dtype == maps.mask_NHW.dtype == dtype
    assert maps.seen_NHW.all()
    expected = -views.position_N3[:, None, None, 2] / rays(views)[..., 2] / 0.5
    torch.testing.assert_close(maps.depth_NHW.double(), expected, rtol=0, atol=1e-5)
    assert (maps.normal_NHW3 == torch.tensor([0.0, 0.0, 1.0])).all()


@both
@FLOATS
def test_depth_and_normals_of_a_sphere(renderer: Renderer, dtype: torch.dtype) -> None:
    vertices, faces = sphere(subdivisions=7)
    views = cameras((0, 0, 2), (1.1, 0.7, -1.2), (-0.4, -1.6, 0.6), unit=0.5)
    maps = renderer.render(vertices.to(dtype), faces, views)
    towards = rays(views)
    start = views.position_N3[:, None, None]
    length = towards.norm(dim=-1)
    along = -(start * towards).sum(dim=-1) / length
    inside = 0.25 - ((start**2).sum(dim=-1) - along**2)
    assert (maps.seen_NHW != (inside > 0)).float().mean() < 1e-3
    depth = (along - inside.clamp(min=0).sqrt()) / length
    normal = (start + towards * depth[..., None]) / 0.5
    # Near the silhouette both change without bound; normals are those of facets, 0.5° wide.
    well = inside > 0.02
    assert well.float().mean() > 0.2
    gap = (maps.depth_NHW.double() * 0.5 - depth)[well].abs().max()
    assert gap < 1e-3
    assert (maps.normal_NHW3.double() - normal)[well].abs().mean() < 1e-2
    assert 1 - (maps.normal_NHW3.double() * normal).sum(dim=-1)[well].min() < 1e-3


@both
def test_normals_of_a_finely_cut_sphere(renderer: Renderer) -> None:
    """A cap under a long lens, whose facets are 0.06° wide."""
    at = torch.linspace(-0.03, 0.03, 121, dtype=torch.float64)
    x, y = torch.meshgrid(at, at, indexing="ij")
    vertices = torch.stack([x, y, (0.25 - x**2 - y**2).sqrt()], dim=-1).reshape(-1, 3)
    corner = torch.arange(121 * 121).reshape(121, 121)
    a, b, c, d = corner[:-1, :-1], corner[1:, :-1], corner[1:, 1:], corner[:-1, 1:]
    faces = torch.stack([torch.stack([a, b, c], -1), torch.stack([a, c, d], -1)]).reshape(-1, 3)
    views = cameras((0.1, 0.05, 2), target=(0, 0, 0.5), fov=1.8)
    maps = renderer.render(vertices, faces, views)
    assert maps.seen_NHW.all()
    place = views.position_N3[:, None, None] + rays(views) * maps.depth_NHW[..., None]
    assert (place.norm(dim=-1) - 0.5).abs().max() < 1e-6
    assert (maps.normal_NHW3 - place / 0.5).abs().max() < 1e-3


@both
def test_background_is_zero_and_unseen(renderer: Renderer) -> None:
    vertices, faces = sphere()
    maps = renderer.render(vertices, faces, cameras((0, 0, 2)))
    away = ~maps.seen_NHW
    assert away.any()
    assert (maps.depth_NHW[away] == 0).all()
    assert (maps.normal_NHW3[away] == 0).all()
    corners = maps.mask_NHW[:, [0, -1]][:, :, [0, -1]]
    assert (corners == 0).all()
    assert maps.mask_NHW[0, 24, 24] == 1


def check_by_differences(
    values: Callable[[Tensor], Tensor], vertices: Tensor, *, step: float = 1e-6
) -> None:
    """The gradients of some pixels, against central differences in random directions."""
    vertices = vertices.clone().requires_grad_()
    generator = torch.Generator().manual_seed(1)
    pixels = values(vertices)
    assert len(pixels) > 20
    weights = torch.randn(pixels.shape, generator=generator, dtype=pixels.dtype)
    (gradient,) = torch.autograd.grad((weights * pixels).sum(), vertices)
    with torch.no_grad():
        for _ in range(5):
            way = torch.randn(vertices.shape, generator=generator, dtype=vertices.dtype)
            ahead, behind = values(vertices + step * way), values(vertices - step * way)
            expected = (weights * (ahead - behind)).sum() / (2 * step)
            torch.testing.assert_close((gradient * way).sum(), expected, rtol=1e-5, atol=1e-6)


@both
def test_gradients_of_depth_and_normals_are_those_of_differences(renderer: Renderer) -> None:
    vertices, faces = sphere(subdivisions=1)
    views = cameras((0, 0.3, 2), (1.1, 0.7, -1.2), size=24, unit=0.7)
    inside = renderer.render(vertices, faces, views)

    def values(read: Callable[[Rendering], Tensor]) -> Callable[[Tensor], Tensor]:
        def of(moved: Tensor) -> Tensor:
            maps = renderer.render(moved, faces, views)
            # Pixels whose centres an edge moves over jump to another face.
            stay = maps.face_id_NHW == inside.face_id_NHW
            assert stay.float().mean() > 0.99
            return read(maps)[inside.seen_NHW & stay].flatten()

        return of

    check_by_differences(values(lambda maps: maps.depth_NHW), vertices)
    check_by_differences(values(lambda maps: maps.normal_NHW3), vertices)


def test_gradients_of_the_rim_are_those_of_differences() -> None:
    renderer, (vertices, faces) = TorchRenderer(), sphere(subdivisions=1)
    views = cameras((0, 0.3, 2), (1.1, 0.7, -1.2), size=24)
    mask = renderer.render(vertices, faces, views).mask_NHW
    rim = (mask > 0) & (mask < 1)
    check_by_differences(lambda v: renderer.render(v, faces, views).mask_NHW[rim], vertices)


@pytest.mark.parametrize("subdivisions", [3, 4, 5])
def test_the_mask_has_the_area_of_the_silhouette_and_its_growth(subdivisions: int) -> None:
    """Faces of a few pixels down to far less than one: a sphere's silhouette is a circle."""
    vertices, faces = sphere(subdivisions=subdivisions)
    views = part_cameras(
        4,
        center_3=torch.zeros(3),
        radius=0.5,
        generator=torch.Generator().manual_seed(0),
        size=128,
    )
    scale = torch.ones((), dtype=torch.float64, requires_grad=True)
    mask = TorchRenderer().render(scale * vertices, faces, views).mask_NHW
    (growth,) = torch.autograd.grad(mask.sum() / 4, scale)
    focal, distance = views.focal_N[0].item(), 1.5
    # The circle's radius is focal · r / √(d² - r²).
    square_of_tangent = 0.25 / (distance**2 - 0.25)
    area = pi * focal**2 * square_of_tangent
    assert mask.sum().item() / 4 == pytest.approx(area, rel=6e-3)
    expected = 2 * area * distance**2 / (distance**2 - 0.25)
    assert growth.item() == pytest.approx(expected, rel=6e-3)


@pytest.mark.parametrize("angle", [0.0, 0.2, 0.5, pi / 4, 1.1])
def test_the_mask_of_a_turned_square_has_its_area(angle: float) -> None:
    """Straight edges at any angle, each of which must count once; edges without a neighbour."""
    vertices, faces = square(half=0.5)
    turn = torch.tensor([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    vertices[:, :2] = vertices[:, :2] @ turn.T.double()
    views = cameras((0.003, 0.002, 3.0), target=(0.003, 0.002, 0.0), size=96)
    scale = torch.ones((), dtype=torch.float64, requires_grad=True)
    mask = TorchRenderer().render(scale * vertices, faces, views).mask_NHW
    (growth,) = torch.autograd.grad(mask.sum(), scale)
    area = (views.focal_N.item() / 3.0) ** 2
    assert mask.sum().item() == pytest.approx(area, rel=2e-3)
    assert growth.item() == pytest.approx(2 * area, rel=2e-2)
    assert mask.min() >= 0 and mask.max() <= 1


@both
def test_ground_truth_faces_the_camera_whatever_the_winding(renderer: Renderer) -> None:
    vertices, faces = sphere()
    vertices = vertices.requires_grad_()
    views = cameras((0, 0, 2), (1, 1, -1))
    generator = torch.Generator().manual_seed(0)
    flipped = torch.rand(len(faces), generator=generator) < 0.5
    messy = torch.where(flipped[:, None], faces.flip(1), faces)
    expected = renderer.render(vertices, faces, views).normal_NHW3.detach()
    assert not torch.equal(renderer.render(vertices, messy, views).normal_NHW3, expected)
    truth = ground_truth(renderer, vertices, messy, views)
    torch.testing.assert_close(truth.normal_NHW3, expected)
    assert not truth.normal_NHW3.requires_grad and not truth.depth_NHW.requires_grad
    assert not truth.mask_NHW.requires_grad


def test_turning_normals_keeps_their_gradients() -> None:
    vertices, faces = sphere(subdivisions=1)
    views = cameras((0, 0, 2))
    vertices.requires_grad_()
    gradients = []
    for order in (faces, faces.flip(1)):
        maps = TorchRenderer().render(vertices, order, views)
        turned = facing_cameras(maps, vertices, order, views)
        gradients += torch.autograd.grad(turned.normal_NHW3[..., 0].sum(), vertices)
    assert gradients[0].abs().max() > 0
    torch.testing.assert_close(gradients[0], gradients[1])


@both
def test_an_empty_mesh_is_background_with_finite_gradients(renderer: Renderer) -> None:
    vertices = torch.zeros(4, 3, requires_grad=True)
    for faces in (torch.zeros(0, 3, dtype=torch.long), torch.zeros(2, 3, dtype=torch.long)):
        maps = renderer.render(vertices, faces, cameras((0, 0, 2), (1, 0, 0)))
        assert maps.mask_NHW.shape == (2, 48, 48)
        assert not maps.seen_NHW.any() and not maps.mask_NHW.any()
        total = maps.depth_NHW.sum() + maps.normal_NHW3.sum() + maps.mask_NHW.sum()
        # A loss over many parts goes on where one of them is empty.
        (gradient,) = torch.autograd.grad(total + vertices.sum(), vertices)
        assert (gradient == 1).all()
    nothing = renderer.render(torch.zeros(0, 3), faces[:0], cameras((0, 0, 2)))
    assert not nothing.mask_NHW.any()


@both
def test_degenerate_faces_leave_gradients_finite(renderer: Renderer) -> None:
    vertices, faces = sphere(subdivisions=2)
    vertices = torch.cat([vertices, vertices[:1], torch.zeros(1, 3)]).float().requires_grad_()
    bad = torch.tensor([[0, 0, 1], [0, 0, 0], [0, 162, 5], [163, 163, 163]])
    views = cameras((0, 0, 2), (1, 1, -1))
    maps = renderer.render(vertices, torch.cat([bad, faces]), views)
    clean = renderer.render(vertices, faces, views)
    assert torch.equal(maps.depth_NHW, clean.depth_NHW)
    (maps.depth_NHW.sum() + maps.normal_NHW3.abs().sum() + maps.mask_NHW.sum()).backward()
    assert vertices.grad is not None and vertices.grad.isfinite().all()


def test_maps_are_not_rounded_under_autocast() -> None:
    vertices, faces = sphere(subdivisions=2)
    vertices, views = vertices.float(), cameras((0, 0, 2))
    plain = TorchRenderer().render(vertices, faces, views)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        cast = TorchRenderer().render(vertices, faces, views)
    assert torch.equal(plain.depth_NHW, cast.depth_NHW)
    assert torch.equal(plain.normal_NHW3, cast.normal_NHW3)
    assert torch.equal(plain.mask_NHW, cast.mask_NHW)


def test_a_sphere_grows_to_the_maps_of_a_larger_one() -> None:
    """Depth pulls surfaces, the mask pulls silhouettes: together they fit."""
    vertices, faces = sphere(subdivisions=2)
    views = cameras((0, 0, 2), (2, 0, 0), (0, 2, 0.1), size=32)
    target = ground_truth(TorchRenderer(), vertices * 1.3 + 0.05, faces, views)
    move = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([move], lr=0.02)
    for _ in range(80):
        moved = vertices * (1 + move[0]) + move[1:]
        maps = TorchRenderer().render(moved, faces, views)
        common = target.seen_NHW & maps.seen_NHW
        loss = (maps.mask_NHW - target.mask_NHW).abs().mean()
        loss = loss + (maps.depth_NHW - target.depth_NHW)[common].abs().mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    assert move.tolist() == pytest.approx([0.3, 0.05, 0.05, 0.05], abs=0.02)


@requires_shared
def test_a_real_mesh_is_seen_alike_by_torch_and_embree() -> None:
    import trimesh

    path = sorted(shared("assets").rglob("*.glb"))[0]
    mesh = trimesh.load(path, force="mesh", process=False)
    vertices, faces = torch.tensor(np.asarray(mesh.vertices)), torch.tensor(np.asarray(mesh.faces))
    center, radius = bounding_sphere(vertices)
    views = part_cameras(
        2,
        center_3=center,
        radius=radius,
        generator=torch.Generator().manual_seed(0),
        size=128,
    )
    first, second = (ground_truth(each, vertices, faces.long(), views) for each in RENDERERS)
    assert (first.seen_NHW == second.seen_NHW).float().mean() > 0.999
    common = first.seen_NHW & second.seen_NHW
    gap = (first.depth_NHW - second.depth_NHW)[common].abs()
    assert (gap < 1e-3).float().mean() > 0.998
    assert gap.mean() < sqrt(1e-6)


@pytest.mark.parametrize(
    ("vertices", "faces", "message"),
    [
        (torch.zeros(4, 2), torch.zeros(1, 3).long(), r"vertices \(V, 3\), found \(4, 2\)"),
        (torch.zeros(4, 3), torch.zeros(1, 3), "faces .* of integers"),
        (torch.zeros(4, 3).half(), torch.zeros(1, 3).long(), "outside of autocast"),
        (torch.zeros(4, 3), torch.tensor([[0, 1, 4]]), "vertices 0…4, but there are 4"),
    ],
)
def test_what_is_no_mesh_is_refused(vertices: Tensor, faces: Tensor, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TorchRenderer().render(vertices, faces, cameras((0, 0, 2)))
