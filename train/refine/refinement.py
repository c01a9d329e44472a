"""A part goes to an enhancer and comes back: normalised, voxelised, enhanced, put in its place.

CoPart, equations 8 and 9: M' = R(O, V) with V = Voxelize(T(M)), and the object is made of T⁻¹(M').
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from partworks.errors import UsageError
from train.frames import Frame
from train.metrics.mesh import TriangleMesh
from train.refine.voxels import RESOLUTION, Int64, surface_voxels

Float32 = NDArray[np.float32]


class Enhancer(Protocol):
    """R of equation 8: a network that makes a better mesh of a part."""

    def enhance(self, images: Float32, voxels: Int64) -> TriangleMesh:
        """The mesh, in the frame of the voxels: [-1, 1]³, y up.

        Args:
            images: (V, H, W, 3) sRGB in 0…1, the part's views.
            voxels: (K, 3) of `RESOLUTION`³, x, y, z, that the part's surface passes through.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EnhancerRefinement:
    """Refines parts by an enhancer; see `train.sampling.assembly.Refinement`.

    Attributes:
        enhancer: R.
        resolution: of the voxels.
    """

    enhancer: Enhancer
    resolution: int = RESOLUTION

    def __call__(self, mesh: TriangleMesh, images: Float32 | None) -> TriangleMesh:
        """The refined mesh, in the frame of the mesh.

        Raises:
            UsageError: there are no images, which enhancers need (CoPart, figure 8).
        """
        if images is None:
            raise UsageError(
                "parts are refined by their pictures too, but this network makes none; leave the "
                "refinement out, or sample with a network of both modalities"
            )
        frame = normalisation(mesh)
        inside = replace(mesh, vertices=(mesh.vertices - frame.center) / frame.scale)
        voxels = surface_voxels(inside, resolution=self.resolution)
        better = self.enhancer.enhance(images, voxels)
        return replace(better, vertices=frame.back(better.vertices))


def normalisation(mesh: TriangleMesh) -> Frame:
    """T: takes the longest side of the mesh's bounding box to [-1, 1].

    Raises:
        ValueError: the mesh has no extent.
    """
    used = mesh.vertices[np.unique(mesh.faces)]
    if mesh.is_empty or not np.ptp(used, axis=0).any():
        raise ValueError("a mesh without extent has no frame of its own; refine only what is there")
    return Frame.fitted(used, rotation=np.eye(3))
