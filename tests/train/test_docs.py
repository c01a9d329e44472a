"""The page on training names everything that can be set."""

from __future__ import annotations

import dataclasses
import inspect
from pathlib import Path

import pytest

from train.cli import COMMANDS, TrainCLI
from train.denoiser.data import LatentDataModule
from train.denoiser.objective import DenoisingConfig
from train.encode.config import EncodeConfig
from train.models.external.formats import FORMATS
from train.models.part_vae.objective import ObjectiveConfig, RenderConfig
from train.models.vecset.variants import VARIANTS
from train.schedules.presets import SCHEDULES
from train.validation.report import ValidationReport

TOP = Path(__file__).resolve().parents[2]
PAGE = (TOP / "docs" / "training.md").read_text(encoding="utf-8")


def settings(config: type) -> list[str]:
    return [field.name for field in dataclasses.fields(config)]


def test_every_command_is_explained() -> None:
    for name in (*TrainCLI.subcommands(), *COMMANDS):
        assert f"| `{name}` |" in PAGE, name


def test_every_config_is_named() -> None:
    configs = TOP / "train" / "configs"
    for path in configs.rglob("*.yaml"):
        assert f"`{path.name}`" in PAGE, path.name


@pytest.mark.parametrize("config", [ObjectiveConfig, RenderConfig, EncodeConfig, DenoisingConfig])
def test_every_setting_is_named(config: type) -> None:
    for name in settings(config):
        assert f"`{name}`" in PAGE or f"`{name}:" in PAGE, f"{config.__name__}.{name}"


def test_every_argument_of_the_report_is_named() -> None:
    for name in list(inspect.signature(ValidationReport.__init__).parameters)[1:]:
        assert f"`{name}`" in PAGE or f"{name}:" in PAGE, name


def test_what_denoisers_are_given_is_named() -> None:
    shared = {"seed", "num_workers", "cache_objects", "batch_size"}
    for name in set(inspect.signature(LatentDataModule.__init__).parameters) - shared - {"self"}:
        assert f"`data.{name}`" in PAGE, name
    for name in ("pretrained_lr", "init_from", *SCHEDULES):
        assert f"`{name}`" in PAGE, name


@pytest.mark.parametrize("name", [*VARIANTS, *FORMATS])
def test_every_network_and_format_is_named(name: str) -> None:
    assert f"`{name}`" in PAGE
