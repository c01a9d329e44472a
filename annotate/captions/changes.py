"""A reviewer's change to one text, upon what others wrote."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import TypeVar

from annotate.captions.standing import Standing
from partworks.artifacts.caption_edits import Author, CaptionEdits

MOST_WORDS = 15
"""Of a short text."""

_JOINERS = "\u200c\u200d"
_HIDING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

Entry = TypeVar("Entry")


def check_text(field: str, text: str) -> None:
    """Refuse what a caption must not say; the artifact checks the field and the length.

    Raises:
        ValueError: it has control characters, spaces around it or too many words, or is no name.
    """
    hidden = {unicodedata.category(letter) for letter in text if letter not in _JOINERS}
    if hidden & _HIDING:
        raise ValueError("a text has no line breaks and no control characters; retype it")
    if text != text.strip():
        raise ValueError("a text has no spaces around it; take them away")
    if field == "name" and not text:
        raise ValueError("a name is needed; withdraw the edit to have the former one back")
    words = len(text.split())
    if field == "short" and words > MOST_WORDS:
        raise ValueError(f"a short text has at most {MOST_WORDS} words; this one has {words}")


def with_text(
    standing: Standing, target: str, *, field: str, text: str, author: Author
) -> CaptionEdits:
    """The edits with one more text; what holds no more is left out, or it would seem to hold.

    Raises:
        ValueError: the target or the text is no good.
    """
    if target not in standing.targets:
        last = len(standing.captions.parts) - 1
        raise ValueError(f"there is no part {target!r}: edit `whole`, or one of 0 to {last}")
    check_text(field, text)
    texts = _put(standing.texts, target, field=field, entry=text)
    authors = _put(_authors(standing), target, field=field, entry=author)
    return _edits(standing, texts, authors=authors, author=author)


def without_text(
    standing: Standing, target: str, *, field: str, author: Author
) -> CaptionEdits | None:
    """The edits without one text; None if that was the last.

    Raises:
        ValueError: nobody wrote it.
    """
    if standing.author(target, field) is None:
        raise ValueError(f"no reviewer wrote the {field} of {target}; there is nothing to withdraw")
    texts = _take(standing.texts, target, field=field)
    authors = _take(_authors(standing), target, field=field)
    return _edits(standing, texts, authors=authors, author=author) if texts else None


def _authors(standing: Standing) -> dict[str, dict[str, Author]]:
    found: dict[str, dict[str, Author]] = {}
    for target, fields in standing.texts.items():
        for field in fields:
            author = standing.author(target, field)
            assert author is not None
            found.setdefault(target, {})[field] = author
    return found


def _put(
    table: Mapping[str, Mapping[str, Entry]], target: str, *, field: str, entry: Entry
) -> dict[str, dict[str, Entry]]:
    changed = {key: dict(fields) for key, fields in table.items()}
    changed.setdefault(target, {})[field] = entry
    return changed


def _take(
    table: Mapping[str, Mapping[str, Entry]], target: str, *, field: str
) -> dict[str, dict[str, Entry]]:
    left = {
        key: {name: entry for name, entry in fields.items() if (key, name) != (target, field)}
        for key, fields in table.items()
    }
    return {key: fields for key, fields in left.items() if fields}


def _edits(
    standing: Standing,
    texts: Mapping[str, Mapping[str, str]],
    *,
    authors: Mapping[str, Mapping[str, Author]],
    author: Author,
) -> CaptionEdits:
    return CaptionEdits(
        texts=texts,
        geometry_hash=standing.geometry_hash,
        labels_hash=standing.labels_hash,
        by=author.by,
        at=author.at,
        authors=authors,
    )
