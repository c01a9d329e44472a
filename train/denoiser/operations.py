"""How many floating-point operations a step of training needs."""

from __future__ import annotations

from train.callbacks.speed import TRAINING_FACTOR
from train.denoiser.sample import Batch
from train.models.joint.config import JointConfig
from train.models.joint.operations import forward_operations

Sizes = tuple[int, int, int, int]
"""Branches of an object, geometry tokens, views, side of an image latent."""


class StepOperations:
    """Counts by running the network without memory, once for each kind of object.

    Objects do not see each other, so that theirs add up; texts cost in proportion to their length.
    An object is counted as one that is told its boxes and has its whole.
    """

    def __init__(self, config: JointConfig) -> None:
        self._config = config
        self._known: dict[Sizes, tuple[int, int]] = {}

    def training(self, batch: Batch) -> float:
        """Of a forward and a backward pass; what is computed again to save memory counts nothing.

        0 for modalities that are not those of the network.
        """
        geometry, images = batch["geometry"], batch["images"]
        built = (self._config.geometry is not None, self._config.images is not None)
        if built != (geometry is not None, images is not None):
            return 0.0
        tokens = 1 if geometry is None else geometry.shape[1]
        views, side = (1, 2) if images is None else (images.shape[1], images.shape[-1])
        words = batch["text"].shape[1]
        total = 0
        for count in batch["counts"]:
            bare, slope = self._of((count, tokens, views, side))
            total += bare + slope * words
        return float(TRAINING_FACTOR * total)

    def _of(self, sizes: Sizes) -> tuple[int, int]:
        """Without any words, and for each of them."""
        if sizes not in self._known:
            count, tokens, views, side = sizes
            one, two = (
                forward_operations(
                    self._config,
                    counts=(count,),
                    tokens=tokens,
                    views=views,
                    side=side,
                    words=words,
                )
                for words in (1, 2)
            )
            self._known[sizes] = (2 * one - two, two - one)
        return self._known[sizes]
