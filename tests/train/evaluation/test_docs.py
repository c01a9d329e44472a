"""The page on evaluation names everything that can be set and that is measured."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from train.evaluation.report import TITLES
from train.metrics.evaluation import EvaluationConfig
from train.study.config import NetworkConfig, StudyConfig
from train.study.learning import LearningConfig
from train.study.report import TITLES as MEASURES

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "evaluation.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("config", [EvaluationConfig, StudyConfig, LearningConfig, NetworkConfig])
def test_every_setting_is_named(config: type) -> None:
    for field in dataclasses.fields(config):
        assert f"`{field.name}`" in PAGE, field.name


@pytest.mark.parametrize("name", TITLES)
def test_every_table_is_named(name: str) -> None:
    assert f"| `{name}` |" in PAGE


def test_every_measure_of_the_study_has_a_number() -> None:
    for title in MEASURES.values():
        assert f"| {title} | " in PAGE, title
