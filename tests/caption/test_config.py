import pytest

from caption.config import CaptionConfig


@pytest.mark.parametrize(("name", "value"), [("samples", 9), ("max_words", 7)])
def test_values_out_of_range_are_named(name: str, value: int) -> None:
    with pytest.raises(ValueError, match=name):
        CaptionConfig(**{name: value})


def test_default_captioner_is_the_template() -> None:
    assert CaptionConfig().captioner == "template"
