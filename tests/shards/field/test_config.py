from __future__ import annotations

from typing import Any

import pytest

from shards.field.config import FieldConfig


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("surface_points", -1),
        ("near_points", 1 << 21),
        ("volume_points", -5),
        ("sigmas", ()),
        ("sigmas", (0.1, 0.0)),
        ("extent", 0.0),
        ("truncation", float("nan")),
    ],
)
def test_settings_out_of_range_are_refused(setting: str, value: Any) -> None:
    with pytest.raises(ValueError, match=rf"shards\.field\.{setting} is"):
        FieldConfig(**{setting: value})


def test_whether_points_are_wanted() -> None:
    assert FieldConfig().wanted
    assert FieldConfig(surface_points=0, near_points=1, volume_points=0).wanted
    assert not FieldConfig(surface_points=0, near_points=0, volume_points=0).wanted
