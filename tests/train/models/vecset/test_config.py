from __future__ import annotations

from typing import Any

import pytest

from train.models.vecset.config import VecSetConfig


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"heads": 5}, "heads"),
        ({"decoder_heads": 5}, "decoder_heads"),
        ({"decoder_width": 100}, "decoder_heads"),
        ({"read_heads": 7}, "read_heads"),
        ({"read_heads": 3, "decoder_width": 1024, "decoder_heads": 16}, "read_heads of the decode"),
        ({"tokens": 0}, "tokens"),
        ({"latent_dim": 0}, "latent_dim"),
        ({"point_features": -1}, "point_features"),
        ({"token_choices": (4, 0)}, "token_choices"),
        ({"shared_projection": True}, "shared_projection"),
        ({"sharp_points": True, "query_kind": "learned"}, "sharp_points"),
        ({"query_kind": "learned", "token_choices": (512,)}, "token_choices"),
        ({"output": "flexicubes"}, "flexicubes"),
        ({"output": "flexicubes", "inside": "negative", "field_sign": -1}, "flexicubes"),
    ],
)
def test_impossible_settings_are_refused_by_name(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=rf"network\.\w+.*{named}|network\.{named}"):
        VecSetConfig(**settings)


def test_widths_of_points() -> None:
    """51 Fourier features of a position at 8 frequencies; a normal adds 3, or 51 embedded."""
    assert VecSetConfig().position_width == 51
    assert VecSetConfig().surface_width == 54
    assert VecSetConfig(embed_point_features=True).surface_width == 102
    assert VecSetConfig(point_features=0).surface_width == 51


def test_flexicubes_have_25_channels() -> None:
    assert VecSetConfig(output="flexicubes", inside="negative").channels == 25
    assert VecSetConfig().channels == VecSetConfig(output="sdf").channels == 1
