import pytest

from caption.composite.config import CompositeConfig


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("panel", 95),
        ("neighbours", 1.5),
        ("views", 0),
        ("background", 256),
        ("style", "circle"),
        ("image", "jpeg"),
    ],
)
def test_values_out_of_range_are_named(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        CompositeConfig(**{name: value})  # type: ignore[arg-type]
