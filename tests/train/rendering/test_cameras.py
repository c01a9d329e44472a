from __future__ import annotations

from dataclasses import replace
from math import radians

import pytest
import torch

from tests.train.rendering.shapes import cameras, sphere
from train.rendering.cameras import bounding_sphere, part_cameras
from train.rendering.portable import TorchRenderer

VIEWS = cameras((0, 0, 2), (0, 3, 0), (0, -3, 0), (1, 2, -2))


def test_matrices_are_rotations() -> None:
    rotation = VIEWS.camera_to_world_N44[:, :3, :3]
    eye = torch.eye(3, dtype=torch.float64).expand(4, 3, 3)
    torch.testing.assert_close(rotation @ rotation.transpose(1, 2), eye)
    torch.testing.assert_close(torch.linalg.det(rotation), torch.ones(4, dtype=torch.float64))


def test_the_target_lies_straight_ahead() -> None:
    seen = VIEWS.view(torch.zeros(1, 3, dtype=torch.float64))[:, 0]
    distance = torch.tensor([2.0, 3.0, 3.0, 3.0], dtype=torch.float64)
    expected = torch.stack([0 * distance, 0 * distance, -distance], dim=1)
    torch.testing.assert_close(seen, expected)


def test_up_is_up_save_along_the_axis() -> None:
    up = VIEWS.camera_to_world_N44[:, :3, 1]
    assert up[0].tolist() == pytest.approx([0, 1, 0])
    assert up[1].tolist() == pytest.approx([0, 0, -1])
    assert up[2].tolist() == pytest.approx([0, 0, 1])
    assert up[3, 1] > 0


def test_the_middle_of_the_first_row_is_at_half_the_field_of_view() -> None:
    views = cameras((0, 0, 2), size=40, width=80)
    x, y = views.ray_slopes(*(torch.tensor([value]) for value in (0, 0, 39)))[0].tolist()
    pixel = 1 / views.focal_N.item()
    assert y == pytest.approx(torch.tan(torch.tensor(radians(20.0))).item() - pixel / 2)
    assert x == pytest.approx(-pixel / 2)


def test_views_are_not_rounded_under_autocast() -> None:
    vertices = sphere()[0].float()
    views = VIEWS.to(vertices)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(views.view(vertices), VIEWS.to(vertices).view(vertices))
        assert views.view(vertices).dtype == torch.float32
    torch.testing.assert_close(
        views.view(vertices).double(), VIEWS.view(vertices.double()), rtol=0, atol=1e-6
    )


def test_the_bounding_sphere_holds_everything_and_no_more() -> None:
    vertices = torch.tensor([[0.0, 0, 0], [4, 0, 0], [0, 2, 0]])
    center, radius = bounding_sphere(vertices)
    assert center.tolist() == [2, 1, 0]
    assert radius == pytest.approx(5**0.5)
    assert bounding_sphere(vertices[:0])[1] == bounding_sphere(vertices[:1])[1] == 1.0


def test_part_cameras_see_a_part_alike_wherever_and_however_large_it_is() -> None:
    vertices, faces = sphere()
    maps = []
    for shift, scale in ((0.0, 1.0), (3.0, 0.01)):
        part = shift + scale * vertices
        center, radius = bounding_sphere(part)
        views = part_cameras(
            3,
            center_3=center,
            radius=radius,
            generator=torch.Generator().manual_seed(5),
            size=40,
        )
        maps.append(TorchRenderer().render(part, faces, views))
    torch.testing.assert_close(maps[0].depth_NHW, maps[1].depth_NHW, rtol=0, atol=1e-9)
    depth = maps[0].depth_NHW[maps[0].seen_NHW]
    assert 2.0 - 1e-2 < depth.min() < 2.1
    seen = maps[0].seen_NHW
    assert seen.any(dim=2).any(dim=1).all()
    assert not seen[:, [0, -1]].any() and not seen[:, :, [0, -1]].any(), "nothing is cut off"


def test_part_cameras_spread_over_the_sphere_and_hang_on_the_generator_alone() -> None:
    def directions(seed: int) -> torch.Tensor:
        views = part_cameras(
            4000,
            center_3=torch.zeros(3),
            radius=2.0,
            generator=torch.Generator().manual_seed(seed),
        )
        return views.position_N3 / 6.0

    first = directions(0)
    assert torch.equal(first, directions(0))
    assert not torch.equal(first, directions(1))
    torch.testing.assert_close(first.norm(dim=1), torch.ones(4000, dtype=torch.float64))
    # A uniform direction has mean 0 and covariance 1/3; six deviations.
    assert first.mean(dim=0).abs().max() < 6 * (1 / 3 / 4000) ** 0.5
    covariance = first.T @ first / 4000
    assert (covariance - torch.eye(3) / 3).abs().max() < 0.03


def test_a_sphere_is_wholly_in_view_from_the_default_distance() -> None:
    center, radius = torch.tensor([0.3, -0.2, 0.1], dtype=torch.float64), 0.4
    cameras = part_cameras(
        16, center_3=center, radius=radius, generator=torch.Generator().manual_seed(0)
    )
    away = (cameras.camera_to_world_N44[:, :3, 3].double() - center).norm(dim=1)
    assert (torch.asin(radius / away) < cameras.fov_y_N.double() / 2).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"height": 0}, "need pixels, found 48 × 0"),
        ({"fov_y_N": torch.tensor([4.0])}, "must lie in"),
        ({"unit_N": torch.tensor([0.0])}, "more than 0"),
        ({"unit_N": torch.ones(2)}, r"found \(1, 4, 4\), \(1,\) and \(2,\)"),
    ],
)
def test_wrong_cameras_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(cameras((0, 0, 2)), **change)


def test_a_part_without_extent_is_refused() -> None:
    with pytest.raises(ValueError, match="radius of a part"):
        part_cameras(1, center_3=torch.zeros(3), radius=0.0, generator=torch.Generator())
