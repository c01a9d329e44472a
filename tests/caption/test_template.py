import hashlib
from dataclasses import replace

import numpy as np
import pytest

from caption.checks.lengths import variant_faults
from caption.facts import Look, ObjectFacts, PartFacts, observe
from caption.template import (
    PROMPT,
    TemplateCaptioner,
    part_caption,
    whole_caption,
    whole_variants,
)
from tests.caption.shapes import ball_on_box, subject_of

LEG = PartFacts(
    noun="leg",
    look=Look(colors=("brown", "tan"), material="wooden", form="rod"),
    place=("front", "left"),
    relation=("below", "seat"),
    share=0.041,
    hidden=False,
)
CHAIR = ObjectFacts(
    noun="chair",
    look=Look(colors=("brown",), material="wooden", form="piece"),
    sides=(1.0, 2.0, 1.0),
    parts=(replace(LEG, noun="seat", share=0.5), *(LEG,) * 4),
)


def seen() -> ObjectFacts:
    subject = subject_of(ball_on_box(), ["box", "ball"])
    return observe(subject, samples=500, generator=np.random.default_rng(0))


def test_attributes_are_those_of_the_sentences() -> None:
    caption = part_caption(LEG, CHAIR, max_words=15)
    assert (caption.color, caption.material, caption.shape) == (
        "brown and tan",
        "wooden",
        "rod-shaped",
    )
    assert caption.relation == "at the front left of the chair, below the seat"
    assert caption.source == "template" and caption.request is None
    whole = whole_caption(CHAIR, max_words=15)
    assert (whole.color, whole.shape) == ("brown", "taller than wide")


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (("top",), "at the top of"),
        (("bottom",), "at the bottom of"),
        (("top", "left"), "at the upper left of"),
        (("bottom", "front"), "at the lower front of"),
        (("back", "right"), "at the back right of"),
    ],
)
def test_places(place: tuple[str, ...], words: str) -> None:
    caption = part_caption(replace(LEG, place=place), CHAIR, max_words=15)
    assert words in caption.short and words in caption.long


def test_variants_get_shorter_down_to_the_name() -> None:
    variants = whole_variants(CHAIR)
    assert variants[0] == whole_caption(CHAIR, max_words=15).long
    assert variants[-1] == "A chair." and len(variants) >= 3
    assert variant_faults(variants) == ()
    many = replace(
        CHAIR, parts=tuple(replace(LEG, noun=f"{a} {b}") for a in "abcde" for b in "xyz")
    )
    assert variant_faults(whole_variants(many)) == ()


def test_a_part() -> None:
    caption = part_caption(LEG, CHAIR, max_words=15)
    assert caption.name == "leg"
    assert caption.short == (
        "A rod-shaped brown and tan wooden leg at the front left of the chair."
    )
    assert caption.long == (
        "This wooden leg is rod-shaped, brown and tan. "
        "It is at the front left of the chair, below the seat. "
        "It makes up about 4 % of the surface."
    )


def test_the_whole() -> None:
    caption = whole_caption(CHAIR, max_words=15)
    assert caption.name == "chair"
    assert caption.short == "A brown wooden chair with a seat and four legs."
    assert caption.long == (
        "A brown wooden chair, taller than wide. The five parts are a seat and four legs."
    )


def test_a_hidden_part_is_said_to_be_hidden() -> None:
    hidden = replace(LEG, hidden=True, place=())
    caption = part_caption(hidden, CHAIR, max_words=15)
    assert caption.short == "A hidden rod-shaped brown and tan wooden leg, part of the chair."
    assert caption.long.endswith("It cannot be seen from outside.")
    whole = whole_caption(replace(CHAIR, parts=(*CHAIR.parts, hidden, hidden)), max_words=15)
    assert whole.long.endswith("Two parts cannot be seen from outside.")


def test_plurals_agree() -> None:
    caption = part_caption(replace(LEG, noun="books"), CHAIR, max_words=15)
    assert caption.short.startswith("Rod-shaped brown and tan wooden books")
    assert caption.long.startswith("These wooden books are rod-shaped, brown and tan. They are at")


def test_nothing_is_said_twice() -> None:
    ring = replace(LEG, noun="glass ring", look=Look(colors=(), material="glass", form="ring"))
    caption = part_caption(ring, CHAIR, max_words=15)
    assert caption.short == "A glass ring at the front left of the chair."
    assert caption.long.startswith("It is at the front left of the chair")


@pytest.mark.parametrize("max_words", [8, 10, 12, 15])
def test_short_texts_are_short(max_words: int) -> None:
    long_look = Look(colors=("dark brown", "light green"), material="transparent", form="rod")
    part = replace(LEG, noun="coupling rod", look=long_look, hidden=True)
    whole = replace(CHAIR, noun="long dining table", look=long_look, parts=(part,) * 5)
    for caption in (
        part_caption(part, whole, max_words=max_words),
        whole_caption(whole, max_words=max_words),
    ):
        assert len(caption.short.split()) <= max_words
        assert caption.short.endswith(".") and caption.short[0].isupper()
        assert caption.long.count(".") <= 3


def test_nothing_known_still_reads() -> None:
    blank = replace(
        LEG,
        noun="part",
        look=Look(colors=(), material="", form="piece"),
        place=(),
        relation=("", ""),
        share=0.001,
    )
    whole = ObjectFacts(noun="object", look=blank.look, sides=(1, 1, 1), parts=(blank,))
    caption = part_caption(blank, whole, max_words=15)
    assert caption.short == "A part, part of the object."
    assert caption.long == "It is part of the object. It makes up less than 1 % of the surface."
    assert whole_caption(whole, max_words=15).short == "An object."


@pytest.mark.parametrize(
    ("sides", "words"),
    [
        ((1, 2, 1), "taller than wide"),
        ((2, 0.2, 2), "low and flat"),
        ((2, 1, 1), "wider than deep"),
        ((1, 1, 2), "longer than wide"),
        ((1, 1, 1), "about as tall as wide"),
        ((1, 0.5, 1), "wider than tall"),
    ],
)
def test_stature(sides: tuple[float, float, float], words: str) -> None:
    assert words in whole_caption(replace(CHAIR, sides=sides), max_words=15).long


def test_a_red_ball_on_a_blue_box() -> None:
    captioner = TemplateCaptioner(max_words=15)
    captions = captioner.caption(seen())
    box, ball = captions.parts
    assert ball.short == "A red ball at the top of the toy."
    assert "above the box" in ball.long
    assert box.short == "A blue box, part of the toy." or box.short.startswith("A box-shaped blue")
    assert captions.whole.short == "A blue and red toy with a box and a ball."


def test_provenance() -> None:
    captions = TemplateCaptioner(max_words=15).caption(seen())
    assert (captions.captioner, captions.model) == ("template", "")
    assert (captions.tokens, captions.cost) == (0, 0.0)
    assert captions.prompt_hash == hashlib.sha256(PROMPT.encode()).hexdigest()
    assert "{place}" in PROMPT and "template 2" in PROMPT
