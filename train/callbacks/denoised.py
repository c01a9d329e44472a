"""Pictures of the same few branches again and again, to see denoisers learn."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import lightning
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from partworks.errors import UsageError
from train.callbacks.validated import ValidationPicture
from train.sampling.previews import as_bytes, sheet


@runtime_checkable
class Estimating(Protocol):
    """A module that can be seen to denoise."""

    def estimate(self, batch: dict[str, Any], *, share: float) -> Any:
        """`noisy` and `clean` latents with `geometry` and `images`, from a share of the times."""


class Denoised(ValidationPicture):
    """Draws what denoisers make of the first branches of each validation in one step.

    A row is a branch; its columns are the clean latents, then for each share of the times the noisy
    ones and the estimate. Of pictures the first three channels of the first view are colours, which
    they truly are with the codec `pixels`; geometry is a map of its tokens by channels. Nothing is
    decoded, which keeps it cheap; `python -m train sample` shows objects. Pictures lie in the run's
    folder as `pictures/denoised-step=….png`, and go to TensorBoard or W&B.

    Args:
        branches: how many, at most those of a batch of one device.
        shares: of the times, 0…1; more is noisier.
        every_n_validations: 1 for each.
    """

    prefix = "denoised-"
    logged_as = "val/denoised"
    shows = Estimating
    lacks = "does not denoise"

    def __init__(
        self,
        *,
        branches: int = 6,
        shares: tuple[float, ...] = (0.2, 0.5, 0.8),
        every_n_validations: int = 1,
    ) -> None:
        super().__init__(every_n_validations=every_n_validations)
        if branches < 1:
            raise UsageError(f"branches of Denoised is {branches}, expected at least 1")
        if not shares or not all(0 <= share <= 1 for share in shares):
            raise UsageError(f"shares of the pictures are {shares}, expected some in 0 to 1")
        self.branches = branches
        self.shares = tuple(shares)

    def picture(self, module: lightning.LightningModule, batch: dict[str, Any]) -> bytes:
        """A PNG of the first branches of a batch."""
        assert isinstance(module, Estimating)
        estimates = [module.estimate(batch, share=share) for share in self.shares]
        rows: list[tuple[str, list[NDArray[np.uint8]]]] = []
        for row, label in list(enumerate(_labels(batch)))[: self.branches]:
            for name, draw in (("images", _colors), ("geometry", _map)):
                if batch[name] is None:
                    continue
                shown = [batch[name]]
                for each in estimates:
                    shown += [getattr(each.noisy, name), getattr(each.clean, name)]
                rows.append((label, [draw(latents[row]) for latents in shown]))
        return sheet(rows)


def _labels(batch: dict[str, Any]) -> list[str]:
    labels = []
    for key, count in zip(batch["keys"], batch["counts"], strict=True):
        parts = count - batch["has_global"]
        labels += [f"{key}\npart {part}" for part in range(parts)]
        labels += [f"{key}\nwhole"] * batch["has_global"]
    return labels


def _colors(latents_V4HW: Tensor) -> NDArray[np.uint8]:
    """(H, W, 3) of the first view."""
    color = latents_V4HW[0, :3].float().cpu().permute(1, 2, 0).numpy()
    return as_bytes((color + 1) / 2)


def _map(latent_TD: Tensor) -> NDArray[np.uint8]:
    """(T, D, 3) grey between -2 and 2."""
    grey = latent_TD.float().cpu().numpy()[..., None].repeat(3, axis=-1)
    return as_bytes((grey + 2) / 4)
