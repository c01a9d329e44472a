"""Training and validation of the part VAE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import lightning
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from train.models.part_vae.model import PartVAE, PartVAEConfig
from train.models.part_vae.posterior import Posterior
from train.optimisation import AdamWConfig, make_optimizer

Batch = dict[str, Tensor]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldConfig:
    """What is learnt, and how it is weighed.

    Attributes:
        truncation: distance, in units of the normalised part, that is 1 in the field.
        band: distance below which a point counts as near the surface in `val/band_iou`.
        kl_weight: of the divergence; the rest of the loss is the sum of L1 and mean square error.
    """

    truncation: float = 0.25
    band: float = 0.1
    kl_weight: float = 1e-3

    def __post_init__(self) -> None:
        if not 0 < self.band < self.truncation:
            raise ValueError(
                f"field.band is {self.band}, expected more than 0 and less than the truncation, "
                f"{self.truncation}, beyond which distances are not told apart"
            )


class PartVAEModule(lightning.LightningModule):
    """A `PartVAE` with its loss (AutoPartGen, section 3.1: L1 + MSE on a truncated field + KL).

    Args:
        network: the size of the network.
        field: what is learnt.
        optimizer: how.
        seed: of the noise of the bottleneck. The noise of a step is a function of (seed, step,
            rank), so that a run that goes on from a checkpoint draws what it would have drawn.
    """

    def __init__(
        self,
        *,
        network: PartVAEConfig,
        field: FieldConfig,
        optimizer: AdamWConfig,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.model = PartVAE(network)
        self.field = field
        self.optimizer = optimizer
        self.seed = seed

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Loss of a batch, with a sampled latent."""
        del batch_idx
        posterior = self.model.encode(batch["surface"])
        predicted = self._field(posterior.sample(self._noise()), batch)
        losses = self._losses(predicted, batch, posterior)
        for name, value in losses.items():
            self.log(f"train/{name}", value, prog_bar=name == "loss")
        return losses["loss"]

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Metrics of a batch, with the mean latent."""
        del batch_idx
        posterior = self.model.encode(batch["surface"])
        predicted = self._field(posterior.mean_BTD, batch)
        losses = self._losses(predicted, batch, posterior)
        udf_BQ = predicted * self.field.truncation
        metrics = {
            "loss": losses["loss"],
            "distance_l1": (udf_BQ - self._truncated(batch)).abs().mean(),
            "band_iou": band_iou(udf_BQ, batch["distance"], band=self.field.band),
        }
        for name, value in metrics.items():
            size = len(batch["surface"])
            self.log(f"val/{name}", value, batch_size=size, sync_dist=True, prog_bar=True)

    def configure_optimizers(self) -> Any:
        """AdamW over every parameter."""
        return make_optimizer(self.parameters(), self.optimizer)

    def _field(self, latent_BTD: Tensor, batch: Batch) -> Tensor:
        return self.model.query(self.model.decode(latent_BTD), batch["queries"])

    def _truncated(self, batch: Batch) -> Tensor:
        return batch["distance"].clamp(max=self.field.truncation)

    def _losses(
        self, predicted_BQ: Tensor, batch: Batch, posterior: Posterior
    ) -> dict[str, Tensor]:
        target_BQ = self._truncated(batch) / self.field.truncation
        parts = {
            "l1": functional.l1_loss(predicted_BQ, target_BQ),
            "mse": functional.mse_loss(predicted_BQ, target_BQ),
            "kl": posterior.kl(),
        }
        return {"loss": parts["l1"] + parts["mse"] + self.field.kl_weight * parts["kl"], **parts}

    def _noise(self) -> torch.Generator:
        words = np.random.SeedSequence([self.seed, self.trainer.global_step, self.global_rank])
        # torch takes a signed 64-bit seed.
        seed = int(words.generate_state(1, np.uint64)[0]) >> 1
        return torch.Generator(self.device).manual_seed(seed)


def band_iou(predicted_BQ: Tensor, distance_BQ: Tensor, *, band: float) -> Tensor:
    """Intersection over union of the points nearer than `band`, averaged over parts: a scalar.

    Where neither has such a point the two agree, and the part counts 1.
    """
    ours, true = predicted_BQ < band, distance_BQ < band
    union_B = (ours | true).sum(dim=-1)
    both_B = (ours & true).sum(dim=-1)
    return torch.where(union_B > 0, both_B / union_B.clamp(min=1), 1.0).mean()
