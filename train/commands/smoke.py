"""`python -m train smoke --config C`: a few steps of a network in small on generated shapes.

It needs no data and less than a minute: does the module still train, validate, reconstruct, save
and go on? The network keeps its kind and the objective its terms, all of them from the first step;
both are made so small that a CPU is enough.
"""

from __future__ import annotations

import copy
import sys
import tempfile
import time
from argparse import ArgumentError
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import lightning
import torch
from jsonargparse import ArgumentParser
from jsonargparse.typing import PositiveInt
from lightning.pytorch.callbacks import Callback

from partworks.errors import UsageError
from train.callbacks.ema import WeightAverage
from train.callbacks.guards import NonFiniteGuard
from train.callbacks.pictures import Reconstructing, Reconstructions
from train.callbacks.speed import Throughput
from train.commands.generated import GeneratedParts
from train.commands.networks import base_network_of, read_settings
from train.models.vecset.config import VecSetConfig
from train.queries import QueryConfig
from train.quiet import silence

DEFAULT = "train/configs/part_vae_tiny.yaml"

TRUNCATION = 0.05

RENDER = {"resolution": 16, "coarse": 8, "size": 32, "views": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What happened.

    Attributes:
        losses: of each step.
        seconds: of everything.
        failures: what should not have been; none if all is well.
    """

    losses: tuple[float, ...]
    seconds: float
    failures: tuple[str, ...]


def main(arguments: Sequence[str]) -> int:
    """Run and report; 1 if something is wrong."""
    parser = ArgumentParser(prog="python -m train smoke", description=__doc__)
    parser.add_argument("--config", default=DEFAULT, help="of fit")
    parser.add_argument("--steps", type=PositiveInt, default=4)
    parser.add_argument("--precision", default="32-true")
    parser.add_argument("--accelerator", default="auto")
    given = parser.parse_args(list(arguments))
    silence()
    settings = in_small(read_settings(given.config), base_network_of(given.config))
    outcome = run(
        settings,
        steps=given.steps,
        precision=given.precision,
        accelerator=given.accelerator,
    )
    losses = " ".join(f"{loss:.4f}" for loss in outcome.losses)
    sys.stdout.write(f"generated boxes, {given.config} in small: losses {losses}\n")
    for failure in outcome.failures:
        sys.stdout.write(f"FAILED: {failure}\n")
    verdict = f"{len(outcome.failures)} failures" if outcome.failures else "all well"
    sys.stdout.write(f"{verdict} in {outcome.seconds:.0f} s\n")
    return 1 if outcome.failures else 0


def in_small(settings: dict[str, Any], network: VecSetConfig) -> dict[str, Any]:
    """The `model` of a config with a small network, small renderings and no checkpoint."""
    model = copy.deepcopy(settings["model"])
    chosen = model["init_args"]
    decoder = None if network.decoder_width is None else 48
    small = replace(
        network,
        tokens=16,
        token_choices=(8, 16) if network.token_choices else (),
        latent_dim=8,
        width=32,
        heads=2,
        encoder_layers=min(network.encoder_layers, 1),
        decoder_width=decoder,
        decoder_heads=None if network.decoder_heads is None else 2,
        decoder_layers=1,
        max_points=None,
    )
    chosen["network"] = asdict(small)
    chosen.pop("checkpoint", None)
    chosen.pop("checkpoint_format", None)
    objective = chosen.setdefault("objective", {})
    objective["truncation"] = TRUNCATION
    objective["gradient_points"] = 32
    objective["render"] = {**objective.get("render", {}), **RENDER}
    for term in objective.values():
        if isinstance(term, dict) and "begins" in term:
            term["begins"] = 0
    return dict(model)


def run(
    model: dict[str, Any], *, steps: int, precision: str = "32-true", accelerator: str = "auto"
) -> Outcome:
    """Train for a few steps, and go on from a checkpoint for one more.

    Args:
        model: class path and arguments of a module, as in a config.
    """
    start = time.perf_counter()
    sharp = 64 if model["init_args"]["network"]["sharp_points"] else 0
    data = GeneratedParts(
        queries=QueryConfig(surface=96, sharp=sharp, count=192),
        truncation=TRUNCATION,
        batches=steps + 1,
    )
    with tempfile.TemporaryDirectory() as folder:
        losses = Losses()
        module = build(model)
        before = _weights(module)
        settings = {"precision": precision, "accelerator": accelerator, "default_root_dir": folder}
        trainer = _trainer(module, losses, steps=steps, **settings)
        trainer.fit(module, datamodule=data)
        path = Path(folder, "smoke.ckpt")
        trainer.save_checkpoint(path)
        after = _weights(module)
        again = build(model)
        _trainer(again, losses, steps=steps + 1, **settings).fit(
            again, datamodule=data, ckpt_path=str(path), weights_only=True
        )
        failures = _failures(
            losses,
            steps + 1,
            before=before,
            after=after,
            left_out=_left_out(trainer, module),
            folder=Path(folder),
        )
    return Outcome(
        losses=tuple(losses.values),
        seconds=time.perf_counter() - start,
        failures=tuple(failures),
    )


def build(model: dict[str, Any]) -> lightning.LightningModule:
    """The module of a config's `model`, its weights drawn with seed 0.

    Raises:
        UsageError: the settings are not those of the class.
    """
    torch.manual_seed(0)
    parser = ArgumentParser(exit_on_error=False)
    parser.add_argument("--model", type=lightning.LightningModule)
    try:
        parsed = parser.parse_object({"model": model})
    except ArgumentError as error:
        raise UsageError(f"the config's model cannot be built: {error}") from error
    module = parser.instantiate(parsed).model
    assert isinstance(module, lightning.LightningModule)
    return module


class Losses(Callback):
    """Remembers the loss of each step."""

    def __init__(self) -> None:
        self.values: list[float] = []

    def on_train_batch_end(
        self,
        trainer: lightning.Trainer,
        pl_module: lightning.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Take it down."""
        del trainer, pl_module, batch, batch_idx
        self.values.append(float(outputs["loss"]))


def _trainer(
    module: lightning.LightningModule, losses: Losses, *, steps: int, **settings: Any
) -> lightning.Trainer:
    callbacks: list[Callback] = [losses, NonFiniteGuard(clip_norm=1.0), Throughput()]
    callbacks.append(WeightAverage())
    if isinstance(module, Reconstructing):
        callbacks.append(Reconstructions(parts=1, views=1, size=32, resolution=16))
    return lightning.Trainer(
        max_steps=steps,
        max_epochs=-1,
        devices=1,
        logger=False,
        callbacks=callbacks,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        val_check_interval=steps,
        check_val_every_n_epoch=None,
        limit_val_batches=1,
        **settings,
    )


def _weights(module: lightning.LightningModule) -> dict[str, torch.Tensor]:
    return {
        name: weight.detach().cpu().clone()
        for name, weight in module.named_parameters()
        if weight.requires_grad
    }


def _left_out(trainer: lightning.Trainer, module: lightning.LightningModule) -> list[str]:
    """Weights that no loss hangs on, for which several processes would wait in vain."""
    moved = trainer.optimizers[0].state
    return [
        name
        for name, weight in module.named_parameters()
        if weight.requires_grad and weight not in moved
    ]


def _failures(
    losses: Losses,
    steps: int,
    *,
    before: dict[str, torch.Tensor],
    after: dict[str, torch.Tensor],
    left_out: list[str],
    folder: Path,
) -> list[str]:
    found = []
    if len(losses.values) != steps:
        found.append(f"{len(losses.values)} steps were made, expected {steps}")
    if wrong := [step for step, loss in enumerate(losses.values) if not abs(loss) < torch.inf]:
        found.append(f"the loss is not finite at step {wrong[0]}")
    if all(torch.equal(weight, after[name]) for name, weight in before.items()):
        found.append("no weight moved")
    if left_out:
        found.append(f"{len(left_out)} weights have no gradient, such as {left_out[0]}")
    if not (folder / "average.safetensors").is_file():
        found.append("there is no average of the weights")
    return found
