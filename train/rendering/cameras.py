"""Pinhole cameras as tensors, and random views around a part.

Axes are OpenGL's: x right, y up, the camera looks down its -z. Matrices are camera-to-world. The
centre of a pixel lies at half-integers; row 0 is the top.

Shape suffixes: N cameras, V points, P pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import pi, radians

import torch
from torch import Tensor

FOV = radians(40.0)
"""The vertical field of view of TRELLIS' and PartVerse's views."""

DISTANCE = 3.0
"""In radii of a part: at 40° a sphere is wholly in view from 1 / sin 20° = 2.92 radii onwards."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cameras:
    """Cameras with square pixels, principal points in the middle and one size of image.

    Attributes:
        camera_to_world_N44: (N, 4, 4) float, rotation and translation only.
        fov_y_N: (N,) float, vertical fields of view, radians.
        unit_N: (N,) float > 0, the length that depth is told in, in units of the world.
        height: pixels.
        width: pixels.
    """

    camera_to_world_N44: Tensor
    fov_y_N: Tensor
    unit_N: Tensor
    height: int
    width: int

    def __post_init__(self) -> None:
        count = len(self.camera_to_world_N44)
        shapes = tuple(self.camera_to_world_N44.shape), tuple(self.fov_y_N.shape)
        if (*shapes, tuple(self.unit_N.shape)) != ((count, 4, 4), (count,), (count,)):
            raise ValueError(
                f"expected camera_to_world (N, 4, 4), fov_y (N,) and unit (N,), found {shapes[0]}, "
                f"{shapes[1]} and {tuple(self.unit_N.shape)}"
            )
        if self.height < 1 or self.width < 1:
            raise ValueError(f"cameras need pixels, found {self.width} × {self.height}")
        if not ((self.fov_y_N > 0) & (self.fov_y_N < pi)).all():
            raise ValueError(f"fov_y must lie in (0, π) radians, found {self.fov_y_N.tolist()}")
        if not (self.unit_N > 0).all():
            raise ValueError(f"unit must be more than 0, found {self.unit_N.tolist()}")

    def __len__(self) -> int:
        return len(self.camera_to_world_N44)

    @property
    def position_N3(self) -> Tensor:
        """(N, 3): the centres of projection in the world."""
        return self.camera_to_world_N44[:, :3, 3]

    @property
    def focal_N(self) -> Tensor:
        """(N,): the focal lengths in pixels."""
        return self.height / (2 * torch.tan(self.fov_y_N / 2))

    def to(self, like: Tensor) -> Cameras:
        """The same cameras with the dtype and on the device of `like`."""
        return replace(
            self,
            camera_to_world_N44=self.camera_to_world_N44.to(like),
            fov_y_N=self.fov_y_N.to(like),
            unit_N=self.unit_N.to(like),
        )

    def view(self, points_V3: Tensor) -> Tensor:
        """(N, V, 3): points of the world in the frames of the cameras; their dtypes must agree.

        The product is spelt out, because autocast and TF32 would round a matrix product to 8 or 10
        bits, which is some pixels.
        """
        offset_NV3 = points_V3 - self.position_N3[:, None]
        rotation_N33 = self.camera_to_world_N44[:, :3, :3]
        return (offset_NV3[..., None] * rotation_N33[:, None]).sum(dim=-2)

    def ray_slopes(self, view_P: Tensor, row_P: Tensor, column_P: Tensor) -> Tensor:
        """(P, 2): x and y, per unit of depth, of the rays through the centres of some pixels.

        Args:
            view_P: (P,) int64, which camera.
            row_P: (P,) int64.
            column_P: (P,) int64.
        """
        focal_P = self.focal_N[view_P]
        right_P = (column_P + 0.5 - self.width / 2) / focal_P
        up_P = (self.height / 2 - row_P - 0.5) / focal_P
        return torch.stack([right_P, up_P], dim=-1)


def look_at(position_N3: Tensor, target_3: Tensor) -> Tensor:
    """(N, 4, 4) camera-to-world of cameras that look at one point with the world's y up.

    Where a view is along y, the camera's up is ∓z instead.
    """
    backward_N3 = torch.nn.functional.normalize(position_N3 - target_3, dim=-1)
    up = torch.tensor([0.0, 1.0, 0.0]).to(position_N3).expand_as(position_N3)
    spare = torch.tensor([0.0, 0.0, -1.0]).to(position_N3)
    steep_N1 = backward_N3[:, 1:2].abs() > 1 - 1e-9
    up_N3 = torch.where(steep_N1, spare * backward_N3[:, 1:2].sign(), up)
    right_N3 = torch.nn.functional.normalize(torch.linalg.cross(up_N3, backward_N3), dim=-1)
    matrix_N44 = torch.eye(4).to(position_N3).repeat(len(position_N3), 1, 1)
    columns = [right_N3, torch.linalg.cross(backward_N3, right_N3), backward_N3, position_N3]
    matrix_N44[:, :3] = torch.stack(columns, dim=-1)
    return matrix_N44


def bounding_sphere(vertices_V3: Tensor) -> tuple[Tensor, float]:
    """Centre, (3,) float64, of the bounding box, and the radius of the sphere around all vertices.

    An empty mesh, and one of a single point, gets the radius 1, so that cameras can look at it.
    """
    points_V3 = vertices_V3.detach().double()
    if not len(points_V3):
        return torch.zeros(3, dtype=torch.float64, device=points_V3.device), 1.0
    center_3 = (points_V3.amin(dim=0) + points_V3.amax(dim=0)) / 2
    radius = float((points_V3 - center_3).norm(dim=-1).max())
    return center_3, radius or 1.0


def part_cameras(
    count: int,
    *,
    center_3: Tensor,
    radius: float,
    generator: torch.Generator,
    size: int = 256,
    distance: float = DISTANCE,
    fov_y: float = FOV,
) -> Cameras:
    """Square cameras in random directions around a part, as TRELLIS trains its mesh decoder with.

    They look at the part's centre from as many radii as `distance` says, and depth is told in
    radii: a small part fills as many pixels, and weighs as much in a loss, as a large one.

    Args:
        count: how many.
        center_3: (3,) float, see `bounding_sphere`.
        radius: of the part, units of the world, > 0.
        generator: of the directions, which are uniform over the sphere; on any device.
        size: pixels along a side.
        distance: radii between a camera and the centre.
        fov_y: field of view, radians.

    Returns:
        float64 cameras on the device of `center_3`.
    """
    if not radius > 0:
        raise ValueError(f"expected the radius of a part, more than 0, found {radius}")
    drawn_N3 = torch.randn(
        count, 3, generator=generator, device=generator.device, dtype=torch.float64
    )
    direction_N3 = torch.nn.functional.normalize(drawn_N3, dim=-1).to(center_3.device)
    target_3 = center_3.double()
    full = torch.ones(count, dtype=torch.float64, device=center_3.device)
    return Cameras(
        camera_to_world_N44=look_at(target_3 + distance * radius * direction_N3, target_3),
        fov_y_N=full * fov_y,
        unit_N=full * radius,
        height=size,
        width=size,
    )
