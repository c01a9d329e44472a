"""Training and validation of the joint part denoisers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import lightning
import torch
from lightning.pytorch.utilities import rank_zero_info
from torch import Tensor

from partworks.errors import UsageError
from train.denoiser.data import LatentDataModule
from train.denoiser.objective import Denoising, DenoisingConfig, Errors, Estimate
from train.denoiser.operations import StepOperations
from train.denoiser.randomness import draw_drops, draw_times
from train.denoiser.sample import Batch
from train.denoiser.starting import start_from
from train.models.joint.config import JointConfig
from train.models.joint.pretrained import PretrainedConfig, build_joint_denoiser
from train.optimisation import AdamWConfig, make_optimizer

VALIDATION_SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Of the times, at which each object is validated."""

NEW_NETWORKS = PretrainedConfig()


class DenoiserModule(lightning.LightningModule):
    """The joint denoisers with their objective (CoPart, sections 3.2 and 4).

    Times, noise and what is not told are functions of the seed and of an object's place in the
    order of training, so that a run that goes on, or is shared out otherwise, draws what it would
    have drawn.

    Args:
        network: what the denoisers are made of.
        objective: what they are trained for.
        optimizer: how.
        pretrained_lr: learning rate of what published networks have; None is that of `optimizer`,
            which is for what they have not.
        pretrained: published networks to start from.
        init_from: checkpoints of the stage before, whose weights alone are taken; see
            `train.denoiser.starting`.
        seed: of times, noise, and what is not told.
    """

    data_module = LatentDataModule
    """What reads the data of such a module."""

    def __init__(
        self,
        *,
        network: JointConfig,
        objective: DenoisingConfig,
        optimizer: AdamWConfig,
        pretrained_lr: float | None = None,
        pretrained: PretrainedConfig = NEW_NETWORKS,
        init_from: list[str] | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if init_from and pretrained != NEW_NETWORKS:
            raise UsageError(
                "init_from and pretrained are both set, and the former has all weights of the "
                "latter; set pretrained to null"
            )
        self.model = build_joint_denoiser(network, pretrained)
        if self.model.config != network:
            assert self.model.config.images is not None
            raise UsageError(
                "the published network of images is made for a sample_size of "
                f"{self.model.config.images.sample_size}; set network.images.sample_size to that, "
                "so that the run's config says it"
            )
        self.denoising = Denoising(objective)
        self.optimizer = optimizer
        self.pretrained_lr = pretrained_lr
        self.seed = seed
        self._operations = StepOperations(self.model.config)
        if init_from:
            report = start_from(self.model, init_from)
            rank_zero_info(report.table())

    def on_fit_start(self) -> None:
        """Refuse latents of other sizes than the network's, before a kernel does."""
        if isinstance(self.trainer.datamodule, LatentDataModule):  # type: ignore[attr-defined]
            self._check(self.trainer.datamodule.sizes())  # type: ignore[attr-defined]

    def training_step(self, batch: Batch, batch_idx: int) -> dict[str, Any]:
        """Loss of a batch at times that are drawn, some objects being told less."""
        del batch_idx
        config, places = self.denoising.config, batch["place"].tolist()
        times = draw_times(places, times=len(self.denoising.geometry), seed=self.seed)
        drops = draw_drops(
            places,
            text=config.drop_text,
            boxes=config.drop_boxes,
            both=config.drop_both,
            seed=self.seed,
        )
        errors = self.denoising.errors(self.model, batch, times=times, drops=drops, seed=self.seed)
        self.log("train/loss", errors.loss, prog_bar=True, batch_size=len(places))
        self.log("train/branches", sum(batch["counts"]) / len(places), batch_size=len(places))
        for name, error_B in modalities(errors):
            self.log(f"train/{name}", error_B.mean(), prog_bar=True, batch_size=len(places))
        # What is here besides the loss is for `ErrorsByTime`.
        shares = times / len(self.denoising.geometry)
        return {"loss": errors.loss, "shares": shares, "errors": dict(modalities(errors))}

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Errors at fixed times, everything told, and their means."""
        del batch_idx
        size, count = len(batch["counts"]), len(self.denoising.geometry)
        means: dict[str, list[Tensor]] = {}
        for share in VALIDATION_SHARES:
            times = torch.full((size,), int(share * count))
            errors = self.denoising.errors(
                self.model, batch, times=times, drops=None, seed=self.seed
            )
            found = {"loss": errors.loss}
            found |= {name: error_B.mean() for name, error_B in modalities(errors)}
            for name, value in found.items():
                means.setdefault(name, []).append(value)
                if name != "loss":
                    place = f"val/{name}_time{round(10 * share)}"
                    self.log(place, value, batch_size=size, sync_dist=True)
        for name, values in means.items():
            mean = torch.stack(values).mean()
            self.log(f"val/{name}", mean, batch_size=size, sync_dist=True, prog_bar=True)

    @torch.no_grad()
    def estimate(self, batch: Batch, *, share: float) -> Estimate:
        """What the denoisers make of a batch in one step, from a share of the times."""
        size, count = len(batch["counts"]), len(self.denoising.geometry)
        times = torch.full((size,), min(int(share * count), count - 1))
        return self.denoising.estimate(self.model, batch, times=times, seed=self.seed)

    def configure_optimizers(self) -> Any:
        """AdamW over every weight that is trained: what published networks have, and the rest."""
        slow = list(self.model.pretrained_parameters())
        groups: list[dict[str, Any]] = [{"params": list(self.model.new_parameters())}]
        lr = self.optimizer.lr if self.pretrained_lr is None else self.pretrained_lr
        groups.append({"params": slow, "lr": lr})
        return make_optimizer([each for each in groups if each["params"]], self.optimizer)

    def training_flops(self, batch: Batch) -> float:
        """Operations of a forward and a backward pass over a batch, for `Throughput`."""
        return self._operations.training(batch)

    def _check(self, found: dict[str, int]) -> None:
        network = self.model.config
        wanted = {"text channels": network.text_width}
        if network.geometry is not None:
            wanted["geometry channels"] = network.geometry.latent_dim
        if network.images is not None:
            wanted["image channels"] = network.images.latent_channels
        for name, size in wanted.items():
            if name not in found:
                kind = "geometry" if name.startswith("geometry") else "images"
                raise UsageError(
                    f"the network has a denoiser of {kind}, and the data leaves it out; set "
                    f"--data.{kind} true, or model.init_args.network.{kind} null"
                )
            if found[name] != size:
                raise UsageError(
                    f"the latents have {found[name]} {name}, and the network {size}; set "
                    "model.init_args.network to fit, or encode with other models"
                )


def modalities(errors: Errors) -> Iterator[tuple[str, Tensor]]:
    """Names and (B,) errors of those that there are."""
    if errors.geometry is not None:
        yield "geometry", errors.geometry
    if errors.images is not None:
        yield "images", errors.images
