"""How beautiful an object looks: LAION's predictor on CLIP's image features, as TRELLIS used it.

TRELLIS (2024, appendix) keeps Objaverse-XL objects whose views score 5.5 and more on average, and
4.5 and more of curated sets. The predictor is a chain of linear layers on a feature of unit length;
LAION published it as `layers.0`, `layers.2` … of a module, or as one `weight` and `bias`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from huggingface_hub import hf_hub_download
from numpy.typing import NDArray
from safetensors.torch import load_file
from transformers import CLIPImageProcessor, CLIPVisionModelWithProjection

from ingest.judge.config import AestheticConfig
from ingest.judge.views import object_views
from partworks.errors import UsageError
from partworks.geometry.mesh import Mesh

_DIGITS = 4


class AestheticJudge:
    """Scores objects; keeps its two models in memory, on a GPU if there is one.

    Raises:
        UsageError: a model is not there, or the predictor does not fit the features.
    """

    def __init__(self, config: AestheticConfig) -> None:
        self._config = config
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            self._processor = CLIPImageProcessor.from_pretrained(config.clip)
            clip = CLIPVisionModelWithProjection.from_pretrained(config.clip)
        except OSError as error:
            raise UsageError(
                f"judge.aesthetic.clip is {config.clip!r}, and no CLIP model can be read there: "
                f"{error}"
            ) from error
        self._clip = clip
        # By way of the base class, whose methods are typed.
        torch.nn.Module.eval(clip)
        torch.nn.Module.to(clip, self._device)
        width = int(self._clip.config.projection_dim)
        self._predictor = load_predictor(config.predictor, width=width).to(self._device)

    def score(self, mesh: Mesh) -> float:
        """The mean score of the object's views; LAION's scores lie between 1 and 10."""
        pictures = object_views(mesh, count=self._config.views, size=self._config.size)
        return round(float(np.mean(self.score_pictures(pictures))), _DIGITS)

    @torch.inference_mode()
    def score_pictures(self, pictures: list[NDArray[np.uint8]]) -> NDArray[np.float64]:
        """(N,) float64: the score of each picture (H, W, 3) uint8."""
        pixels = self._processor(images=pictures, return_tensors="pt")["pixel_values"]
        features = self._clip(pixel_values=pixels.to(self._device)).image_embeds.float()
        scores = self._predictor(torch.nn.functional.normalize(features, dim=-1))
        found: NDArray[np.float64] = scores[:, 0].double().cpu().numpy()
        return found


def load_predictor(source: str, *, width: int) -> torch.nn.Sequential:
    """The linear layers of a predictor's file.

    Args:
        source: a file, or `REPO:FILE` on the hub; pickles other than tensors are refused.
        width: of the features.

    Raises:
        UsageError: there is no such file, or its layers do not lead from `width` numbers to one.
    """
    path = _find(source)
    if path.suffix == ".safetensors":
        tensors: Mapping[str, Any] = load_file(path)
    else:
        tensors = torch.load(path, map_location="cpu", weights_only=True)
    layers = []
    for stem in _stems(tensors):
        weight, bias = tensors[f"{stem}weight"].float(), tensors[f"{stem}bias"].float()
        layer = torch.nn.Linear(weight.shape[1], weight.shape[0])
        layer.load_state_dict({"weight": weight, "bias": bias})
        layers.append(layer)
    widths = [layer.in_features for layer in layers] + [1]
    outs = [width] + [layer.out_features for layer in layers]
    if not layers or widths != outs:
        raise UsageError(
            f"judge.aesthetic.predictor {source} has layers {widths}, expected a chain of linear "
            f"layers from {width} numbers, as the CLIP model gives them, to one"
        )
    return torch.nn.Sequential(*layers).eval().requires_grad_(False)


def _stems(tensors: Mapping[str, Any]) -> list[str]:
    """What stands before `weight` in the names of the layers, in their order."""
    stems = [name.removesuffix("weight") for name in tensors if name.endswith("weight")]
    return sorted(stems, key=lambda stem: [int(number) for number in re.findall(r"\d+", stem)])


def _find(source: str) -> Path:
    if Path(source).is_file():
        return Path(source)
    repository, _, name = source.partition(":")
    if not name:
        raise UsageError(
            f"judge.aesthetic.predictor is {source!r}, which is no file; give a file, or REPO:FILE "
            "on the hub"
        )
    try:
        return Path(hf_hub_download(repository, name))
    except OSError as error:
        raise UsageError(f"judge.aesthetic.predictor {source}: {error}") from error
