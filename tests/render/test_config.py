from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from render.config import RenderConfig


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("backend", "eevee", "backend must be one of raster, blender, not eevee"),
        ("rig", "orbit", "ring, hammersley"),
        ("shading", "toon", "headlight, unlit"),
        ("passes", ("depth", "albedo"), "passes must be different ones of depth, normal, part"),
        ("passes", ("depth", "depth"), "different ones"),
        ("size", 4, "size must be at least 8"),
        ("size", 5000, "at most 4096"),
        ("object_views", 0, "object_views must be at least 1"),
        ("part_views", -1, "part_views must be at least 0"),
        ("supersample", 0, "supersample must be at least 1"),
        ("supersample", 9, "at most 8"),
        ("samples", 0, "samples must be at least 1"),
        ("elevation", 91.0, "elevation must be in"),
        ("fov", 0.5, "fov must be in"),
    ],
)
def test_a_wrong_value_is_named_with_what_would_be_right(
    name: str, value: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        RenderConfig(**{name: value})


def test_every_setting_is_explained() -> None:
    assert RenderConfig.__doc__ is not None
    for field in fields(RenderConfig):
        assert f"        {field.name}: " in RenderConfig.__doc__


def test_only_the_threads_leave_the_pixels_alone() -> None:
    free = [f.name for f in fields(RenderConfig) if f.metadata.get("affects_output") is False]
    assert free == ["threads"]
