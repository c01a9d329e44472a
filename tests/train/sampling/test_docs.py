"""The page on sampling names everything that can be set, and its examples can be read."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from train.sampling.config import SamplingConfig
from train.sampling.editing import edited_layout, read_edit
from train.sampling.layout import Joint, Layout
from train.sampling.reading import read_layouts
from train.schedules.presets import SCHEDULES

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "sampling.md").read_text(encoding="utf-8")
CABINET, LAMP, EDIT = re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL)


def test_every_setting_is_named() -> None:
    for config in (SamplingConfig, Layout):
        for field in dataclasses.fields(config):
            assert f"`{field.name}`" in PAGE or f'"{field.name}"' in PAGE, field.name
    assert all(f'"{field.name}"' in PAGE for field in dataclasses.fields(Joint))


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_is_named(name: str) -> None:
    assert f"`{name}`" in PAGE


def test_the_examples_can_be_read(tmp_path: Path) -> None:
    for name, text in (("cabinet.json", CABINET), ("edit.json", EDIT), ("lamp.json", LAMP)):
        (tmp_path / name).write_text(text)
    (tmp_path / "lamp.urdf").write_text(
        '<robot name="lamp"><link name="head"><visual><geometry><box size="1 1 1"/></geometry>'
        "</visual></link></robot>"
    )
    (cabinet,) = read_layouts(tmp_path / "cabinet.json")
    edited = edited_layout(cabinet, read_edit(tmp_path / "edit.json"))
    assert [part.name for part in edited.parts] == ["body", "door", "second door"]
    (lamp,) = read_layouts(tmp_path / "lamp.json")
    assert lamp.parts[0].text == "a green glass shade"
