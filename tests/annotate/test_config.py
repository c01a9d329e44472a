from typing import Any

import pytest

from annotate.config import AnnotateConfig


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"mode": "maybe"}, "mode"),
        ({"level": 1.5}, "level"),
        ({"min_parts": 0}, "min_parts"),
        ({"min_parts": 9, "max_parts": 8}, "max_parts"),
        ({"min_area_share": 0.5}, "min_area_share"),
    ],
)
def test_values_out_of_range_are_named(values: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        AnnotateConfig(**values)


def test_defaults_are_valid() -> None:
    assert AnnotateConfig().mode == "auto"
