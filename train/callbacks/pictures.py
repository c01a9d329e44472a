"""Pictures of the same few parts again and again, to see a network learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import lightning
import numpy as np
import torch
from torch import Tensor

from partworks.errors import UsageError
from train.callbacks.validated import ValidationPicture
from train.metrics.mesh import TriangleMesh
from train.metrics.normal_maps import Float32, normal_maps
from train.metrics.side_by_side import PictureRow, side_by_side
from train.rendering.cameras import Cameras, part_cameras
from train.rendering.choice import RendererName, choose_renderer

SPLAT = 1
"""Pixels around that of a surface point which it fills too."""


@runtime_checkable
class Reconstructing(Protocol):
    """A module that can be seen to learn."""

    def encode(self, surface_BSF: Tensor, *, sharp_BSF: Tensor | None = None) -> Any:
        """A posterior with `mean_BTD`."""

    def reconstruct(
        self, latent_BTD: Tensor, *, resolution: int | None = None
    ) -> Sequence[TriangleMesh]:
        """A mesh for each part, in its own frame, [-1, 1]³."""


class Reconstructions(ValidationPicture):
    """Renders what a network makes of the first parts of each validation.

    A row of the picture is a part: for each view the normals of its surface points, then those of
    its reconstruction from the mean latent. Parts, views and cameras are always the same. Pictures
    lie in the run's folder as `pictures/step=….png`, and go to TensorBoard or W&B.

    Args:
        parts: how many, at most one batch of one device.
        views: of each part.
        size: pixels along a side of a view.
        resolution: of the grid that meshes are extracted from; the module's own by default.
        every_n_validations: 1 for each.
        seed: of the cameras.
        renderer: see `train.rendering.choice`.
    """

    prefix = ""
    logged_as = "val/reconstructions"
    shows = Reconstructing
    lacks = "cannot reconstruct meshes"

    def __init__(
        self,
        *,
        parts: int = 4,
        views: int = 3,
        size: int = 128,
        resolution: int | None = None,
        every_n_validations: int = 1,
        seed: int = 0,
        renderer: RendererName = "auto",
    ) -> None:
        super().__init__(every_n_validations=every_n_validations)
        for name, value in {"parts": parts, "views": views, "size": size}.items():
            if value < 1:
                raise UsageError(f"{name} of Reconstructions is {value}, expected at least 1")
        self.parts = parts
        self.views = views
        self.size = size
        self.resolution = resolution
        self.seed = seed
        self.renderer: RendererName = renderer

    @torch.no_grad()
    def picture(self, module: lightning.LightningModule, batch: dict[str, Tensor]) -> bytes:
        """A PNG of the first parts of a batch."""
        assert isinstance(module, Reconstructing)
        surface_BSF = batch["surface"][: self.parts]
        sharp = batch.get("sharp")
        posterior = module.encode(
            surface_BSF, sharp_BSF=None if sharp is None else sharp[: self.parts]
        )
        meshes = module.reconstruct(posterior.mean_BTD, resolution=self.resolution)
        cameras = self._cameras()
        renderer = choose_renderer(self.renderer, surface_BSF.device)
        rows = [
            PictureRow(
                label=_label(row, mesh),
                true=splat(surface, cameras),
                predicted=normal_maps(mesh, cameras, renderer=renderer, device=surface_BSF.device),
            )
            for row, (surface, mesh) in enumerate(
                zip(surface_BSF.float().cpu().numpy(), meshes, strict=True)
            )
        ]
        return side_by_side(rows)

    def _cameras(self) -> Cameras:
        return part_cameras(
            self.views,
            center_3=torch.zeros(3, dtype=torch.float64),
            # Of the cube that parts fill, with a little air.
            radius=1.5,
            generator=torch.Generator().manual_seed(self.seed),
            size=self.size,
        )


def splat(surface_SF: Float32, cameras: Cameras) -> Float32:
    """(N, H, W, 3) float32 normals, in the frame of each camera, of the nearest points.

    Points are drawn as small squares and hide one another; where a surface is sampled thinly, what
    is behind shines through. Normals are turned to face the camera, the background is 0.

    Args:
        surface_SF: (S, 6 or more) float32 points with unit normals, world.
    """
    points_S3 = torch.from_numpy(surface_SF[:, :3]).double()
    normals_S3 = surface_SF[:, 3:6].astype(np.float64)
    maps = np.zeros((len(cameras), cameras.height, cameras.width, 3), np.float32)
    for view, seen_S3 in enumerate(cameras.view(points_S3).numpy()):
        rotation = cameras.camera_to_world_N44[view, :3, :3].numpy()
        turned_S3 = normals_S3 @ rotation
        turned_S3 *= np.where((turned_S3 * seen_S3).sum(axis=1, keepdims=True) > 0, -1.0, 1.0)
        focal = float(cameras.focal_N[view])
        depth_S = -seen_S3[:, 2]
        column = np.floor(cameras.width / 2 + focal * seen_S3[:, 0] / depth_S).astype(int)
        row = np.floor(cameras.height / 2 - focal * seen_S3[:, 1] / depth_S).astype(int)
        # The nearest come last, and what is written last stays.
        order = np.argsort(-depth_S, kind="stable")
        for down in range(-SPLAT, SPLAT + 1):
            for right in range(-SPLAT, SPLAT + 1):
                rows = (row[order] + down).clip(0, cameras.height - 1)
                columns = (column[order] + right).clip(0, cameras.width - 1)
                maps[view, rows, columns] = turned_S3[order]
    return maps


def _label(row: int, mesh: TriangleMesh) -> str:
    return f"part {row}\n{len(mesh.faces)} faces" if len(mesh.faces) else f"part {row}\nno surface"
