"""Which renderer to use."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Literal

import torch

from partworks.errors import UsageError
from train.rendering import nvdiffrast
from train.rendering.base import Renderer
from train.rendering.portable import EmbreeRenderer, TorchRenderer

RendererName = Literal["auto", "torch", "embree", "nvdiffrast"]


def choose_renderer(name: RendererName, device: torch.device) -> Renderer:
    """The renderer of a name, ready for meshes on `device`.

    `auto` is nvdiffrast on CUDA and Embree on the CPU, each where it is installed, and torch
    everywhere else. Embree and torch see the same; `python -m benchmarks differentiable_rendering`
    compares their times.

    Raises:
        UsageError: what was asked for is not there.
    """
    cuda = device.type == "cuda"
    if name == "nvdiffrast" or (name == "auto" and cuda and nvdiffrast.is_installed()):
        if not cuda:
            raise UsageError(f"the nvdiffrast renderer needs a CUDA device, found {device}")
        if not nvdiffrast.is_installed():
            raise UsageError(
                "the renderer nvdiffrast is not installed; read its licence and install it, or "
                "choose the renderer torch"
            )
        return nvdiffrast.NvdiffrastRenderer(device)
    if name == "embree" or (name == "auto" and not cuda and _has_embree()):
        if not _has_embree():
            raise UsageError(
                "the embree renderer needs the package embreex; install it, or choose torch"
            )
        return EmbreeRenderer()
    return TorchRenderer()


def _has_embree() -> bool:
    return find_spec("embreex") is not None
