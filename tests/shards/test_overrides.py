from __future__ import annotations

import dataclasses

import pytest

from shards.field.config import FieldConfig
from shards.grid import GridConfig
from shards.overrides import FieldOverrides, GridOverrides, PointsOverrides, override
from shards.points import PointsConfig

PAIRS = [
    (PointsConfig, PointsOverrides),
    (FieldConfig, FieldOverrides),
    (GridConfig, GridOverrides),
]


@pytest.mark.parametrize(("config", "overrides"), PAIRS)
def test_every_setting_can_be_overridden_and_nothing_else(config: type, overrides: type) -> None:
    own = {field.name: field.type for field in dataclasses.fields(config)}
    found = {field.name: field.type for field in dataclasses.fields(overrides)}
    assert found == {name: f"{kind} | None" for name, kind in own.items()}


@pytest.mark.parametrize(("config", "overrides"), PAIRS)
def test_nothing_is_set_unless_it_is_said(config: type, overrides: type) -> None:
    assert override(config(), overrides()) == config()
    for field in dataclasses.fields(config):
        value = getattr(config(), field.name)
        assert override(config(), overrides(**{field.name: value})) == config()


def test_what_is_set_stands_in_place_of_the_presets() -> None:
    preset = PointsConfig(part_points=32768, object_points=32768)
    found = override(preset, PointsOverrides(part_points=4096, sharp_points=0))
    assert found == PointsConfig(part_points=4096, object_points=32768)


def test_impossible_values_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shards\.points\.part_points is 0"):
        override(PointsConfig(), PointsOverrides(part_points=0))
