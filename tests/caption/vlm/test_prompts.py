from __future__ import annotations

import pytest

from caption.vlm import prompts
from caption.vlm.answers import ATTRIBUTES, Described, Shortened, Verified


def test_every_prompt_is_there_and_says_something() -> None:
    assert all(len(prompts.raw(name)) > 80 for name in prompts.NAMES)
    assert len(prompts.digest()) == 64


def test_a_word_that_is_missing_is_an_error() -> None:
    with pytest.raises(KeyError):
        prompts.text("part", label="a", notes="")
    assert "$" not in prompts.text("part", label="a", notes="", max_words=15)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("part", Described), ("parts", Described), ("whole", Described), ("shorten", Shortened)],
)
def test_a_prompt_names_every_field_of_its_answer(name: str, kind: type[Described]) -> None:
    for field in kind.model_fields:
        assert f'"{field}"' in prompts.raw(name)


def test_the_second_look_asks_for_every_attribute() -> None:
    assert {*ATTRIBUTES, "image"} == set(Verified.model_fields)
    assert all(f'"{field}"' in prompts.raw("verify") for field in ATTRIBUTES)
