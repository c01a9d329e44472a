"""Parts and captions that came with an object, in Partworks' own form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.partverse.bundle import Bundle, parsed
from ingest.partverse.surface import Labelled
from partworks import layout
from partworks.artifacts.captions import Caption, Captions
from partworks.artifacts.parts import Parts
from partworks.errors import Rejected
from partworks.partverse.facts import Facts

PARTVERSE = "partverse"
LONGEST = 20_000
"""Letters of a caption at the most."""

_WORDS = ("name", "short", "long", "color", "material", "shape", "relation", "source")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Given:
    """What came along.

    Attributes:
        face_labels: (F,) int32, 0…P-1, -1 = of no part.
        part_names: P names, empty where nobody gave one: the annotate stage finds one.
        part_source: who made the parts.
        captions: None where there is not one text; captions without text have the source `none`.
        warnings: words of `ingest.partverse.reasons.WARNINGS`.
    """

    face_labels: NDArray[np.int32]
    part_names: tuple[str, ...]
    part_source: str
    captions: Captions | None
    warnings: tuple[str, ...]

    def files(self, uid: str, *, geometry_hash: str) -> dict[str, bytes]:
        """What an object leaves in the root of it, once its geometry is known."""
        parts = Parts(
            face_labels=self.face_labels,
            part_names=self.part_names,
            source=self.part_source,
            geometry_hash=geometry_hash,
        )
        files = {layout.given_parts(uid): parts.to_bytes()}
        if self.captions is not None:
            files[layout.given_captions(uid)] = self.captions.to_bytes()
        return files


def given(bundle: Bundle, labelled: Labelled, *, name: str) -> Given:
    """The parts and captions of an object.

    Part numbers that leave gaps close up, unless Partworks' own file tells how many parts there
    are. Where that file comes along, the makers of parts and captions stay who they were.

    Args:
        name: what the object is called.

    Raises:
        Rejected: `partverse_captions` or `partverse_facts`.
    """
    facts = read_facts(bundle)
    numbers = _part_numbers(labelled, facts)
    dense = np.full(int(numbers.max(initial=-1)) + 2, -1, np.int32)
    dense[numbers] = np.arange(len(numbers), dtype=np.int32)
    names = facts.part_names if facts is not None else ("",) * len(numbers)
    texts = _texts(bundle)
    captions = _captions([texts.get(int(n)) for n in numbers], names=names, name=name, facts=facts)
    lacking = captions is None or any(not part.short for part in captions.parts)
    strange = texts.keys() - set(numbers.tolist())
    words = [*["captions_of_no_part"] * bool(strange), *["missing_captions"] * lacking]
    return Given(
        face_labels=dense[labelled.labels],
        part_names=names,
        part_source=facts.part_source if facts is not None else PARTVERSE,
        captions=captions,
        warnings=tuple(words),
    )


def read_facts(bundle: Bundle) -> Facts | None:
    """What Partworks has added; Rejected with `partverse_facts` if it is broken."""
    if bundle.facts is None:
        return None
    try:
        return Facts.from_bytes(bundle.facts)
    except ValueError as error:
        raise Rejected("partverse_facts", f"{error}; remove the file, or export again") from error


def _part_numbers(labelled: Labelled, facts: Facts | None) -> NDArray[np.int64]:
    """The part numbers that there are, ascending."""
    used: NDArray[np.int64] = np.unique(labelled.labels[labelled.labels >= 0]).astype(np.int64)
    if facts is None:
        return used
    if used.max(initial=-1) >= len(facts.part_names):
        raise Rejected(
            "partverse_facts",
            f"the labels have a part {used.max()}, and there are {len(facts.part_names)} names",
        )
    return np.arange(len(facts.part_names))


def _texts(bundle: Bundle) -> dict[int, tuple[str, str]]:
    """Part number -> brief and detailed."""
    if bundle.captions is None:
        return {}
    table = parsed(bundle.captions, reason="partverse_captions", what="the object's captions")
    if not isinstance(table, Mapping):
        raise Rejected("partverse_captions", "expected {part: [brief, detailed]}")
    return {_number(part): _pair(part, texts) for part, texts in table.items()}


def _number(part: str) -> int:
    if not (part.isascii() and part.isdigit() and len(part) < 10):
        raise Rejected("partverse_captions", f"{part[:20]!r} is no part number")
    return int(part)


def _pair(part: str, texts: Any) -> tuple[str, str]:
    good = (
        isinstance(texts, list)
        and len(texts) == 2
        and all(isinstance(text, str) and len(text) <= LONGEST for text in texts)
    )
    if not good:
        raise Rejected("partverse_captions", f"part {part[:20]} has no [brief, detailed]")
    return texts[0], texts[1]


def _captions(
    texts: list[tuple[str, str] | None],
    *,
    names: tuple[str, ...],
    name: str,
    facts: Facts | None,
) -> Captions | None:
    earlier = _earlier(facts, len(texts))
    if earlier is None and not any(texts):
        return None
    if earlier is None:
        whole = Caption(name=name, short="", long="", source="none")
        parts = tuple(_caption(pair, part) for pair, part in zip(texts, names, strict=True))
        return Captions(
            captioner=PARTVERSE,
            model="",
            prompt_hash="",
            tokens=0,
            cost=0.0,
            whole=whole,
            parts=parts,
        )
    parts = tuple(
        old if pair == (old.short, old.long) or pair is None else _caption(pair, old.name)
        for old, pair in zip(earlier.parts, texts, strict=True)
    )
    # What was paid for them was paid elsewhere.
    return replace(earlier, parts=parts, tokens=0, cost=0.0)


def _caption(pair: tuple[str, str] | None, name: str) -> Caption:
    brief, detailed = (text.strip() for text in pair or ("", ""))
    if not brief:
        return Caption(name=name, short="", long="", source="none")
    return Caption(name=name, short=brief, long=detailed or brief, source=PARTVERSE)


def _earlier(facts: Facts | None, count: int) -> Captions | None:
    """The captions as Partworks had them; None where they are not of these parts."""
    if facts is None or facts.captions is None:
        return None
    try:
        found = Captions.from_bytes(json.dumps(facts.captions).encode())
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Rejected("partverse_facts", f"the captions cannot be read: {error!r}") from error
    if len(found.parts) != count:
        raise Rejected("partverse_facts", f"{len(found.parts)} captions for {count} parts")
    words = [getattr(each, key) for each in (found.whole, *found.parts) for key in _WORDS]
    if not all(isinstance(word, str) and len(word) <= LONGEST for word in words):
        raise Rejected("partverse_facts", "a caption is no text, or too long")
    return found
