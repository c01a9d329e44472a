from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from partworks.errors import UsageError
from train.loggers import WeightsAndBiases


def test_a_missing_package_is_named_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec

    def absent(name: str, *more: Any) -> Any:
        return None if name == "wandb" else found(name, *more)

    monkeypatch.setattr("train.loggers.find_spec", absent)
    with pytest.raises(UsageError, match=r"needs the package wandb.*or log to TensorBoard"):
        WeightsAndBiases(project="parts")
