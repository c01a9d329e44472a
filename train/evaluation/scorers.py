"""How well pictures and shapes fit their texts, by models that learned both together.

CoPart's tables have CLIP of normal maps and texts, CLIP of pictures and texts, and ULIP of points
and texts, each for parts and wholes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cosine_similarity, interpolate

from train.models.external.hub import locate, readable, require_covered

Float32 = NDArray[np.float32]

_MEAN = (0.48145466, 0.4578275, 0.40821073)
_SPREAD = (0.26862954, 0.26130258, 0.27577711)
"""Of the pictures that CLIP was trained on (Radford et al. 2021)."""


class PictureScorer(Protocol):
    """Scores pictures by a text."""

    def __call__(self, pictures_KHW3: Float32, text: str) -> float:
        """Mean score of (K, H, W, 3) float32 sRGB in 0…1."""
        ...


class PointScorer(Protocol):
    """Scores a shape by a text, as ULIP does."""

    def __call__(self, points_S6: Float32, text: str) -> float:
        """The score of (S, 6) float32 surface points and normals; the longest side is 2."""
        ...


class ClipScorer:
    """Cosines of CLIP's embeddings.

    Args:
        source: folder or hub name of a CLIP model with its tokenizer.
        device: where to run it.

    Raises:
        CheckpointError: it cannot be read.
    """

    def __init__(self, source: str | Path, *, device: torch.device | None = None) -> None:
        from transformers import AutoTokenizer, CLIPModel

        self.device = device or torch.device("cpu")
        with readable(source, "CLIP model"):
            loaded: Any = CLIPModel.from_pretrained(
                **_whole(source), output_loading_info=True, dtype=torch.float32
            )
            network, account = loaded
            require_covered(source, "CLIP model", account)
        with readable(source, "tokenizer"):
            self._tokenizer: Any = AutoTokenizer.from_pretrained(**_whole(source))
        self._network: Any = network.eval().requires_grad_(False).to(self.device)

    @torch.no_grad()
    def __call__(self, pictures_KHW3: Float32, text: str) -> float:
        """See `PictureScorer`: the mean cosine, -1…1."""
        config = self._network.config
        read = self._tokenizer(
            [text],
            max_length=config.text_config.max_position_embeddings,
            truncation=True,
            return_tensors="pt",
        )
        found = self._network(
            input_ids=read["input_ids"].to(self.device),
            attention_mask=read["attention_mask"].to(self.device),
            pixel_values=_prepared(pictures_KHW3, size=config.vision_config.image_size).to(
                self.device
            ),
        )
        return float(cosine_similarity(found.image_embeds, found.text_embeds).mean())


def _whole(source: str | Path) -> dict[str, Any]:
    """Where the model is: CLIP's folders have no folders inside."""
    found = locate(source, "clip")
    found.pop("subfolder", None)
    return found


def _prepared(pictures_KHW3: Float32, *, size: int) -> torch.Tensor:
    """(K, 3, size, size) as CLIP was trained on; pictures are square."""
    pictures = torch.from_numpy(np.ascontiguousarray(pictures_KHW3)).permute(0, 3, 1, 2).float()
    resized = interpolate(pictures, size=(size, size), mode="bicubic", antialias=True).clamp(0, 1)
    mean, spread = (torch.tensor(each)[:, None, None] for each in (_MEAN, _SPREAD))
    return (resized - mean) / spread
