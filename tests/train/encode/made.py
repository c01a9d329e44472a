"""A tiny network, a training set of several shards, and the command as a function."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import lightning
import torch

from tests.shards.made import SMALL
from tests.train.models.vecset.sizes import SMALL as SMALL_NETWORK
from train.data import PartDataModule
from train.encode.command import encode
from train.encode.config import EncodeConfig
from train.models.vecset.config import VecSetConfig
from train.models.vecset.model import VecSetAutoencoder
from train.queries import QueryConfig
from train.quiet import silence

OBJECTS = 8
STAGE = dataclasses.replace(SMALL, views=0, part_views=0, shard_mb=0.05)


class Holder(lightning.LightningModule):
    """Has a network, as modules for training do."""

    def __init__(self, **changes: Any) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.model = VecSetAutoencoder(VecSetConfig(**{**SMALL_NETWORK, **changes}))


def data_of(root: str, **settings: Any) -> PartDataModule:
    queries = QueryConfig(surface=64, count=0)
    return PartDataModule(root, queries=queries, **settings)


def run(
    root: str,
    output: Path,
    *,
    module: lightning.LightningModule | None = None,
    ckpt_path: str | None = None,
    processes: int = 1,
    trainer_precision: Any = "32-true",
    **settings: Any,
) -> None:
    """Encode on the CPU."""
    silence()
    trainer = lightning.Trainer(
        accelerator="cpu", devices=processes, strategy="ddp" if processes > 1 else "auto",
        logger=False, enable_progress_bar=False, enable_model_summary=False,
        enable_checkpointing=False, use_distributed_sampler=False, precision=trainer_precision,
        default_root_dir=output.parent,
    )  # fmt: skip
    encode(
        trainer,
        module or Holder(),
        data_of(root),
        output=str(output),
        ckpt_path=ckpt_path,
        settings=EncodeConfig(**settings),
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
