from __future__ import annotations

from typing import Any

import pytest

from caption.vlm.config import VlmConfig
from tests.caption.vlm.subjects import config


@pytest.mark.parametrize(
    "settings",
    [
        {"temperature": -1.0},
        {"max_tokens": 3},
        {"parts_per_request": 0},
        {"concurrency": 0},
        {"attempts": 0},
        {"budget": -1.0},
        {"batch_discount": 1.5},
        {"base_url": "http://user:secret@host/v1"},
        {"base_url": "http://host/v1?key=secret"},
    ],
)
def test_refuses_what_makes_no_sense(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(settings))) as caught:
        VlmConfig(**settings)
    assert "secret" not in str(caught.value)


def test_a_batch_takes_its_share_of_the_price() -> None:
    assert config(mode="batch").price.output == config().price.output / 2
    assert config(mode="batch", batch_discount=1.0).price == config().price


def test_asks_for_a_model_and_its_price() -> None:
    config().check()
    with pytest.raises(ValueError, match=r"vlm\.model"):
        VlmConfig().check()
    with pytest.raises(ValueError, match="price"):
        VlmConfig(model="mine").check()
