from __future__ import annotations

import io
from typing import Any

import lightning
import numpy as np
import pytest
import torch
from PIL import Image

from partworks.errors import UsageError
from tests.train.denoiser.made import made_object
from train.callbacks.denoised import Denoised
from train.denoiser.objective import Estimate
from train.denoiser.sample import Batch, collate
from train.models.joint.inputs import JointNoise
from train.sampling.previews import SIZE


class Painter(lightning.LightningModule):
    """Takes everything for red pictures and white maps."""

    def estimate(self, batch: Batch, *, share: float) -> Estimate:
        del share
        images = torch.full_like(batch["images"], -1.0)
        images[:, :, 0] = 1.0
        geometry = torch.full_like(batch["geometry"], 2.0)
        clean = JointNoise(geometry=geometry, images=images)
        return Estimate(noisy=clean, clean=clean)


def shown(picture: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))


def test_a_row_for_each_modality_of_a_branch() -> None:
    batch = collate([made_object(2)])
    pixels = shown(Denoised(branches=2, shares=(0.5,)).picture(Painter(), batch))
    # Two branches of two modalities, and three columns.
    assert pixels.shape[0] == pytest.approx(4 * SIZE, abs=50)
    last = pixels[SIZE // 2, -SIZE // 2]
    assert last.tolist() == [255, 0, 0]
    below = pixels[SIZE + SIZE // 2, -SIZE // 2]
    assert below.tolist() == [255, 255, 255]


def test_what_cannot_be_shown_is_refused() -> None:
    with pytest.raises(UsageError, match="does not denoise; take Denoised out"):
        Denoised().setup(lightning.Trainer(logger=False), lightning.LightningModule(), "fit")
    with pytest.raises(UsageError, match="shares of the pictures"):
        Denoised(shares=(2.0,))
    with pytest.raises(UsageError, match="at least 1"):
        Denoised(branches=0)
