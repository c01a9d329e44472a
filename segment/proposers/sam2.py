"""Masks from SAM 2, prompted with points on the object, on several pictures of each view."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from segment.proposers.base import ViewMasks
from segment.proposers.cleaning import clean_mask
from segment.proposers.pictures import MODES, Mode, picture
from segment.views import ViewImages

Bool = NDArray[np.bool_]
Float64 = NDArray[np.float64]
UInt8 = NDArray[np.uint8]

RANDOM = "random"
"""Instead of a checkpoint: untrained weights."""


# The parser of settings reads the attributes of a nested default through vars(), which slots lack.
@dataclass(frozen=True, kw_only=True)
class Sam2Config:
    """How SAM 2 is loaded and asked; the thresholds are SAMesh's, looser than SAM 2's own.

    Attributes:
        model: a configuration of the `sam2` package that fits the checkpoint.
        checkpoint: a file with weights, a name on the Hugging Face hub such as
            `facebook/sam2.1-hiera-large`, or `random` for untrained weights, to try the plumbing.
        modes: pictures of each view that are looked at; see `pictures.picture`.
        prompts: points on each picture.
        batch: points at a time; 0 fits the device.
        device: `auto` takes CUDA where there is any.
        pred_iou_thresh: masks that the model trusts less are dropped.
        stability_score_thresh: masks that a shift of the cutoff changes more are dropped.
        stability_score_offset: that shift, in logits.
        box_nms_thresh: of two masks whose boxes overlap more, the one trusted less is dropped.
        min_share: of the image that a mask, an island or a hole must cover.
    """

    model: str = "configs/sam2.1/sam2.1_hiera_l.yaml"
    checkpoint: str = ""
    modes: tuple[Mode, ...] = ("normal", "diameter")
    prompts: int = 1024
    batch: int = 0
    device: Literal["auto", "cpu", "cuda"] = "auto"
    pred_iou_thresh: float = 0.5
    stability_score_thresh: float = 0.7
    stability_score_offset: float = 1.0
    box_nms_thresh: float = 0.7
    min_share: float = 1 / 1024

    def __post_init__(self) -> None:
        unknown = [mode for mode in self.modes if mode not in MODES]
        if unknown or not self.modes:
            raise ValueError(f"modes must be one or more of {list(MODES)}, not {list(self.modes)}")
        if self.prompts < 1 or self.batch < 0:
            raise ValueError("prompts must be at least 1, and batch at least 0 (fit the device)")
        for name in ("pred_iou_thresh", "stability_score_thresh", "box_nms_thresh", "min_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be in [0, 1], not {getattr(self, name)}")


class PointPrompted(Protocol):
    """A model that finds masks at points of a picture."""

    def masks(self, image: UInt8, points: Float64) -> Iterable[tuple[Bool, float]]:
        """Masks (H, W) bool, each with how good the model takes it to be, in [0, 1].

        Args:
            image: (H, W, 3) uint8 sRGB.
            points: (N, 2) float64, x and y as shares of width and height.
        """
        ...


class Sam2Proposer:
    """Asks a model for masks at points drawn from the object's pixels.

    Args:
        config: what is asked for.
        model: such as `sam2_model.load_model(config)` gives.
    """

    def __init__(self, config: Sam2Config, *, model: PointPrompted) -> None:
        # Masks of untrained weights must not pass for a model's.
        self.name = "sam2-untrained" if config.checkpoint == RANDOM else "sam2"
        self._config = config
        self._model = model

    def propose(
        self, views: Sequence[ViewImages], *, generator: np.random.Generator
    ) -> list[ViewMasks]:
        """See `Proposer.propose`; the generator draws the points."""
        return [
            ViewMasks.joined([self._masks(view, mode, generator) for mode in self._config.modes])
            for view in views
        ]

    def _masks(self, view: ViewImages, mode: Mode, generator: np.random.Generator) -> ViewMasks:
        hit, shape = view.hit, view.face_id.shape
        points = draw_points(hit, count=self._config.prompts, generator=generator)
        if not len(points):
            return ViewMasks.from_pixels([], [], shape=shape)
        least = max(1, round(self._config.min_share * hit.size))
        pixels, scores = [], []
        for mask, score in self._model.masks(picture(view, mode), points):
            pixels.append(np.flatnonzero(clean_mask(mask, hit, least=least)))
            scores.append(score)
        return ViewMasks.from_pixels(pixels, scores, shape=shape)


def draw_points(hit: Bool, *, count: int, generator: np.random.Generator) -> Float64:
    """(N, 2) float64: the middles of up to `count` different pixels that hit, in no order.

    x and y are shares of the width and the height.
    """
    pixels = np.flatnonzero(hit)
    chosen = generator.choice(pixels, size=min(count, len(pixels)), replace=False)
    rows, columns = np.divmod(chosen, hit.shape[1])
    return np.stack([(columns + 0.5) / hit.shape[1], (rows + 0.5) / hit.shape[0]], axis=1)
