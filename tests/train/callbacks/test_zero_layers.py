from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import lightning
import pytest
import torch

from tests.train.models.joint.made import small_model
from train.callbacks.zero_layers import ZeroLayers


class Holder(lightning.LightningModule):
    """Has a joint denoiser and keeps what is logged."""

    def __init__(self, **settings: Any) -> None:
        super().__init__()
        self.model = small_model(**settings)
        self.logged: dict[str, float] = {}

    def log(self, name: str, value: Any, **settings: Any) -> None:  # type: ignore[override]
        del settings
        self.logged[name] = float(value)


def look(module: Holder, step: int) -> dict[str, float]:
    trainer: Any = SimpleNamespace(global_step=step, log_every_n_steps=2)
    ZeroLayers().on_train_batch_end(trainer, module, None, None, 0)
    return module.logged


def test_norms_are_zero_until_the_layers_are_trained() -> None:
    fresh = look(Holder(), 4)
    assert fresh == {
        "zero/exchange_to_geometry": 0, "zero/exchange_to_images": 0,
        "zero/boxes": 0, "zero/control": 0,
    }  # fmt: skip
    module = Holder()
    assert module.model.geometry is not None
    with torch.no_grad():
        for number, each in enumerate(module.model.geometry.boxes.values()):
            each.ask.zero.weight[0, 0] = 3.0 + number  # type: ignore[union-attr, operator, index]
    boxes = len(module.model.geometry.boxes)
    expected = sum((3 + number) ** 2 for number in range(boxes)) ** 0.5
    assert look(module, 4)["zero/boxes"] == pytest.approx(expected)


def test_only_when_anything_is_logged_and_only_what_is_there() -> None:
    assert look(Holder(), 3) == {}
    assert look(Holder(exchange=False, control=False), 4).keys() == {"zero/boxes"}
