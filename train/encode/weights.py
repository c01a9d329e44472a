"""The weights that latents are made with."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import lightning
import torch
from torch import Tensor

from train.models.external.errors import CheckpointError
from train.models.external.files import SAFETENSORS, read_tensors

Which = Literal["average", "last"]

_AVERAGE = "WeightAverage"
"""The callback whose state has the average."""


def load_weights(module: lightning.LightningModule, path: Path, *, which: Which) -> Which:
    """Fill a module from a checkpoint of `fit`, or from `average.safetensors`; all of its tensors.

    Nothing in the file is run.

    Args:
        which: see `EncodeConfig.weights`.

    Returns:
        which they are: `last` also where the run kept no average.

    Raises:
        CheckpointError: the file is absent, unsafe, or of another network.
    """
    tensors = read_tensors(path)
    exported = path.suffix in SAFETENSORS
    average = {} if which == "last" or exported else average_of(path)
    try:
        module.load_state_dict({**tensors, **average})
    except RuntimeError as error:
        raise CheckpointError(
            f"{path} is not of the network that the configuration describes; give the config.yaml "
            f"that lies beside the run's checkpoints. {error}"
        ) from error
    return "average" if average or exported else "last"


def average_of(path: Path) -> dict[str, Tensor]:
    """The average of the trained weights, none where the run kept none.

    Args:
        path: of a checkpoint of `fit` that `read_tensors` has found sound.
    """
    loaded: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    for name, state in (loaded.get("callbacks") or {}).items():
        if name.startswith(_AVERAGE) and state:
            values: dict[str, Tensor] = state["values"]
            return values
    return {}
