from dataclasses import replace

import pytest

from caption.checks.consistency import ADJUSTED, DISAGREES, make_consistent, moved
from caption.facts import Look, ObjectFacts, PartFacts
from partworks.artifacts.captions import Caption, Captions

LEG = PartFacts(
    noun="leg",
    look=Look(colors=("brown",), material="", form="rod"),
    place=(),
    relation=("", ""),
    share=0.1,
    hidden=False,
    sides=(-1, -1, 1),
)
RIGHT = replace(LEG, sides=(1, -1, 1))
BEHIND = replace(LEG, sides=(1, -1, -1))


def told(short: str, *, color: str = "brown", name: str = "leg", **more: object) -> Caption:
    return Caption(
        name=name, short=short, long=f"{short} It holds.", color=color, source="vlm", **more
    )  # type: ignore[arg-type]


def consistent(
    *parts: Caption,
    facts: tuple[PartFacts, ...] = (LEG, RIGHT),
    twins: tuple[tuple[int, ...], ...] = ((0, 1),),
) -> tuple[Caption, ...]:
    captions = Captions(
        captioner="vlm",
        model="m",
        prompt_hash="",
        tokens=0,
        cost=0.0,
        whole=told("A chair."),
        parts=parts,
    )
    whole = ObjectFacts(noun="chair", look=LEG.look, sides=(1, 1, 1), parts=facts, twins=twins)
    found = make_consistent(captions, whole, source="vlm")
    assert found.whole == captions.whole
    return found.parts


def test_twins_that_agree_keep_their_words() -> None:
    parts = told("A thin leg at the left."), told("A leg, on the right side.")
    assert consistent(*parts) == parts


def test_the_surest_stands_for_all_with_sides_exchanged() -> None:
    sure = told("A brown leg at the front left.", confidence=0.9)
    odd = told("A grey pole.", color="grey", name="pole", confidence=0.4, relation="at the right")
    left, right = consistent(sure, odd)
    assert left == sure
    assert right.short == "A brown leg at the front right."
    assert right.long == "A brown leg at the front right. It holds."
    assert (right.name, right.color) == ("leg", "brown")
    assert right.flags == (ADJUSTED,) and right.relation == "at the right"


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ({"flags": ("color_disagrees:brown",), "confidence": 1.0}, {}),
        ({"unsure": True, "confidence": 1.0}, {"confidence": 0.1}),
        ({"confidence": 0.4}, {"confidence": 0.5}),
    ],
)
def test_who_is_surest(worse: dict[str, object], better: dict[str, object]) -> None:
    first = told("A brown leg.", **worse)
    second = told("A grey leg.", color="grey", **better)
    found = consistent(first, second)
    assert [caption.color for caption in found] == ["grey", "grey"]
    assert not any("color_disagrees" in flag for flag in found[0].flags)


def test_one_that_is_seen_is_surer_than_a_hidden_one() -> None:
    facts = (replace(LEG, hidden=True), RIGHT)
    found = consistent(told("A leg."), told("A leg.", color="grey"), facts=facts)
    assert [caption.color for caption in found] == ["grey", "grey"]


def test_sides_that_do_not_fit_are_left_and_flagged() -> None:
    """Left as the model saw it is not left as the object has it: whose words are right is open."""
    wrong = told("A brown leg at the right.", confidence=0.9)
    other = told("A grey leg.", color="grey")
    left, right = consistent(wrong, other)
    assert left == wrong
    assert right == replace(other, flags=(DISAGREES,))


def test_others_are_left_alone() -> None:
    parts = told("A leg."), told("A grey leg.", color="grey"), told("A red seat.", color="red")
    assert consistent(*parts, facts=(LEG, RIGHT, RIGHT), twins=()) == parts
    reviewed = replace(parts[1], source="reviewer")
    assert consistent(parts[0], reviewed) == (parts[0], reviewed)
    silent = replace(parts[1], short="")
    assert consistent(parts[0], silent) == (parts[0], silent)


def test_all_of_a_group_follow() -> None:
    facts = (LEG, RIGHT, BEHIND)
    parts = (
        told("A leg at the lower front left.", confidence=1.0),
        told("A grey leg.", color="grey"),
        told("A pole.", name="pole"),
    )
    found = consistent(*parts, facts=facts, twins=((0, 1, 2),))
    assert [caption.short for caption in found] == [
        "A leg at the lower front left.",
        "A leg at the lower front right.",
        "A leg at the lower back right.",
    ]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("Left of the seat.", "leg", "Right of the seat."),
        ("The back of a chair, at the left.", "back", "The back of a chair, at the right."),
        ("At the front.", "leg", "At the front."),
        ("At the rear.", "leg", None),
        ("Nothing of the kind.", "leg", "Nothing of the kind."),
    ],
)
def test_moved(text: str, name: str, expected: str | None) -> None:
    assert moved(text, name, here=RIGHT, there=LEG) == expected


def test_a_side_that_the_twin_has_not_does_not_fit() -> None:
    middle = replace(LEG, sides=(0, -1, 1))
    assert moved("A leg at the left.", "leg", here=middle, there=LEG) is None
    assert moved("A leg at the bottom.", "leg", here=middle, there=LEG) == "A leg at the bottom."
