"""Who is asked for which caption: nobody for what came with the asset, the captioner for the rest.

What came with the asset is kept as it is, also where it says less than a captioner would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from caption.captioner import Captioner, unasked
from caption.composite.compose import Composer
from caption.composite.composite import Composite
from caption.config import CaptionConfig
from caption.facts import ObjectFacts
from caption.template import part_caption
from caption.views import Views
from partworks.artifacts.captions import Caption, Captions
from partworks.artifacts.renders import OBJECT
from partworks.errors import Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The captions of an object, and whether the captioner was asked for any of them."""

    captions: Captions
    asked: bool


def write_captions(
    facts: ObjectFacts,
    *,
    views: Views,
    given: Captions | None,
    captioner: Captioner,
    config: CaptionConfig,
) -> Written:
    """The given captions, and for what they leave open the captioner's.

    Args:
        facts: of the object.
        views: of the same object.
        given: captions that came with it, of the same parts.
        captioner: who is asked.
        config: whether hidden parts are captioned, and what pictures look like.
    """
    if given is not None and all(caption.short for caption in given.everything):
        return Written(captions=_sourced(given), asked=False)
    wanted = [
        not (given is not None and given.parts[index].short)
        and not (part.hidden and config.hidden_parts == "skip")
        for index, part in enumerate(facts.parts)
    ]
    shown: Sequence[Composite | None] = [None] * len(facts.parts)
    whole = None
    if captioner.sees:
        shown, whole = _pictures(facts, views, wanted=wanted, config=config)
    captions = captioner.caption(facts, shown, whole)
    parts = tuple(
        _part(captions, index, facts=facts, wanted=want, config=config)
        for index, want in enumerate(wanted)
    )
    captions = replace(captions, parts=parts)
    return Written(captions=_with_given(captions, given), asked=True)


def _pictures(
    facts: ObjectFacts, views: Views, *, wanted: Sequence[bool], config: CaptionConfig
) -> tuple[list[Composite | None], Composite]:
    if OBJECT not in views.renders.folders:
        raise Failed(
            "no_pictures",
            f"the renders of {facts.uid} hold no view of the object; run the render stage again",
        )
    composer = Composer(views, config=config.composite)
    shown = [composer.part(part) if want else None for part, want in enumerate(wanted)]
    return shown, composer.whole()


def _part(
    captions: Captions, index: int, *, facts: ObjectFacts, wanted: bool, config: CaptionConfig
) -> Caption:
    """The captioner's text; the template's for a part of which there is no picture at all."""
    if not wanted:
        return unasked(facts.parts[index])
    caption = captions.parts[index]
    if caption.source == "none":
        return part_caption(facts.parts[index], facts, max_words=config.max_words)
    return caption


def _with_given(captions: Captions, given: Captions | None) -> Captions:
    """What was given in place; where that is all parts, whoever gave it counts as the captioner."""
    if given is None:
        return captions
    given = _sourced(given)
    pairs = zip(given.parts, captions.parts, strict=True)
    mostly = all(caption.short for caption in given.parts)
    return replace(
        captions,
        captioner=given.captioner if mostly else captions.captioner,
        model=given.model if mostly else captions.model,
        whole=given.whole if given.whole.short else captions.whole,
        parts=tuple(theirs if theirs.short else ours for theirs, ours in pairs),
    )


def _sourced(given: Captions) -> Captions:
    """The given captions with who wrote them in each."""
    named = [
        caption if caption.source else replace(caption, source=given.captioner)
        for caption in given.everything
    ]
    return replace(given, whole=named[0], parts=tuple(named[1:]))
