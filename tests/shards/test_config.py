from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from partworks.config import as_tree
from partworks.plan import settings_that_matter
from shards.config import ShardsConfig
from shards.overrides import GridOverrides, PointsOverrides
from shards.presets import PRESETS, PresetName


@pytest.mark.parametrize("name", list(PRESETS))
def test_a_preset_holds_where_nothing_is_set(name: PresetName) -> None:
    assert ShardsConfig(preset=name).chosen == PRESETS[name]


@pytest.mark.parametrize("name", list(PRESETS))
def test_what_is_set_holds_whatever_the_preset(name: PresetName) -> None:
    """Also where it is what another preset, or no preset, would say."""
    own: dict[str, Any] = {
        "max_parts": 32,
        "tail": "drop",
        "views": 0,
        "part_views": 0,
        "view_grids": False,
        "part_masks": False,
        "wireframes": False,
        "passes": ("depth",),
    }
    config = ShardsConfig(
        preset=name,
        points=PointsOverrides(part_points=4096, object_points=16384),
        grid=GridOverrides(resolution=0),
        **own,
    )
    found = {setting: getattr(config.chosen, setting) for setting in own}
    assert found == own
    assert config.chosen.points == PRESETS["copart"].points
    assert config.chosen.field == PRESETS[name].field
    assert config.chosen.grid.resolution == 0


def test_settings_of_packing_make_no_sample_stale() -> None:
    free = {"val_share", "test_share", "shard_mb", "name", "url", "published"}
    every = {field.name for field in dataclasses.fields(ShardsConfig)}
    assert free <= every - set(settings_that_matter(ShardsConfig()))
    packed = dataclasses.replace(ShardsConfig(), name="chairs", shard_mb=1, val_share=0.5)
    assert settings_that_matter(packed) == settings_that_matter(ShardsConfig())


@pytest.mark.parametrize(
    "changed",
    [{"preset": "trellis"}, {"points": PointsOverrides(farthest=8)}, {"webp_quality": 80}],
)
def test_settings_of_samples_do(changed: dict[str, Any]) -> None:
    config = dataclasses.replace(ShardsConfig(), **changed)
    assert settings_that_matter(config) != settings_that_matter(ShardsConfig())


def test_a_config_is_json() -> None:
    tree = as_tree(ShardsConfig(points=PointsOverrides(part_points=5)))
    assert tree["points"]["part_points"] == 5
    assert tree["points"]["object_points"] is None


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("max_parts", 0),
        ("max_parts", 256),
        ("webp_quality", 101),
        ("webp_method", 7),
        ("shard_mb", 0),
        ("views", -1),
        ("part_views", 1001),
        ("preset", "dora"),
        ("tail", "split"),
        ("passes", ("position",)),
        ("passes", ("depth", "depth")),
    ],
)
def test_impossible_settings_are_refused(setting: str, value: Any) -> None:
    with pytest.raises(ValueError, match=rf"shards\.{setting} is"):
        ShardsConfig(**{setting: value})


def test_shares_beyond_the_whole_are_refused() -> None:
    with pytest.raises(ValueError, match="their sum at most 1"):
        ShardsConfig(val_share=0.6, test_share=0.6)


def test_every_nested_setting_is_explained_with_its_default() -> None:
    page = (Path(__file__).parents[2] / "docs" / "stages" / "shards.md").read_text("utf-8")
    for group in ("points", "field", "grid"):
        for name, value in dataclasses.asdict(getattr(PRESETS["copart"], group)).items():
            shown = ", ".join(f"{each:g}" for each in np.atleast_1d(value))
            assert f"| `{group}.{name}` | {shown} |" in page
    for preset in PRESETS:
        assert f"| `{preset}`" in page
