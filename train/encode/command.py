"""`python -m train encode --config C --data.root ROOT --ckpt_path CHECKPOINT --output DIR`."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import lightning
import torch
from lightning.pytorch.callbacks import ProgressBar
from lightning.pytorch.utilities import rank_zero_info
from torch.utils.data import DataLoader

from partworks.errors import UsageError
from shards.reader import ShardIndex
from train.data import PartDataModule
from train.encode.conditions import Companions
from train.encode.config import DEFAULTS, EncodeConfig
from train.encode.identity import describe_checkpoint, identity_of
from train.encode.manifest import Manifest, find
from train.encode.output import OutputFolder
from train.encode.plan import INDEX, ShardPlan, plan_shards
from train.encode.shard import write_shard
from train.encode.summary import summary_files
from train.encode.weights import load_weights
from train.models.vecset.model import VecSetAutoencoder

HALF = ("bf16-true", "16-true")

NOTHING = -1
"""Stands for a shard where a rank has none, so that no rank ends before the others."""


def encode(
    trainer: lightning.Trainer,
    model: lightning.LightningModule,
    datamodule: PartDataModule,
    *,
    output: str,
    ckpt_path: str | None = None,
    settings: EncodeConfig = DEFAULTS,
) -> None:
    """Write the latents of every sample of a training set into a folder of shards.

    A shard is one device's work, and complete or absent: a run that was stopped goes on with the
    shards that are missing, and a run with the same weights, settings and samples writes nothing.

    Args:
        model: has a `VecSetAutoencoder` as `model.model`.
        datamodule: names the training set, all of whose splits are encoded, and the settings that
            are left to the data.
        output: a folder of its own, or any fsspec URL.
        ckpt_path: of `fit`; without one, the weights are those that `model` has.

    Raises:
        UsageError: the output is the training set or has other shards, or the trainer's precision
            is not what the settings ask for.
        CheckpointError: there is no such checkpoint, or it is of another network.
        DamagedSampleError: a sample cannot be read.
    """
    if not isinstance(datamodule, PartDataModule):
        raise UsageError(
            "encode reads a training set by the config of a part VAE, and this is a denoiser's; "
            "give the VAE's config.yaml"
        )
    config = settings.resolved(datamodule.options)
    checkpoint = None
    if ckpt_path is not None:
        which = load_weights(model, Path(ckpt_path), which=config.weights)
        checkpoint = describe_checkpoint(Path(ckpt_path), which=which)
    if config.precision == "32" and trainer.precision in HALF:
        raise UsageError(
            f"trainer.precision {trainer.precision} turns the weights themselves into half "
            "precision; set --trainer.precision 32-true, or --settings.precision trainer"
        )
    network = model.model
    if not isinstance(network, VecSetAutoencoder):
        raise UsageError(f"cannot encode with a {type(network).__name__}, a VAE is needed")
    job = EncodingJob(
        network,
        index=ShardIndex(datamodule.root),
        folder=OutputFolder(output),
        config=config,
        checkpoint=checkpoint,
    )
    # The rest is about training, and about a module that is not this one.
    kept = [each for each in trainer.callbacks if isinstance(each, ProgressBar)]  # type: ignore[attr-defined]
    trainer.callbacks = kept  # type: ignore[attr-defined]
    trainer.predict(job, return_predictions=False)


class EncodingJob(lightning.LightningModule):
    """The work, as the trainer spreads it over devices: one batch is the number of one shard."""

    def __init__(
        self,
        network: VecSetAutoencoder,
        *,
        index: ShardIndex,
        folder: OutputFolder,
        config: EncodeConfig,
        checkpoint: dict[str, str] | None,
    ) -> None:
        super().__init__()
        self.network = network
        self.index = index
        self.folder = folder
        self.settings = config
        self.companions = Companions.of(config)
        self.identity = identity_of(
            network, config=config, checkpoint=checkpoint, companions=self.companions.identity()
        )
        self.plans = plan_shards(index, identity=self.identity)
        check_output(folder, index=index, plans=self.plans)

    def on_predict_start(self) -> None:
        """Lightning has moved the network; the models beside it are no modules."""
        self.companions.to(self.device)

    def predict_dataloader(self) -> DataLoader[int]:
        """The shards of this rank that are not there yet."""
        mine = range(self.trainer.global_rank, len(self.plans), self.trainer.world_size)
        missing = [row for row in mine if find(self.folder, self.plans[row]) is None]
        if missing:
            # It would speak of shards that are about to change.
            self.folder.delete(INDEX)
        return DataLoader(missing or [NOTHING], batch_size=None)  # type: ignore[arg-type]

    def predict_step(self, batch: int, batch_idx: int) -> int:
        """Write a shard; returns its number, for the trainer warns of nothing."""
        del batch_idx
        if int(batch) == NOTHING:
            return NOTHING
        full = torch.autocast(self.device.type, enabled=False)
        with full if self.settings.precision == "32" else nullcontext():
            write_shard(
                self.plans[int(batch)],
                index=self.index,
                network=self.network,
                companions=self.companions,
                identity=self.identity,
                folder=self.folder,
            )
        return int(batch)

    def on_predict_end(self) -> None:
        """When all ranks are done, one writes index, statistics and README."""
        self.trainer.strategy.barrier()
        if self.trainer.is_global_zero:
            self._finish()

    def _finish(self) -> None:
        written: list[tuple[ShardPlan, Manifest]] = []
        for plan in self.plans:
            manifest = find(self.folder, plan)
            if manifest is None:
                raise UsageError(
                    f"{plan.shard} is not in {self.folder.url} though it was written; all ranks "
                    "must write to the same place, and nobody else may"
                )
            written.append((plan, manifest))
        for name, data in summary_files(written, identity=self.identity, source=self.index.url):
            if self.folder.read(name) != data:
                self.folder.write(name, data)
        self.folder.tidy()
        objects = sum(len(plan.keys) for plan in self.plans)
        rank_zero_info(f"latents of {objects} objects in {len(written)} shards: {self.folder.url}")


def check_output(folder: OutputFolder, *, index: ShardIndex, plans: list[ShardPlan]) -> None:
    """Refuse to write among files that are not ours."""
    if folder.url in (index.url, index.url.removesuffix("/shards")):
        raise UsageError(
            f"--output {folder.url} is the training set itself; give a folder of its own"
        )
    planned = {plan.shard for plan in plans}
    foreign = [name for name in folder.shards() if name not in planned]
    if foreign:
        raise UsageError(
            f"--output {folder.url} has {foreign[0]}, which the training set at {index.url} has "
            "not; give an empty folder, or delete what an earlier training set has left there"
        )
