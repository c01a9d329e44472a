"""A module and its data, small enough to know every number."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

PARTS = 24


class Line(lightning.LightningModule):
    """Fits a line through noise; its loss is whatever `spoil` makes of it."""

    def __init__(self, *, lr: float = 0.1) -> None:
        super().__init__()
        self.model = nn.Linear(3, 1)
        self.frozen = nn.Linear(2, 2).requires_grad_(False)
        self.register_buffer("offset", torch.tensor(1.0))
        self.lr = lr
        self.history: list[dict[str, Tensor]] = []
        self.validated: list[Tensor] = []
        self.spoilt: dict[int, float] = {}
        nn.init.constant_(self.model.weight, 0.5)
        nn.init.constant_(self.model.bias, -0.25)

    def training_step(self, batch: dict[str, Tensor], batch_idx: int) -> Tensor:
        del batch_idx
        error = self.model(batch["surface"]).squeeze(-1) - batch["target"]
        loss: Tensor = error.square().mean() * self.spoilt.get(self.global_step, 1.0)
        self.log("train/loss", loss)
        return loss

    def on_train_batch_end(self, *_: Any) -> None:
        self.history.append(
            {name: weight.detach().clone() for name, weight in self.model.named_parameters()}
        )

    def validation_step(self, batch: dict[str, Tensor], batch_idx: int) -> None:
        del batch, batch_idx
        self.validated.append(self.model.weight.detach().clone())

    def configure_optimizers(self) -> Any:
        trained = [weight for weight in self.parameters() if weight.requires_grad]
        optimizer = torch.optim.AdamW(trained, lr=self.lr, weight_decay=0.1)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (1 + step))
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


class Points(Dataset[dict[str, Tensor]]):
    def __len__(self) -> int:
        return PARTS

    def __getitem__(self, item: int) -> dict[str, Tensor]:
        generator = torch.Generator().manual_seed(item)
        surface = torch.randn(3, generator=generator)
        return {"surface": surface, "target": surface.sum()}


def loader(batch_size: int = 4) -> DataLoader[dict[str, Tensor]]:
    return DataLoader(Points(), batch_size=batch_size)


def trainer(
    folder: Path, callbacks: Iterable[Callback], *, steps: int = 6, **settings: Any
) -> lightning.Trainer:
    given: dict[str, Any] = {
        "max_steps": steps,
        "accelerator": "cpu",
        "logger": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "enable_checkpointing": False,
        "num_sanity_val_steps": 0,
        "log_every_n_steps": 1,
        "default_root_dir": str(folder),
    }
    return lightning.Trainer(callbacks=list(callbacks), **{**given, **settings})


def fit(
    folder: Path,
    callbacks: Iterable[Callback],
    *,
    module: Line | None = None,
    ckpt_path: str | None = None,
    **settings: Any,
) -> tuple[lightning.Trainer, Line]:
    module = Line() if module is None else module
    ran = trainer(folder, callbacks, **settings)
    ran.fit(module, loader(), loader(), ckpt_path=ckpt_path)
    return ran, module
