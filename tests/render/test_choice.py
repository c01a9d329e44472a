from __future__ import annotations

import pytest

from render.blender.command import BlenderStartError
from render.choice import make_backend
from render.config import BlenderConfig, RenderConfig


def test_the_settings_name_the_backend() -> None:
    assert make_backend(RenderConfig(), seed=0).name == "raster"


def test_blender_gets_its_settings_and_starts_at_once() -> None:
    config = RenderConfig(backend="blender", blender=BlenderConfig(executable="no-such-blender"))
    with pytest.raises(BlenderStartError, match="no program no-such-blender"):
        make_backend(config, seed=0)
