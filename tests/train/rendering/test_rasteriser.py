from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.train.rendering.shapes import cameras, rays, sphere, square
from train.rendering import rasteriser
from train.rendering.cameras import Cameras
from train.rendering.rasteriser import rasterise


def ids(vertices: Tensor, faces: Tensor, views: Cameras) -> Tensor:
    views = views.to(vertices)
    return rasterise(views.view(vertices), faces, views)


def by_hand(vertices: Tensor, faces: Tensor, views: Cameras) -> Tensor:
    """Every ray against every face, by solving for its place in the face's plane."""
    images = []
    for position, direction in zip(views.position_N3, rays(views).flatten(1, 2), strict=True):
        first, second, third = vertices[faces].unbind(dim=1)
        sides = torch.stack([second - first, third - first], dim=-1)
        system = torch.cat(
            [
                -direction[:, None, :, None].expand(-1, len(faces), -1, -1),
                sides.expand(len(direction), -1, -1, -1),
            ],
            dim=-1,
        )
        distance, u, v = torch.linalg.solve(system, (position - first)[..., None])[..., 0].unbind(
            dim=-1
        )
        hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (distance > 0)
        distance = torch.where(hit, distance, torch.inf)
        nearest, face = distance.min(dim=1)
        images.append(torch.where(nearest.isfinite(), face, -1))
    return torch.stack(images).reshape(len(views), views.height, views.width)


@pytest.mark.parametrize("chunk", [7, 1 << 20])
def test_it_agrees_with_every_ray_against_every_face(
    chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Triangles strewn all around the cameras: beside, before, behind and through them."""
    monkeypatch.setattr(rasteriser, "CHUNK", chunk)
    generator = torch.Generator().manual_seed(0)
    vertices = torch.randn(60, 3, generator=generator, dtype=torch.float64)
    faces = torch.arange(60).reshape(20, 3)
    views = cameras((0, 0, 3), (0.3, 0.2, 0.1), size=24, width=31, fov=70.0)
    expected = by_hand(vertices, faces, views)
    assert len(expected.unique()) > 10
    assert torch.equal(ids(vertices, faces, views), expected)


def test_faces_that_reach_behind_the_camera_are_seen_before_it() -> None:
    """A floor one unit below an eye: the lower half of the image sees it up to the horizon."""
    corners = [[-1e4, -1.0, 1e4], [1e4, -1.0, 1e4], [0.0, -1.0, -1e6]]
    vertices = torch.tensor(corners, dtype=torch.float64)
    seen = ids(vertices, torch.tensor([[0, 1, 2]]), cameras((0, 0, 0), target=(0, 0, -1)))[0]
    assert (seen[:24] == -1).all()
    assert (seen[24:] == 0).all()


def test_nothing_behind_the_camera_is_seen() -> None:
    vertices, faces = square()
    assert (ids(vertices, faces, cameras((0, 0, -2), target=(0, 0, -5))) == -1).all()
    assert (ids(vertices, faces, cameras((0, 0, -2), target=(0, 0, 0))) >= 0).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_no_ray_slips_between_faces_that_share_an_edge(dtype: torch.dtype) -> None:
    """A square of many thin faces, edges and corners of which pass through centres of pixels."""
    views = cameras((0, 0, 2), size=64)
    slope = views.ray_slopes(*(torch.tensor([value]) for value in (0, 0, 63)))[0, 0].item()
    at = torch.linspace(2 * slope, -2 * slope, 64, dtype=torch.float64) * 1.02
    at[1:-1] /= 1.02
    x, y = torch.meshgrid(at, at, indexing="ij")
    vertices = torch.stack([x, y, torch.zeros_like(x)], dim=-1).reshape(-1, 3).to(dtype)
    corner = torch.arange(64 * 64).reshape(64, 64)
    a, b, c, d = corner[:-1, :-1], corner[1:, :-1], corner[1:, 1:], corner[:-1, 1:]
    faces = torch.stack([torch.stack([a, b, c], -1), torch.stack([a, c, d], -1)]).reshape(-1, 3)
    assert (ids(vertices, faces, views) >= 0).all()


def test_of_coincident_faces_the_first_is_seen() -> None:
    vertices, faces = square()
    doubled = torch.cat([faces.flip(0), faces])
    # Turned round, the faces are the same but for the order of corners.
    assert ids(vertices, doubled, cameras((0, 0, 2))).max() == 1


def test_degenerate_faces_and_faces_that_are_no_numbers_are_never_seen() -> None:
    vertices, faces = square()
    vertices = torch.cat([vertices, torch.tensor([[torch.nan, 0, 1], [0, torch.inf, 1]])])
    point, line = [0, 0, 0], [0, 2, 2]
    bad = torch.tensor([point, line, [0, 1, 4], [0, 1, 5]])
    views = cameras((0, 0, 2), (3, 1, 2))
    found = ids(vertices, torch.cat([bad, faces]), views)
    assert torch.equal(found, ids(vertices, faces, views) + 4)


def test_no_faces_and_no_cameras() -> None:
    vertices, faces = sphere(subdivisions=1)
    assert (ids(vertices, faces[:0], cameras((0, 0, 2))) == -1).all()
    assert ids(vertices, faces, cameras(size=5)).shape == (0, 5, 5)


def test_faces_are_not_seen_from_their_edge() -> None:
    vertices, faces = square()
    assert (ids(vertices, faces, cameras((0, 5, 0), target=(0, 0, 0), size=8)) == -1).all()
