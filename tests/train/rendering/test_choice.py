from __future__ import annotations

import importlib.util
from importlib.machinery import ModuleSpec

import pytest
import torch

from partworks.errors import UsageError
from train.rendering import choice, nvdiffrast
from train.rendering.choice import RendererName, choose_renderer
from train.rendering.portable import EmbreeRenderer, TorchRenderer

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


class Stub:
    def __init__(self, device: torch.device) -> None:
        self.device = device


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nvdiffrast, "is_installed", lambda: True)
    monkeypatch.setattr(nvdiffrast, "NvdiffrastRenderer", Stub)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that is optional is installed."""

    def find(name: str) -> ModuleSpec | None:
        return None if name in {"nvdiffrast", "embreex"} else importlib.util.find_spec(name)

    monkeypatch.setattr(choice, "find_spec", find)
    monkeypatch.setattr(nvdiffrast, "find_spec", find)


@pytest.mark.parametrize(
    ("name", "device", "expected"),
    [
        ("auto", CPU, EmbreeRenderer),
        ("torch", CPU, TorchRenderer),
        ("embree", CPU, EmbreeRenderer),
        ("auto", CUDA, Stub),
        ("nvdiffrast", CUDA, Stub),
        ("torch", CUDA, TorchRenderer),
    ],
)
def test_with_everything_installed(
    name: RendererName, device: torch.device, expected: type, installed: None
) -> None:
    assert type(choose_renderer(name, device)) is expected


@pytest.mark.parametrize("device", [CPU, CUDA])
def test_torch_is_always_there(device: torch.device, bare: None) -> None:
    assert type(choose_renderer("auto", device)) is TorchRenderer
    assert type(choose_renderer("torch", device)) is TorchRenderer


@pytest.mark.parametrize(
    ("name", "device", "message"),
    [
        ("nvdiffrast", CPU, "needs a CUDA device, found cpu"),
        ("nvdiffrast", CUDA, "read its licence and install it"),
        ("embree", CPU, "needs the package embreex"),
    ],
)
def test_what_is_not_there_is_refused(
    name: RendererName, device: torch.device, message: str, bare: None
) -> None:
    with pytest.raises(UsageError, match=message):
        choose_renderer(name, device)
