from __future__ import annotations

import torch

from train.rendering.barycentric import barycentric, edge_functions

GENERATOR = torch.Generator().manual_seed(0)
# Corners before and behind the camera.
CORNERS = torch.randn(500, 3, 3, generator=GENERATOR, dtype=torch.float64)
SLOPES = torch.randn(500, 2, generator=GENERATOR, dtype=torch.float64)


def test_edge_functions_are_determinants() -> None:
    rays = torch.cat([SLOPES, -torch.ones(500, 1)], dim=1)
    found = edge_functions(CORNERS, SLOPES)
    for corner in range(3):
        first, second = CORNERS[:, (corner + 1) % 3], CORNERS[:, (corner + 2) % 3]
        # The determinant of the ray and two corners, whose depths count backwards.
        expected = -torch.linalg.det(torch.stack([rays, first, second], dim=1))
        torch.testing.assert_close(found[:, corner], expected)


def test_swapped_corners_flip_the_sign_and_nothing_else() -> None:
    corners, slopes = CORNERS.float(), SLOPES.float()
    swapped = edge_functions(corners[:, [1, 0, 2]], slopes)
    assert torch.equal(swapped[:, [1, 0, 2]], -edge_functions(corners, slopes))


def test_weights_give_back_the_point_that_the_ray_meets() -> None:
    weights = torch.rand(500, 3, generator=GENERATOR, dtype=torch.float64) + 0.01
    weights /= weights.sum(dim=1, keepdim=True)
    corners = CORNERS.clone()
    corners[..., 2] = -corners[..., 2].abs() - 0.1
    point = (weights[..., None] * corners).sum(dim=1)
    slopes = point[:, :2] / -point[:, 2:]
    torch.testing.assert_close(barycentric(corners, slopes), weights, rtol=1e-6, atol=1e-8)


def test_rays_that_miss_get_the_rim_and_edges_their_middle() -> None:
    corners = torch.tensor([[[0.0, 0, -1], [1, 0, -1], [0, 1, -1]]], dtype=torch.float64)
    missed = barycentric(corners, torch.tensor([[0.5, -0.1]], dtype=torch.float64))
    assert (missed >= 0).all() and missed.sum() == 1 and missed[0, 2] == 0
    line = torch.tensor([[[0.0, 0, -1], [1, 0, -1], [2, 0, -1]]], dtype=torch.float64)
    line.requires_grad_()
    middle = barycentric(line, torch.zeros(1, 2, dtype=torch.float64))
    torch.testing.assert_close(middle, torch.full((1, 3), 1 / 3, dtype=torch.float64))
    middle.square().sum().backward()
    assert line.grad is not None and line.grad.isfinite().all()
