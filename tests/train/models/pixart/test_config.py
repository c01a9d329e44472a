from __future__ import annotations

import pytest

from train.models.pixart.config import PixArtConfig


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"layers": 0}, "layers is 0"),
        ({"heads": 3, "head_width": 5}, "15, expected a multiple of 4"),
        ({"sample_size": 7}, "multiple of patch_size"),
    ],
)
def test_sizes_that_cannot_be(settings: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PixArtConfig(**settings)


def test_width() -> None:
    assert PixArtConfig().width == PixArtConfig().arguments()["cross_attention_dim"] == 1152
