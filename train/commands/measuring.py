"""What a step of a VecSet autoencoder costs, found without memory for a single weight.

The network runs on tensors that have shape, type and device but no content, once forward and once
backward, while operations are counted and what autograd keeps is added up.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode

from train.models.vecset.blocks import Block
from train.models.vecset.config import VecSetConfig
from train.models.vecset.model import VecSetAutoencoder

Precision = Literal["bf16-mixed", "32-true"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A step on one device.

    Attributes:
        batch_size: parts.
        surface: points of a part that the encoder reads.
        sharp: points on sharp edges, for networks that read them.
        queries: points of a part where the field is asked.
        tokens: of the latent; the network's by default.
        precision: as the trainer's.
    """

    batch_size: int = 8
    surface: int = 4096
    sharp: int = 4096
    queries: int = 24_576
    tokens: int | None = None
    precision: Precision = "bf16-mixed"

    def __post_init__(self) -> None:
        for name in ("batch_size", "surface", "sharp", "queries"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected at least 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a step costs.

    Attributes:
        forward_flops: operations of the forward pass of the whole batch.
        backward_flops: of the backward pass, with what is computed again to save memory.
        activations: bytes that the forward pass keeps for the backward pass, with the copies of
            weights in half precision, and the most that a block adds when it is computed again.
    """

    forward_flops: int
    backward_flops: int
    activations: int


def measure(config: VecSetConfig, work: Workload) -> Measured:
    """Run a step without content."""
    if work.tokens is not None:
        config = replace(config, tokens=work.tokens)
    with FakeTensorMode():
        kept, largest, forward, backward = _step(config, work)
        if config.checkpoint_blocks:
            # Blocks that are computed again keep everything, one at a time.
            _, largest, *_ = _step(replace(config, checkpoint_blocks=False), work)
            kept += largest
    return Measured(forward_flops=forward, backward_flops=backward, activations=kept)


def _step(config: VecSetConfig, work: Workload) -> tuple[int, int, int, int]:
    """Bytes kept in all, and by the greediest block; operations forward and backward."""
    model = VecSetAutoencoder(config)
    surface_BSF, sharp_BSF, points_BQ3 = _inputs(config, work)
    half = torch.autocast("cpu", torch.bfloat16, enabled=work.precision == "bf16-mixed")
    kept = Kept(model)
    with FlopCounterMode(display=False) as forward, kept.watch(), half:
        field_BQ = model(
            surface_BSF, points_BQ3, sharp_BSF=sharp_BSF, cell_size_B=_cells(config, work)
        )
        loss = field_BQ.mean()
    with FlopCounterMode(display=False) as backward:
        loss.backward()
    return kept.total, kept.largest, forward.get_total_flops(), backward.get_total_flops()


def _inputs(config: VecSetConfig, work: Workload) -> tuple[Tensor, Tensor | None, Tensor]:
    batch, features = work.batch_size, 3 + config.point_features
    # More points are thinned before anything is computed with them.
    limit = max(work.surface, work.sharp) if config.max_points is None else config.max_points
    sharp = torch.zeros(batch, min(work.sharp, limit), features) if config.sharp_points else None
    return (
        torch.zeros(batch, min(work.surface, limit), features),
        sharp,
        torch.zeros(batch, work.queries, 3),
    )


def _cells(config: VecSetConfig, work: Workload) -> Tensor | None:
    return torch.ones(work.batch_size) if config.cell_size_input else None


class Kept:
    """Adds up what autograd keeps, each piece of memory once, and weights not at all.

    Attributes:
        total: bytes.
        largest: of these, the most that one block keeps.
    """

    def __init__(self, model: nn.Module) -> None:
        self.total = 0
        self.largest = 0
        self._weights = {_memory(parameter) for parameter in model.parameters()}
        self._seen: set[int] = set()
        self._alive: list[Tensor] = []
        self._before = 0
        for module in model.modules():
            if isinstance(module, Block):
                module.register_forward_pre_hook(self._enter)
                module.register_forward_hook(self._leave)

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Add up what is kept meanwhile."""
        with torch.autograd.graph.saved_tensors_hooks(self._keep, lambda tensor: tensor):
            yield

    def _keep(self, tensor: Tensor) -> Tensor:
        memory = _memory(tensor)
        if memory not in self._weights and memory not in self._seen:
            self._seen.add(memory)
            # As long as it lives, no other memory has its number.
            self._alive.append(tensor)
            self.total += tensor.untyped_storage().nbytes()
        return tensor

    def _enter(self, module: nn.Module, inputs: object) -> None:
        del module, inputs
        self._before = self.total

    def _leave(self, module: nn.Module, inputs: object, output: object) -> None:
        del module, inputs, output
        self.largest = max(self.largest, self.total - self._before)


def _memory(tensor: Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)
