"""`python -m train fit|validate --config train/configs/….yaml --data.root ROOT`.

Everything that a config file holds can be set on the command line too, as
`--trainer.max_steps 1000`. `--print_config` shows the whole; unknown settings are refused.
"""

from __future__ import annotations

import sys

import lightning
import torch
from jsonargparse.typing import PositiveInt
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI

from partworks.errors import UsageError
from shards.reader import ShardsNotFoundError
from train.data import PartDataModule
from train.quiet import silence

RUNS = "runs"


class TrainCLI(LightningCLI):
    """Lightning's command line with the commands that this project has."""

    @staticmethod
    def subcommands() -> dict[str, set[str]]:
        """The commands, and the arguments of the trainer's methods that the shell does not set."""
        arguments = {"model", "dataloaders", "datamodule"}
        fit = {"model", "train_dataloaders", "val_dataloaders", "datamodule"}
        return {"fit": fit, "validate": arguments}

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Add what belongs neither to the model, nor to the data, nor to the trainer."""
        parser.add_argument(
            "--threads",
            type=PositiveInt | None,
            default=None,
            help="CPU threads of torch, by default one for each core; a tiny model wants one",
        )

    def before_instantiate_classes(self) -> None:
        """Apply the settings added above."""
        threads = self.config[self.subcommand].threads
        if threads is not None:
            torch.set_num_threads(threads)


def main() -> int:
    """Run the command of `sys.argv`; the exit code is 2 if the call was wrong."""
    silence()
    try:
        TrainCLI(
            lightning.LightningModule,
            PartDataModule,
            subclass_mode_model=True,
            trainer_defaults={
                # Without a logger Lightning would write into the current folder.
                "default_root_dir": RUNS,
                # Batches know their rank.
                "use_distributed_sampler": False,
            },
            save_config_kwargs={"overwrite": True},
            seed_everything_default=0,
        )
    except (UsageError, ShardsNotFoundError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0
