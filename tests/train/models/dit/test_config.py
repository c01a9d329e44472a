from __future__ import annotations

from typing import Any

import pytest

from train.models.dit.config import DiTConfig, SimpleDenoiserConfig


@pytest.mark.parametrize("kind", [DiTConfig, SimpleDenoiserConfig])
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"layers": 0}, "layers is 0, expected at least 1"),
        ({"latent_dim": -1}, "latent_dim is -1"),
        ({"width": 10, "heads": 3}, "heads"),
    ],
)
def test_sizes_that_cannot_be(kind: Any, settings: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kind(**settings)


def test_the_first_release_needs_as_many_sines_as_cosines() -> None:
    with pytest.raises(ValueError, match="even"):
        SimpleDenoiserConfig(width=9, heads=3)
