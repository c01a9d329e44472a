"""Running a module so that its inside may be forgotten until the backward pass."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint


def run(module: nn.Module, *inputs: Any, save_memory: bool, **settings: Any) -> Any:
    """What the module says; with `save_memory` it says it again in the backward pass."""
    if not (save_memory and torch.is_grad_enabled()):
        return module(*inputs, **settings)
    # Modules draw nothing.
    return checkpoint(module, *inputs, use_reentrant=False, preserve_rng_state=False, **settings)


def touch(output: Tensor, modules: Iterable[nn.Module]) -> Tensor:
    """The output, unchanged, with gradients of 0 for modules that were left out this time.

    Data-parallel training waits for a gradient of every weight.
    """
    for module in modules:
        for weight in module.parameters():
            if weight.requires_grad:
                output = output + 0 * weight.flatten()[0].to(output.dtype)
    return output
