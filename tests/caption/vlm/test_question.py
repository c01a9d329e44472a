from __future__ import annotations

import base64
import dataclasses
from typing import Any

import pytest

from caption.vlm.answers import Described
from caption.vlm.question import Question, label_of, notes_of
from tests.caption.vlm.subjects import config, picture


def question(number: int = 0, text: str = "what?") -> Question:
    shown = picture(number)
    return Question(
        kind="part",
        text=text,
        labels=(label_of("part00", shown),),
        pictures=(shown,),
        answer=Described,
    )


def test_the_body_holds_the_pictures_bytes() -> None:
    body = question().body(config())
    content = body["messages"][1]["content"]
    url = content[1]["image_url"]["url"]
    assert base64.b64decode(url.removeprefix("data:image/png;base64,")) == picture(0).image
    assert content[0]["text"] == f"Picture part00-{picture(0).sha256[:8]}:"
    assert body["response_format"]["json_schema"]["strict"] is True


def test_a_key_depends_on_all_that_the_answer_does() -> None:
    base = question().key(config())
    assert question().key(config()) == base
    others = [
        question(1).key(config()),
        question(text="which?").key(config()),
        question().repaired("x", "y").key(config()),
        question().repaired("x", "z").key(config()),
        question().key(config(model="other")),
        question().key(config(temperature=0.5)),
        question().key(config(seed=1)),
        question().key(config(max_tokens=99)),
        question().key(config(detail="low")),
        question().key(config(structured="none")),
    ]
    assert len({base, *others}) == 1 + len(others)


@pytest.mark.parametrize(
    "settings", [{"base_url": "http://elsewhere/v1"}, {"concurrency": 3}, {"budget": 1.0}]
)
def test_a_key_does_not_depend_on_who_answers_and_how_fast(settings: dict[str, Any]) -> None:
    assert question().key(config(**settings)) == question().key(config())


def test_a_repair_shows_the_reply_and_what_is_wrong_with_it() -> None:
    messages = question().repaired("{half", "it ends early").body(config())["messages"]
    assert [each["role"] for each in messages] == ["system", "user", "assistant", "user"]
    assert messages[2]["content"] == "{half" and "it ends early" in messages[3]["content"]


def test_the_bound_on_tokens_grows_with_pictures_and_answers() -> None:
    one = question().tokens(config(), tokens_a_pixel=0.0)
    assert question().tokens(config(), tokens_a_pixel=0.5)[0] - one[0] == 0.5 * 32 * 32
    two = dataclasses.replace(question(), answers=2)
    assert two.tokens(config(), tokens_a_pixel=0.0)[1] == 2 * one[1] == 2 * 600


def test_notes_are_sentences_of_their_own() -> None:
    assert notes_of([("a", picture(0))]) == ""
    noted = picture(1, note="No view  shows it.")
    assert notes_of([("a", picture(0)), ("b", noted)]) == " About b: No view shows it."
