"""Lengths of texts: short ones are short, and variants get shorter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from partworks.artifacts.captions import Caption

MOST_DETAILED = 40
"""Words of every variant but the first, the raw description (TRELLIS, appendix on captions)."""

SHORTEST = 5
"""Words that the last variant may have."""

TOO_LONG = "short_too_long"


def words_of(text: str) -> int:
    """The number of words in a text."""
    return len(text.split())


def variant_faults(variants: Sequence[str]) -> tuple[str, ...]:
    """What is wrong with a chain of texts of one object, long to short; empty if nothing is.

    The first may be of any length, the others have at most 40 words, none has more than the one
    before it, the last has at most 5, none is empty and none comes twice.
    """
    if not variants:
        return ()
    counts = [words_of(text) for text in variants]
    found = {
        "empty": min(counts) == 0,
        "repeated": len({text.lower() for text in variants}) < len(variants),
        "growing": any(later > earlier for earlier, later in pairwise(counts)),
        "detailed_too_long": max(counts[1:], default=0) > MOST_DETAILED,
        "shortest_too_long": counts[-1] > SHORTEST,
    }
    return tuple(name for name, holds in found.items() if holds)


def check_lengths(caption: Caption, *, max_words: int) -> Caption:
    """The caption, flagged if its short text is not short."""
    if words_of(caption.short) <= max_words:
        return caption
    return replace(caption, flags=tuple(sorted({*caption.flags, TOO_LONG})))
