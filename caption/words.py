"""Small change of English: articles, plurals, lists, numbers."""

from __future__ import annotations

from collections.abc import Sequence

NUMBERS = (
    "no", "one", "two", "three", "four", "five", "six",
    "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
PLACES = frozenset(
    ["back", "bottom", "front", "left", "lower", "middle", "rear", "right", "top", "upper"]
)
IRREGULAR = {
    "foot": "feet",
    "knife": "knives",
    "leaf": "leaves",
    "man": "men",
    "person": "people",
    "shelf": "shelves",
    "tooth": "teeth",
    "woman": "women",
}
MASS = frozenset(
    [
        "coffee",
        "cloth",
        "fabric",
        "foliage",
        "fur",
        "glass",
        "grass",
        "ground",
        "hair",
        "ice",
        "icing",
        "lettuce",
        "metal",
        "milk",
        "paint",
        "rigging",
        "sand",
        "scenery",
        "snow",
        "tea",
        "water",
        "wood",
    ]
)


def with_article(phrase: str) -> str:
    """`a red chair`, `an orange`; plurals and what cannot be counted get none."""
    if is_plural(phrase) or phrase.rsplit(" ", 1)[-1] in MASS:
        return phrase
    return f"{'an' if phrase[:1].lower() in 'aeiou' else 'a'} {phrase}"


def is_plural(phrase: str) -> bool:
    """Whether the last word looks like a plural: `books` and `feet` do, `glass` does not."""
    last = phrase.rsplit(" ", 1)[-1]
    regular = len(last) > 3 and last.endswith("s") and last[-2] not in "suia'"
    return regular or last in IRREGULAR.values()


def plural(noun: str) -> str:
    """`legs`, `boxes`, `bodies`, `bottom shelves`."""
    head, _, last = noun.rpartition(" ")
    if is_plural(noun):
        return noun
    if last in IRREGULAR:
        return f"{head} {IRREGULAR[last]}".strip()
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def counted(count: int, noun: str) -> str:
    """`a seat`, `four legs`; of what is plural already, or cannot be counted, only the thing."""
    if is_plural(noun) or noun.rsplit(" ", 1)[-1] in MASS:
        return noun
    return with_article(noun) if count == 1 else f"{number(count)} {plural(noun)}"


def number(count: int) -> str:
    """Numbers up to twelve as words."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def listed(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def sentence(text: str) -> str:
    """The text with a capital and a full stop, and single spaces."""
    text = " ".join(text.split()).replace(" ,", ",")
    return f"{text[:1].upper()}{text[1:]}."


def noun_of(name: str, *, most: int = 2) -> str:
    """The thing in a name: `front left leg 2` gives `leg`; at most `most` words, the last ones.

    Sides go, as they are told from the geometry; a name that is nothing but a side is kept.
    """
    words = [word for word in name.split() if not word.isdecimal()]
    return " ".join([word for word in words if word not in PLACES][-most:] or words[-most:])
