"""The trained network of the study as a file that `python -m train sample` can take."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save

from partworks.errors import UsageError
from train.models.joint.model import JointDenoiser
from train.study.generator import StudyGenerator
from train.study.learning import joint_config

_SIZES = ("width", "layers", "heads")


def save_denoiser(path: Path, model: JointDenoiser, *, sizes: dict[str, int]) -> None:
    """Write the weights, with the arguments of `joint_config` beside them."""
    assert set(sizes) == set(_SIZES)
    state = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    path.write_bytes(save(state, metadata={"network": json.dumps(sizes)}))


class TrainedStudy(StudyGenerator):
    """What the study trained, for layouts whose texts are of its words.

    Args:
        checkpoint: `denoiser.safetensors` of the study's folder.

    Raises:
        UsageError: it cannot be read.
    """

    def __init__(self, checkpoint: str) -> None:
        try:
            with safe_open(checkpoint, "pt") as file:
                sizes = json.loads((file.metadata() or {})["network"])
            model = JointDenoiser(joint_config(**sizes))
            model.load_state_dict(load_file(checkpoint))
        except (OSError, SafetensorError, KeyError, TypeError, RuntimeError) as error:
            raise UsageError(
                f"cannot read the network {checkpoint}: {error}; give a denoiser.safetensors that"
                " `python -m train study` wrote"
            ) from error
        super().__init__(model.eval())
