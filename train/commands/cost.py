"""`python -m train cost --variant craftsman-v1.5`: what a network needs, before it is used."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, cast

import torch
from jsonargparse import ArgumentParser

from train.commands.measuring import Measured, Precision, Workload, measure
from train.commands.networks import network_of, workload_of
from train.flops import vecset_flops
from train.models.vecset.config import VecSetConfig
from train.models.vecset.model import VecSetAutoencoder
from train.models.vecset.variants import VARIANTS

BYTES = 4
"""Of a number in single precision, in which weights and all that belongs to them are kept."""

GIBI = 1 << 30

GROUPS = {
    "encoder": "encoder",
    "encoder.stack": "encoder_blocks",
    "to_moments": "bottleneck",
    "from_latent": "bottleneck",
    "decoder": "decoder_blocks",
    "field": "field",
}
"""Beginning of a parameter's name -> the part of `train.flops.VecSetFlops` that it belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the network: its weights, and operations of a forward pass of one sample."""

    name: str
    parameters: int
    flops: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a step of training costs on one device.

    Attributes:
        parts: of the network, in the order that they run.
        workload: what a step has.
        measured: operations, and bytes of activations.
        memory: bytes by what they are for; the average is that of `WeightAverage`, buckets are what
            several devices exchange gradients in.
    """

    parts: tuple[Part, ...]
    workload: Workload
    measured: Measured
    memory: dict[str, int]

    @property
    def parameters(self) -> int:
        """Of the network."""
        return sum(part.parameters for part in self.parts)

    @property
    def model_flops(self) -> int:
        """Operations of a step as MFU counts them: three forward passes."""
        return 3 * self.workload.batch_size * sum(part.flops for part in self.parts)

    def to_json(self) -> dict[str, Any]:
        """As a document of plain values."""
        return {
            "parameters": self.parameters,
            "parts": [asdict(part) for part in self.parts],
            "workload": asdict(self.workload),
            "flops": {
                "forward": self.measured.forward_flops,
                "backward": self.measured.backward_flops,
                "model": self.model_flops,
            },
            "memory": {**self.memory, "total": sum(self.memory.values())},
        }

    def to_text(self) -> str:
        """As tables."""
        work, measured = self.workload, self.measured
        lines = [f"{'part':16}{'parameters':>14}{'forward GFLOP a sample':>26}"]
        lines += [
            f"{part.name:16}{part.parameters:>14,}{part.flops / 1e9:>26,.1f}" for part in self.parts
        ]
        total = sum(part.flops for part in self.parts)
        lines += [f"{'all':16}{self.parameters:>14,}{total / 1e9:>26,.1f}", ""]
        lines += [
            f"a step of {work.batch_size} samples, {work.surface} surface points, {work.queries} "
            f"queries, {work.precision}",
            f"{'forward':16}{measured.forward_flops / 1e12:>14,.2f} TFLOP",
            f"{'backward':16}{measured.backward_flops / 1e12:>14,.2f} TFLOP",
            f"{'for MFU':16}{self.model_flops / 1e12:>14,.2f} TFLOP",
            "",
            "memory of one device, estimated; without what kernels need for a moment",
        ]
        lines += [f"{name:16}{size / GIBI:>14,.2f} GiB" for name, size in self.memory.items()]
        lines += [f"{'all':16}{sum(self.memory.values()) / GIBI:>14,.2f} GiB"]
        return "\n".join(lines)


def cost_of(
    config: VecSetConfig, work: Workload, *, average: bool = True, devices: int = 1
) -> Cost:
    """What a step costs.

    Args:
        average: whether an average of weights is kept.
        devices: more than one exchange gradients.
    """
    measured = measure(config, work)
    parts = _parts(config, work)
    weights = BYTES * sum(part.parameters for part in parts)
    memory = {"weights": weights, "gradients": weights, "AdamW's moments": 2 * weights}
    if average:
        memory["average"] = weights
    if devices > 1:
        memory["buckets"] = weights
    return Cost(
        parts=parts,
        workload=work,
        measured=measured,
        memory={**memory, "activations": measured.activations},
    )


def main(arguments: Sequence[str]) -> int:
    """Print what is asked for."""
    parser = _parser()
    given = parser.parse_args(list(arguments))
    settings = {
        name: value
        for name in ("batch_size", "surface", "sharp", "queries", "tokens", "precision")
        if (value := given[name]) is not None
    }
    if given.config is not None:
        config = network_of(given.config)
        work = replace(workload_of(given.config), **settings)
    else:
        config, work = VARIANTS[given.variant], Workload(**settings)
    if given.checkpoint_blocks:
        config = replace(config, checkpoint_blocks=True)
    cost = cost_of(config, work, average=given.average, devices=given.devices)
    text = json.dumps(cost.to_json(), indent=2) if given.json else cost.to_text()
    sys.stdout.write(f"{text}\n")
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m train cost", description=__doc__)
    add = parser.add_argument
    add("--variant", type=cast(Any, Literal[tuple(VARIANTS)]), default="craftsman-v1.5")
    add("--config", type=str | None, default=None, help="a config of fit, instead of a variant")
    add("--batch_size", type=int | None, default=None, help="samples of one device")
    add("--surface", type=int | None, default=None, help="points that the encoder reads")
    add("--sharp", type=int | None, default=None, help="points on sharp edges, where they are read")
    add("--queries", type=int | None, default=None, help="points where the field is asked")
    add("--tokens", type=int | None, default=None, help="of the latent")
    add("--precision", type=Precision | None, default=None)
    add("--checkpoint_blocks", type=bool, default=False, help="compute blocks again to save memory")
    add("--average", type=bool, default=True, help="keep an average of the weights")
    add("--devices", type=int, default=1)
    add("--json", action="store_true", help="one JSON document instead of tables")
    return parser


def _parts(config: VecSetConfig, work: Workload) -> tuple[Part, ...]:
    flops = asdict(
        vecset_flops(
            config,
            surface=work.surface,
            queries=work.queries,
            tokens=work.tokens,
            sharp=work.sharp,
        )
    )
    parameters = dict.fromkeys(flops, 0)
    with torch.device("meta"):
        model = VecSetAutoencoder(config)
    for name, parameter in model.named_parameters():
        # The longest beginning that fits.
        start = max((each for each in GROUPS if name.startswith(f"{each}.")), key=len)
        parameters[GROUPS[start]] += parameter.numel()
    return tuple(
        Part(name=name, parameters=parameters[name], flops=count) for name, count in flops.items()
    )
