"""All checks of an object's captions that need no model."""

from __future__ import annotations

from dataclasses import replace

from caption.checks.consistency import ADJUSTED, make_consistent
from caption.checks.lengths import check_lengths, variant_faults
from caption.checks.pixels import check_colors, object_pixels, part_pixels
from caption.facts import ObjectFacts
from caption.views import Views
from partworks.artifacts.captions import Caption, Captions

NEVER_VISIBLE = "never_visible"

HARMLESS = frozenset([NEVER_VISIBLE, ADJUSTED])
"""Flags that say how a caption came about, and not that it may be wrong."""


def check(
    captions: Captions, facts: ObjectFacts, *, views: Views, source: str, max_words: int
) -> Captions:
    """The captions with flags for what does not hold, and those of twins made consistent.

    Args:
        captions: of an object.
        facts: of the same object.
        views: of the same object.
        source: whose captions may be changed to agree with those of a twin.
        max_words: of a short text.
    """
    parts = tuple(
        _checked_part(caption, part, facts=facts, views=views, max_words=max_words)
        for part, caption in enumerate(captions.parts)
    )
    whole = check_lengths(captions.whole, max_words=max_words)
    whole = check_colors(whole, object_pixels(views))
    faults = [f"variants:{fault}" for fault in variant_faults(captions.variants)]
    whole = flagged(whole, *faults)
    return make_consistent(replace(captions, whole=whole, parts=parts), facts, source=source)


def flagged(caption: Caption, *flags: str) -> Caption:
    """The caption with further flags."""
    return replace(caption, flags=tuple(sorted({*caption.flags, *flags})))


def is_doubtful(caption: Caption) -> bool:
    """Whether somebody should look at a caption."""
    return caption.unsure or not {*caption.flags} <= HARMLESS


def _checked_part(
    caption: Caption, part: int, *, facts: ObjectFacts, views: Views, max_words: int
) -> Caption:
    caption = check_lengths(caption, max_words=max_words)
    if caption.short:
        caption = check_colors(caption, part_pixels(views, part))
    return flagged(caption, NEVER_VISIBLE) if facts.parts[part].hidden else caption
