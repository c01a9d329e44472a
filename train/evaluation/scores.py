"""Which scores an object's parts and whole get."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from train.evaluation.scorers import PictureScorer, PointScorer
from train.metrics.mesh import TriangleMesh
from train.metrics.normal_maps import normal_maps
from train.metrics.sampling import sample_surface
from train.metrics.side_by_side import normals_as_picture
from train.rendering.base import Renderer
from train.sampling.views import ring_cameras
from train.validation.reconstruction import fitted

Float32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """Models that score, and how they are shown shapes.

    Attributes:
        pictures: CLIP, or None.
        points: ULIP or the like, or None.
        renderer: of normal maps, for the CPU.
        views: of a shape, around it.
        size: pixels along a side of a view.
        count: points on a surface.
        seed: of these.
    """

    pictures: PictureScorer | None
    points: PointScorer | None
    renderer: Renderer
    views: int = 4
    size: int = 224
    count: int = 8192
    seed: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is no model at all."""
        return self.pictures is None and self.points is None

    def of(self, mesh: TriangleMesh, images: Float32 | None, *, text: str) -> dict[str, float]:
        """`clip_normals`, `clip_images` and `points_text`, as far as there are models.

        What is missing, a shape without a surface or pictures of a network that makes none, is
        infinitely bad, so that tables leave it out of means and count it.

        Args:
            mesh: of a part or a whole.
            images: (V, H, W, 3) sRGB in 0…1 that were made of it.
            text: that it was told.
        """
        found = {}
        if self.pictures is not None:
            normals = None if mesh.is_empty else self._normals(mesh)
            found["clip_normals"] = _score(self.pictures, normals, text)
            found["clip_images"] = _score(self.pictures, images, text)
        if self.points is not None:
            cloud = None if mesh.is_empty else self._cloud(mesh)
            found["points_text"] = _score(self.points, cloud, text)
        return found

    def _normals(self, mesh: TriangleMesh) -> Float32:
        used = mesh.corners.reshape(-1, 3)
        cameras = ring_cameras(used, views=self.views, pixels=self.size)
        maps = normal_maps(mesh, cameras, renderer=self.renderer, device=torch.device("cpu"))
        return np.stack([normals_as_picture(view) for view in maps]).astype(np.float32) / 255

    def _cloud(self, mesh: TriangleMesh) -> Float32:
        used = mesh.corners.reshape(-1, 3)
        low, high = used.min(axis=0), used.max(axis=0)
        center = ((low + high) / 2).astype(np.float32)
        own = fitted(mesh, center=center, scale=float((high - low).max()) / 2)
        drawn = sample_surface(own, count=self.count, generator=np.random.default_rng(self.seed))
        return np.concatenate([drawn.points, drawn.normals], axis=1).astype(np.float32)


def _score(model: PictureScorer | PointScorer, shown: Float32 | None, text: str) -> float:
    return float("-inf") if shown is None else model(shown, text)
