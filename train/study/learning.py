"""Training in small, and what a network has learned of objects that it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset

from train.denoiser.module import DenoiserModule
from train.denoiser.objective import DenoisingConfig
from train.denoiser.sample import ObjectLatents, collate
from train.models.dit.config import DiTConfig
from train.models.joint.config import JointConfig, Placement
from train.models.part_vae.noise import generator_of
from train.models.pixart.config import PixArtConfig
from train.optimisation import AdamWConfig
from train.study.codec import CHANNELS
from train.study.generator import SIDE, WORD_WIDTH

Float64 = NDArray[np.float64]
Progress = Callable[[int, float], None]
"""Is called with each step and its loss."""

_ORDER, _TEST = 30, 31
"""Words of the seeds that keep the uses of randomness apart, and from those of training."""

_CLIP = 1.0


@dataclass(frozen=True, kw_only=True)
class LearningConfig:
    """How a network of the study is trained.

    Attributes:
        steps: of the optimiser.
        batch: objects of a step.
        rate: of AdamW at its highest; it rises over the first twentieth and falls as a cosine.
        seed: of weights, order, noise, times and drops.
    """

    steps: int = 1500
    batch: int = 16
    rate: float = 2e-3
    seed: int = 0

    @property
    def optimizer(self) -> AdamWConfig:
        """As the training module takes it."""
        return AdamWConfig(
            lr=self.rate,
            weight_decay=0.0,
            warmup_steps=self.steps // 20,
            schedule_steps=self.steps,
            final_share=0.0,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Errors:
    """Mean squared errors of the noise on objects, a row for each.

    Attributes:
        geometry: (K,) float64.
        images: (K,) float64.
    """

    geometry: Float64
    images: Float64

    @property
    def both(self) -> Float64:
        """(K,) the loss: their sum (CoPart, equation 10)."""
        return self.geometry + self.images


def joint_config(*, width: int = 48, layers: int = 4, heads: int = 4) -> JointConfig:
    """All kinds of guidance of the full size, in small."""
    return JointConfig(
        geometry=DiTConfig(
            latent_dim=CHANNELS, width=width, layers=layers, heads=heads, condition="none"
        ),
        images=PixArtConfig(
            layers=layers,
            heads=heads,
            head_width=width // heads,
            sample_size=SIDE,
            text_width=WORD_WIDTH,
        ),
        placement=Placement(
            geometry_parts=tuple(range(1, layers, 2)),
            image_parts=tuple(range(1, layers, 2)),
            image_views=tuple(range(2, layers, 2)),
            exchange=tuple(range(1, layers - 1)),
            boxes=tuple(range(0, layers, 2)),
        ),
        text_width=WORD_WIDTH,
        control_blocks=2,
    )


def independent(config: JointConfig) -> JointConfig:
    """The same, but each branch and each modality for itself; all are told what they were."""
    return replace(config, scope="self", exchange=False)


def train(
    objects: Sequence[ObjectLatents],
    *,
    network: JointConfig,
    config: LearningConfig,
    progress: Progress | None = None,
) -> DenoiserModule:
    """A trained module in evaluation mode; noise, times and order do not hang on the network."""
    torch.manual_seed(config.seed)
    module = DenoiserModule(
        network=network, objective=DenoisingConfig(), optimizer=config.optimizer, seed=config.seed
    )
    trainer = lightning.Trainer(
        accelerator="cpu",
        devices=1,
        max_steps=config.steps,
        gradient_clip_val=_CLIP,
        logger=False,
        callbacks=[] if progress is None else [_Told(progress)],
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(
        module,
        DataLoader(
            _Items(objects, count=config.steps * config.batch, seed=config.seed),
            batch_size=config.batch,
            collate_fn=collate,
        ),
    )
    return module.eval()


@torch.no_grad()
def errors(
    module: DenoiserModule, objects: Sequence[ObjectLatents], *, draws: int = 16, seed: int = 0
) -> Errors:
    """What a network gets wrong, told everything, at times that are spread evenly.

    Any two networks get the same noise at the same times, so that objects can be paired.

    Args:
        draws: times of each object.
        seed: of noise and times.
    """
    count = len(module.denoising.geometry)
    rows = []
    for each in objects:
        places = [each.place * draws + number for number in range(draws)]
        shift = torch.rand(draws, generator=generator_of(seed, _TEST, each.place))
        times = ((torch.arange(draws) + shift) * (count / draws)).long().clamp(max=count - 1)
        batch = collate([replace(each, place=place) for place in places])
        found = module.denoising.errors(module.model, batch, times=times, drops=None, seed=seed)
        assert found.geometry is not None
        assert found.images is not None
        rows.append((float(found.geometry.mean()), float(found.images.mean())))
    table = np.array(rows)
    return Errors(geometry=table[:, 0], images=table[:, 1])


class _Items(Dataset[ObjectLatents]):
    """Objects in the order of training, each once before any comes again."""

    def __init__(self, objects: Sequence[ObjectLatents], *, count: int, seed: int) -> None:
        epochs = -(-count // len(objects))
        orders = [
            torch.randperm(len(objects), generator=generator_of(seed, _ORDER, epoch))
            for epoch in range(epochs)
        ]
        self._objects = objects
        self._order = torch.cat(orders)[:count].tolist()

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, place: int) -> ObjectLatents:
        # Noise hangs on the place.
        found: ObjectLatents = replace(self._objects[self._order[place]], place=place)
        return found


class _Told(Callback):
    """Passes on each step's loss."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def on_train_batch_end(
        self,
        trainer: lightning.Trainer,
        pl_module: lightning.LightningModule,
        outputs: Any,
        batch: Mapping[str, Any],
        batch_idx: int,
    ) -> None:
        """Report."""
        del trainer, pl_module, batch
        self._progress(batch_idx, float(outputs["loss"]))
