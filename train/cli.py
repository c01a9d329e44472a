"""`python -m train COMMAND --config train/configs/….yaml --data.root ROOT`.

    fit        train
    validate   measure what has been trained
    encode     write the latents of a whole training set
    sample     generate objects from boxes and texts
    edit       generate some parts of an object anew and keep the others
    evaluate   compare generated objects with the true ones
    study      do the joint denoisers learn? On made objects, in minutes
    overfit    fit a few parts and validate on the same
    smoke      a few steps of a network in small on generated shapes
    cost       weights, operations and memory of a network

Everything that a config file holds can be set on the command line too, as
`--trainer.max_steps 1000`. `--print_config` shows the whole; unknown settings are refused.

Exit codes: 0 all well, 2 the call itself was wrong, 130 stopped by a signal, with a checkpoint to
go on from. Of several processes the first one says so.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pickle import UnpicklingError
from types import MappingProxyType

import lightning
import torch
from jsonargparse.typing import PositiveInt
from lightning.pytorch.cli import ArgsType, LightningArgumentParser, LightningCLI
from lightning.pytorch.utilities.exceptions import SIGTERMException

from partworks.errors import UsageError
from shards.reader import DamagedSampleError, ShardsNotFoundError
from train.callbacks.guards import NonFiniteGuard
from train.callbacks.signals import SaveOnSignal
from train.callbacks.speed import Throughput
from train.commands import cost, edit, evaluate, overfit, sample, smoke, study
from train.data_choice import data_module_for
from train.quiet import silence
from train.trainer import Trainer

RUNS = "runs"

STOPPED = 130

ALWAYS = MappingProxyType({"guard": NonFiniteGuard, "speed": Throughput, "signals": SaveOnSignal})
"""Callbacks that every run has, and where their settings are."""


class TrainCLI(LightningCLI):
    """Lightning's command line with the commands that this project has."""

    @staticmethod
    def subcommands() -> dict[str, set[str]]:
        """The commands, and the arguments of the trainer's methods that the shell does not set."""
        arguments = {"model", "dataloaders", "datamodule"}
        fit = {"model", "train_dataloaders", "val_dataloaders", "datamodule"}
        return {"fit": fit, "validate": arguments, "encode": {"model", "datamodule"}}

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Add what belongs neither to the model, nor to the data, nor to the trainer."""
        parser.add_argument(
            "--threads",
            type=PositiveInt | None,
            default=None,
            help="CPU threads of torch, by default one for each core; a tiny model wants one",
        )
        for name, callback in ALWAYS.items():
            parser.add_lightning_class_args(callback, name)

    def parse_arguments(self, parser: LightningArgumentParser, args: ArgsType) -> None:
        """Parse the arguments of a command that may not be those of the shell, such as `overfit`.

        Lightning would warn that it was given both.
        """
        assert args is None or isinstance(args, list)
        self.config = parser.parse_args(args)

    def before_instantiate_classes(self) -> None:
        """Apply the settings added above."""
        threads = self.config[self.subcommand].threads
        if threads is not None:
            torch.set_num_threads(threads)


def run_lightning(arguments: Sequence[str]) -> int:
    """Run a command of Lightning's trainer; the exit code."""
    silence()
    try:
        TrainCLI(
            lightning.LightningModule,
            data_module_for(arguments),
            subclass_mode_model=True,
            trainer_class=Trainer,
            trainer_defaults={
                # Without a logger Lightning would write into the current folder.
                "default_root_dir": RUNS,
                # Batches know their rank.
                "use_distributed_sampler": False,
            },
            save_config_kwargs={"overwrite": True},
            seed_everything_default=0,
            args=list(arguments),
        )
    except UnpicklingError as error:
        raise UsageError(
            "the checkpoint holds more than tensors and plain values, and reading that could run "
            "code; it was refused. If you made it yourself, say --weights_only=false"
        ) from error
    except SIGTERMException:
        # The first process kills the others as soon as it sees one of them fail.
        return STOPPED if int(os.environ.get("LOCAL_RANK", "0")) == 0 else 0
    return 0


def run_overfit(arguments: Sequence[str]) -> int:
    """Learn a few parts by heart."""
    return run_lightning(overfit.as_fit(arguments))


COMMANDS: Mapping[str, Callable[[Sequence[str]], int]] = MappingProxyType(
    {
        "overfit": run_overfit,
        "smoke": smoke.main,
        "cost": cost.main,
        "sample": sample.main,
        "edit": edit.main,
        "evaluate": evaluate.main,
        "study": study.main,
    }
)
"""Commands beside those of the trainer; all others are Lightning's to run or to refuse."""


def main() -> int:
    """Run the command of `sys.argv`; the exit code."""
    arguments = sys.argv[1:]
    try:
        if arguments and arguments[0] in COMMANDS:
            return COMMANDS[arguments[0]](arguments[1:])
        return run_lightning(arguments)
    except (UsageError, ShardsNotFoundError, ValueError) as error:
        message = wrong_call(error)
        if message is None:
            raise
        sys.stderr.write(f"error: {message}\n")
        return 2
    except DamagedSampleError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1


def wrong_call(error: BaseException) -> str | None:
    """What an error says to the caller, if a wrong call is behind it.

    The parser wraps what classes say about their settings into errors of its own.
    """
    behind: BaseException | None = error
    while behind is not None:
        if isinstance(behind, UsageError | ShardsNotFoundError):
            return str(behind)
        behind = behind.__cause__ or behind.__context__
    return None
