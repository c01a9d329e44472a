"""The template captioner: sentences filled in with what was measured."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

from caption.checks.lengths import MOST_DETAILED, words_of
from caption.colors import PROTOTYPES
from caption.composite.composite import Composite
from caption.facts import Look, ObjectFacts, PartFacts
from caption.materials import SUBSTANCES
from caption.words import counted, is_plural, listed, number, sentence, with_article
from partworks.artifacts.captions import Caption, Captions

VERSION = 2
PART_SHORT = "{thing} at the {place} of the {whole}"
PART_OF = "{thing}, part of the {whole}"
PART_LOOK = "this {thing} is {look}"
PART_SEAT = "it is {seat}"
PART_SHARE = "it makes up {share} of the surface"
PART_HIDDEN = "it cannot be seen from outside"
PARTS_LOOK = "these {thing} are {look}"
PARTS_SEAT = "they are {seat}"
PARTS_SHARE = "they make up {share} of the surface"
PARTS_HIDDEN = "they cannot be seen from outside"
WHOLE_SHORT = "{thing} with {parts}"
WHOLE_LOOK = "{thing}, {stature}"
WHOLE_PARTS = "the {count} parts are {parts}"
WHOLE_HIDDEN = "{count} {noun} cannot be seen from outside"
FORM_WORDS = {
    "ball": "round",
    "bar": "long",
    "block": "box-shaped",
    "cylinder": "cylindrical",
    "disc": "disc-shaped",
    "plate": "flat",
    "ring": "ring-shaped",
    "rod": "rod-shaped",
    "tube": "tube-shaped",
}
BEFORE_A_SIDE = {"top": "upper", "bottom": "lower"}
"""How the first of two words for a place is said."""

MOST_LISTED = 8

PROMPT = "\n".join(
    [
        f"template {VERSION}",
        *(PART_SHORT, PART_OF, PART_LOOK, PART_SEAT, PART_SHARE, PART_HIDDEN),
        *(PARTS_LOOK, PARTS_SEAT, PARTS_SHARE, PARTS_HIDDEN),
        *(WHOLE_SHORT, WHOLE_LOOK, WHOLE_PARTS, WHOLE_HIDDEN),
        *(repr(FORM_WORDS), repr(BEFORE_A_SIDE), repr(SUBSTANCES), repr(PROTOTYPES)),
    ]
)


class TemplateCaptioner:
    """Needs no model and costs nothing; says what can be measured and no more.

    Args:
        max_words: words of a short caption at the most.
    """

    name = "template"
    sees = False
    paid = 0.0

    def __init__(self, *, max_words: int) -> None:
        self._max_words = max_words

    def caption(
        self,
        facts: ObjectFacts,
        composites: Sequence[Composite | None] = (),
        whole: Composite | None = None,
    ) -> Captions:
        """See `Captioner.caption`; it looks at no picture, and leaves no part out."""
        return Captions(
            captioner=self.name,
            model="",
            prompt_hash=hashlib.sha256(PROMPT.encode()).hexdigest(),
            tokens=0,
            cost=0.0,
            whole=whole_caption(facts, max_words=self._max_words),
            parts=tuple(
                part_caption(part, facts, max_words=self._max_words) for part in facts.parts
            ),
            variants=whole_variants(facts),
        )


def part_caption(part: PartFacts, whole: ObjectFacts, *, max_words: int) -> Caption:
    """The texts of one part."""
    return Caption(
        name=part.noun,
        short=_first_fitting(_part_shorts(part, whole), max_words),
        long=" ".join(sentence(text) for text in _part_sentences(part, whole)),
        color=listed(part.look.colors),
        material=part.look.material,
        shape=FORM_WORDS.get(part.look.form, ""),
        relation=_seat(part, whole),
        source=TemplateCaptioner.name,
    )


def whole_caption(facts: ObjectFacts, *, max_words: int) -> Caption:
    """The texts of the object."""
    return Caption(
        name=" ".join(facts.noun.split()[-2:]),
        short=_first_fitting(_whole_shorts(facts), max_words),
        long=" ".join(sentence(text) for text in _whole_sentences(facts)),
        color=listed(facts.look.colors),
        material=facts.look.material,
        shape=_stature(facts.sides),
        source=TemplateCaptioner.name,
    )


def whole_variants(facts: ObjectFacts) -> tuple[str, ...]:
    """Texts of the object, long to short, down to its name, for augmentation in training.

    TRELLIS has a language model shorten a description step by step; a template says less at each
    step, and has as many steps as there is to say.
    """
    long = " ".join(sentence(text) for text in _whole_sentences(facts))
    name = sentence(with_article(" ".join(facts.noun.split()[-2:])))
    texts = [long, *(sentence(text) for text in _whole_shorts(facts)), name]
    ordered = sorted(dict.fromkeys(texts), key=lambda text: -words_of(text))
    most = (words_of(long), *[MOST_DETAILED] * len(ordered))
    return tuple(
        text for text, limit in zip(ordered, most, strict=False) if words_of(text) <= limit
    )


def _first_fitting(texts: Iterable[str], max_words: int) -> str:
    """The first text that is short enough, as a sentence; of the last one only the beginning."""
    words: list[str] = []
    for text in texts:
        words = text.split()
        if len(words) <= max_words:
            break
    return sentence(" ".join(words[:max_words]).rstrip(","))


def _part_shorts(part: PartFacts, whole: ObjectFacts) -> Iterable[str]:
    """Ever shorter texts: the second colour, the form, the material and the place go in turn."""
    for colors, form, material, place in (
        (2, True, True, True),
        (1, True, True, True),
        (1, False, True, True),
        (1, False, False, True),
        (1, False, False, False),
    ):
        words = _adjectives(part.look, part.noun, colors=colors, form=form, material=material)
        pattern = PART_SHORT if part.place and place else PART_OF
        yield pattern.format(
            thing=with_article(f"hidden {words}" if part.hidden else words),
            place=_place(part) if part.place else "",
            whole=whole.noun,
        )


def _adjectives(look: Look, noun: str, *, colors: int, form: bool, material: bool) -> str:
    words = [
        _form_word(look, noun) if form else "",
        listed(look.colors[:colors]),
        look.material if material and look.material not in noun.split() else "",
        noun,
    ]
    return " ".join(word for word in words if word)


def _form_word(look: Look, noun: str) -> str:
    """An adjective for the form; none for a ring that is called ring."""
    return "" if look.form in noun.split() else FORM_WORDS.get(look.form, "")


def _part_sentences(part: PartFacts, whole: ObjectFacts) -> Iterable[str]:
    """At most three: how it looks, where it is, how much of the object it is or that it hides."""
    look, seat, share, hidden = (
        (PARTS_LOOK, PARTS_SEAT, PARTS_SHARE, PARTS_HIDDEN)
        if is_plural(part.noun)
        else (PART_LOOK, PART_SEAT, PART_SHARE, PART_HIDDEN)
    )
    described = [_form_word(part.look, part.noun), *part.look.colors]
    if any(described):
        thing = _adjectives(part.look, part.noun, colors=0, form=False, material=True)
        yield look.format(thing=thing, look=listed([word for word in described if word]))
    yield seat.format(seat=_seat(part, whole))
    yield hidden if part.hidden else share.format(share=_share(part.share))


def _seat(part: PartFacts, whole: ObjectFacts) -> str:
    """Where a part is, in the object and to the largest other part."""
    placed = [f"at the {_place(part)} of the {whole.noun}"] if part.place else []
    if part.relation[0]:
        placed.append(f"{part.relation[0]} the {part.relation[1]}")
    return ", ".join(placed) or f"part of the {whole.noun}"


def _place(part: PartFacts) -> str:
    """`top`, `front left`, `upper left`."""
    first, *others = part.place
    return " ".join([BEFORE_A_SIDE.get(first, first) if others else first, *others])


def _share(share: float) -> str:
    if share < 0.01:
        return "less than 1 %"
    return f"about {round(100 * share)} %"


def _whole_shorts(facts: ObjectFacts) -> Iterable[str]:
    """Ever shorter texts: parts, the second colour and the material go in turn."""
    groups = _groups(facts.parts)
    for most, colors, material in (
        (3, 2, True),
        (2, 2, True),
        (2, 1, True),
        (1, 1, True),
        (1, 1, False),
        (0, 1, False),
    ):
        alone = most == 0 or not groups
        thing = with_article(
            _adjectives(facts.look, facts.noun, colors=colors, form=alone, material=material)
        )
        if alone:
            yield thing
        else:
            parts = listed([counted(count, noun) for noun, count in groups[:most]])
            yield WHOLE_SHORT.format(thing=thing, parts=parts)


def _groups(parts: tuple[PartFacts, ...]) -> list[tuple[str, int]]:
    """Nouns with how many parts have them, the largest area first; parts without a name go.

    Empty where there is but one part.
    """
    if len(parts) < 2:
        return []
    named = [part for part in parts if part.noun != "part"]
    counts = Counter(part.noun for part in named)
    area = dict.fromkeys(counts, 0.0)
    for part in named:
        area[part.noun] += part.share
    return [(noun, counts[noun]) for noun in sorted(counts, key=lambda noun: (-area[noun], noun))]


def _whole_sentences(facts: ObjectFacts) -> Iterable[str]:
    """At most three: how it looks, its parts, what of it is hidden."""
    thing = _adjectives(facts.look, facts.noun, colors=2, form=False, material=True)
    yield WHOLE_LOOK.format(thing=with_article(thing), stature=_stature(facts.sides))
    groups = _groups(facts.parts)
    if groups:
        names = [counted(count, noun) for noun, count in groups[:MOST_LISTED]]
        rest = len(facts.parts) - sum(count for _, count in groups[:MOST_LISTED])
        if rest:
            names.append("another" if rest == 1 else f"{number(rest)} others")
        yield WHOLE_PARTS.format(count=number(len(facts.parts)), parts=listed(names))
    hidden = sum(part.hidden for part in facts.parts)
    if hidden:
        yield WHOLE_HIDDEN.format(count=number(hidden), noun="part" if hidden == 1 else "parts")


def _stature(sides: tuple[float, float, float]) -> str:
    """How a box of these sides (x, y, z) stands there."""
    width, height, depth = sides
    across = max(width, depth)
    if height > 1.25 * across:
        return "taller than wide"
    if height < 0.25 * across:
        return "low and flat"
    if across > 1.6 * min(width, depth):
        return "longer than wide" if depth > width else "wider than deep"
    return "about as tall as wide" if height > 0.8 * across else "wider than tall"
