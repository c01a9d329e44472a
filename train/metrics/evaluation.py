"""All metrics of a predicted part or object at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from train.metrics.distances import chamfer, f_score, match, normal_consistency
from train.metrics.mesh import TriangleMesh
from train.metrics.normal_maps import normal_maps, normal_psnr
from train.metrics.sampling import sample_surface
from train.metrics.voxels import iou, voxelise_mesh
from train.rendering.base import Renderer
from train.rendering.cameras import Cameras, bounding_sphere, part_cameras

Float32 = NDArray[np.float32]


# The parser of settings reads the attributes of a default through vars(), which slots lack.
@dataclass(frozen=True, kw_only=True)
class EvaluationConfig:
    """What is measured, and how finely.

    Attributes:
        resolution: cells along a side of the grids for IoU.
        points: drawn on each surface for distances; TRELLIS has 100,000, PartCrafter 204,800.
        thresholds: of F-scores; AutoPartGen has 0.02, TRELLIS 0.05.
        views: normal maps of each part for PSNR.
        view_size: pixels along a side of a map.
        seed: of points and views.
    """

    resolution: int = 64
    points: int = 100_000
    thresholds: tuple[float, ...] = (0.02, 0.05)
    views: int = 4
    view_size: int = 256
    seed: int = 0

    def __post_init__(self) -> None:
        numbers = (self.resolution, self.points, self.views, self.view_size)
        if min(numbers) < 1:
            raise ValueError(
                "resolution, points, views and view_size must be at least 1, "
                f"found {', '.join(map(str, numbers))}"
            )

    @property
    def conditions(self) -> dict[str, float]:
        """What a number hangs on, to be stated beside it."""
        return {"iou_resolution": self.resolution, "points": self.points, "views": self.views}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """Metrics by name, and the (N, H, W, 3) normal maps that went into them."""

    metrics: dict[str, float]
    predicted_maps: Float32
    true_maps: Float32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluator:
    """Compares meshes in one frame, in which the object fills [-1, 1]³.

    Attributes:
        config: what is measured.
        renderer: of normal maps.
        device: where to render and to search for neighbours.
    """

    config: EvaluationConfig
    renderer: Renderer
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    def compare(self, predicted: TriangleMesh, true: TriangleMesh) -> Evaluation:
        """The metrics of one part, or of a whole object as one mesh.

        Views are aimed at the true mesh, and all random numbers hang on the config's seed alone.
        """
        grids = [
            voxelise_mesh(mesh, resolution=self.config.resolution) for mesh in (predicted, true)
        ]
        return self._compare(predicted, true, overlap=iou(*grids))

    def compare_object(
        self, predicted: Sequence[TriangleMesh], true: Sequence[TriangleMesh]
    ) -> tuple[list[Evaluation], Evaluation]:
        """The metrics of each part, and of the object that they make.

        The object's solid is the union of its parts' solids; its surface is all of their surfaces.
        """
        pairs = list(zip(predicted, true, strict=True))
        parts = [self.compare(*pair) for pair in pairs]
        solids = [self._union(meshes) for meshes in (predicted, true)]
        surfaces = [TriangleMesh.union(meshes) for meshes in (predicted, true)]
        return parts, self._compare(surfaces[0], surfaces[1], overlap=iou(*solids))

    def _union(self, meshes: Sequence[TriangleMesh]) -> NDArray[np.bool_]:
        solid = np.zeros((self.config.resolution,) * 3, bool)
        for mesh in meshes:
            solid |= voxelise_mesh(mesh, resolution=self.config.resolution)
        return solid

    def _compare(
        self, predicted: TriangleMesh, true: TriangleMesh, *, overlap: float
    ) -> Evaluation:
        generator = np.random.default_rng(self.config.seed)
        found = match(
            *(
                sample_surface(mesh, count=self.config.points, generator=generator)
                for mesh in (predicted, true)
            ),
            device=self.device,
        )
        distance, cameras = chamfer(found), self._cameras(true)
        ours, theirs = (
            normal_maps(mesh, cameras, renderer=self.renderer, device=self.device)
            for mesh in (predicted, true)
        )
        scores = {
            f"f_score_{threshold:g}": f_score(found, threshold=threshold)
            for threshold in self.config.thresholds
        }
        return Evaluation(
            metrics={
                "iou": overlap,
                "chamfer_summed": distance.summed,
                "chamfer_halved": distance.halved,
                **scores,
                "normal_consistency": normal_consistency(found),
                "normal_psnr": normal_psnr(ours, theirs),
            },
            predicted_maps=ours,
            true_maps=theirs,
        )

    def _cameras(self, mesh: TriangleMesh) -> Cameras:
        center, radius = bounding_sphere(torch.from_numpy(mesh.corners.reshape(-1, 3)))
        return part_cameras(
            self.config.views,
            center_3=center,
            radius=radius,
            generator=torch.Generator().manual_seed(self.config.seed),
            size=self.config.view_size,
        )
