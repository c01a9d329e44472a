"""The second stage of TRELLIS as an enhancer.

TRELLIS (Xiang et al. 2024) makes structured latents on given voxels from pictures, and decodes them
to a mesh. This project does not depend on it: install it, load its image pipeline, hand it over.

    from trellis.pipelines import TrellisImageTo3DPipeline

    pipeline = TrellisImageTo3DPipeline.from_pretrained("microsoft/TRELLIS-image-large")
    pipeline.cuda()
    refinement = EnhancerRefinement(enhancer=TrellisEnhancer(pipeline=pipeline))

Its z axis points up, and its voxels fill [-0.5, 0.5]³.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import label
from torch import Tensor

from partworks.errors import UsageError
from train.metrics.mesh import TriangleMesh
from train.refine.refinement import EnhancerRefinement
from train.refine.voxels import RESOLUTION, Int64

Float32 = NDArray[np.float32]

PUBLISHED = "microsoft/TRELLIS-image-large"
_WHITE = 0.98
"""Brightness from which on a pixel of every channel counts as background."""


class TrellisPipeline(Protocol):
    """What is used of `trellis.pipelines.TrellisImageTo3DPipeline`."""

    device: torch.device

    def preprocess_image(self, input: Image.Image) -> Image.Image:
        """A picture cropped to what is there, on black."""
        ...

    def get_cond(self, image: list[Image.Image]) -> dict[str, Tensor]:
        """Features of pictures, `cond` and `neg_cond`."""
        ...

    def sample_slat(
        self, cond: dict[str, Tensor], coords: Tensor, sampler_params: Mapping[str, Any]
    ) -> Any:
        """Structured latents on (K, 4) int32 voxels: 0, x, y, z."""
        ...

    def decode_slat(self, slat: Any, formats: Sequence[str]) -> dict[str, Any]:
        """`mesh`: a list of one with `vertices` and `faces`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TrellisEnhancer:
    """R of CoPart's equation 8 by TRELLIS' second stage.

    Attributes:
        pipeline: TRELLIS' own.
        views: pictures it is shown, spread over those there are; their features are joined, as the
            mode of several pictures without averaging does. 1 is what it was trained with.
        seed: of its noise.
        sampler: settings of its sampler, such as `steps` and `cfg_strength`.
    """

    pipeline: TrellisPipeline
    views: int = 1
    seed: int = 0
    sampler: Mapping[str, Any] = field(default_factory=dict)

    def enhance(self, images: Float32, voxels: Int64) -> TriangleMesh:
        """See `train.refine.refinement.Enhancer.enhance`."""
        chosen = [images[place * len(images) // self.views] for place in range(self.views)]
        prepared = [self.pipeline.preprocess_image(cut_out(each)) for each in chosen]
        features = self.pipeline.get_cond(prepared)
        joined = {
            "cond": features["cond"].flatten(0, 1)[None],
            "neg_cond": features["neg_cond"][:1].expand(1, *features["neg_cond"].shape[1:]),
        }
        with torch.random.fork_rng():
            torch.manual_seed(self.seed)
            latents = self.pipeline.sample_slat(
                joined, trellis_voxels(voxels).to(self.pipeline.device), self.sampler
            )
        (mesh,) = self.pipeline.decode_slat(latents, ["mesh"])["mesh"]
        return TriangleMesh(
            vertices=from_trellis(mesh.vertices.detach().double().cpu().numpy()),
            faces=mesh.faces.detach().long().cpu().numpy(),
        )


def trellis_refinement(
    *, name: str = PUBLISHED, device: str = "cuda", views: int = 1, seed: int = 0
) -> EnhancerRefinement:
    """The refinement by TRELLIS' published weights, for `--refinement` of the command line.

    Args:
        name: of the hub, or a folder.
        device: to run on.
        views: see `TrellisEnhancer`.
        seed: likewise.

    Raises:
        UsageError: TRELLIS is not installed.
    """
    pipeline = load_pipeline(name, device=device)
    return EnhancerRefinement(enhancer=TrellisEnhancer(pipeline=pipeline, views=views, seed=seed))


def load_pipeline(name: str = PUBLISHED, *, device: str = "cuda") -> TrellisPipeline:
    """TRELLIS' pipeline of a hub's name or a folder.

    Raises:
        UsageError: TRELLIS is not installed.
    """
    try:
        pipelines = import_module("trellis.pipelines")
    except ImportError as error:
        raise UsageError(
            "TRELLIS is not installed; see its own pages for how to, or leave the refinement out"
        ) from error
    loaded: Any = pipelines.TrellisImageTo3DPipeline.from_pretrained(name)
    loaded.to(torch.device(device))
    pipeline: TrellisPipeline = loaded
    return pipeline


def trellis_voxels(voxels: Int64, *, resolution: int = RESOLUTION) -> Tensor:
    """(K, 4) int32: 0 and x, y, z of TRELLIS, of (K, 3) voxels with y up, ascending."""
    x, y, z = voxels.T
    turned = np.stack([np.zeros_like(x), x, resolution - 1 - z, y], axis=1)
    return torch.from_numpy(np.unique(turned, axis=0).astype(np.int32))


def from_trellis(vertices: NDArray[np.float64]) -> NDArray[np.float64]:
    """(V, 3) vertices of TRELLIS' frame in [-1, 1]³ with y up."""
    x, y, z = 2 * vertices.T
    return np.stack([x, z, -y], axis=1)


def cut_out(image: Float32) -> Image.Image:
    """An RGBA picture of (H, W, 3) sRGB in 0…1 on white: TRELLIS wants to know what is background.

    Background is what is white and joined to the rim.
    """
    white = (image >= _WHITE).all(axis=-1)
    areas, _ = label(np.pad(white, 1, constant_values=True))
    alpha = (areas != areas[0, 0])[1:-1, 1:-1]
    picture = np.concatenate([image, alpha[..., None]], axis=-1)
    return Image.fromarray(np.rint(255 * picture).astype(np.uint8), "RGBA")
