"""Twins get one description: what is said of one leg of a chair holds for the others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from caption.facts import ObjectFacts, PartFacts
from partworks.artifacts.captions import Caption, Captions

ADJUSTED = "twin_adjusted"
DISAGREES = "twin_disagrees"
ATTRIBUTES = ("name", "color", "material", "shape")
"""What twins have in common; how they lie in the object they have not."""

SWAPS: tuple[Mapping[str, str], ...] = (
    {"left": "right", "right": "left"},
    {"top": "bottom", "bottom": "top", "upper": "lower", "lower": "upper"},
    {"front": "back", "back": "front", "rear": "front"},
)
"""For x, y and z, words for the sides of an object with those for the opposite sides."""

SIGNS: Mapping[str, int] = {
    "left": -1, "right": 1, "bottom": -1, "lower": -1, "top": 1, "upper": 1,
    "back": -1, "rear": -1, "front": 1,
}  # fmt: skip
"""The side on its axis that a word means."""

_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)


def make_consistent(captions: Captions, facts: ObjectFacts, *, source: str) -> Captions:
    """The captions with twins that are described alike.

    Where a group differs in name, colour, material or shape, the surest caption of it stands for
    all: the others take these and its sentences, left and right, front and back, above and below
    exchanged as the parts lie, and the flag `twin_adjusted`. Where a sentence names a side that
    does not fit the geometry, the others keep their own and get the flag `twin_disagrees`.

    Args:
        captions: of an object.
        facts: of the same object.
        source: only captions that it wrote are compared and changed.
    """
    parts = list(captions.parts)
    for group in facts.twins:
        members = [part for part in group if parts[part].short and parts[part].source == source]
        if len({_attributes(parts[part]) for part in members}) < 2:
            continue
        surest = min(members, key=lambda part: _doubt(parts[part], facts.parts[part], part))
        for part in members:
            if _attributes(parts[part]) != _attributes(parts[surest]):
                parts[part] = _like(
                    parts[part],
                    parts[surest],
                    here=facts.parts[part],
                    there=facts.parts[surest],
                )
    return replace(captions, parts=tuple(parts))


def _attributes(caption: Caption) -> tuple[str, ...]:
    return tuple(str(getattr(caption, name)).lower() for name in ATTRIBUTES)


def _doubt(caption: Caption, facts: PartFacts, part: int) -> tuple[float, ...]:
    """Less is surer: no flags, seen, sure, then the captioner's confidence, then the first."""
    return (len(caption.flags), facts.hidden, caption.unsure, -(caption.confidence or 0.0), part)


def _like(caption: Caption, model: Caption, *, here: PartFacts, there: PartFacts) -> Caption:
    """A caption that says what its twin's says."""
    texts = [moved(text, model.name, here=here, there=there) for text in (model.short, model.long)]
    if None in texts:
        return _flagged(caption, DISAGREES)
    taken = {name: getattr(model, name) for name in ATTRIBUTES}
    # What was said of colours is gone; the twin's colours have been checked with the twin.
    kept = tuple(flag for flag in caption.flags if not flag.startswith("color_disagrees"))
    changed = replace(caption, short=texts[0] or "", long=texts[1] or "", flags=kept, **taken)
    return _flagged(changed, ADJUSTED)


def moved(text: str, name: str, *, here: PartFacts, there: PartFacts) -> str | None:
    """A text about a part as it reads of its twin; None if it names sides that do not fit.

    Args:
        text: about the part `there`.
        name: of the thing; its words are no sides, as in the back of a chair.
        here: the twin that it is to speak of.
        there: the part that it speaks of.
    """
    own = {word.lower() for word in _WORD.findall(name)}
    fits = True

    def other(match: re.Match[str]) -> str:
        nonlocal fits
        word = match.group().lower()
        axis = next((k for k, swaps in enumerate(SWAPS) if word in swaps), None)
        if axis is None or word in own:
            return match.group()
        if there.sides[axis] != SIGNS[word]:
            fits = False
        if here.sides[axis] == there.sides[axis]:
            return match.group()
        if here.sides[axis] == 0:
            fits = False
        changed = SWAPS[axis][word]
        return changed.capitalize() if match.group()[0].isupper() else changed

    result = _WORD.sub(other, text)
    return result if fits else None


def _flagged(caption: Caption, flag: str) -> Caption:
    return replace(caption, flags=tuple(sorted({*caption.flags, flag})))
