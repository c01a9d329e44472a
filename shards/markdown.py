"""Markdown that strangers' words cannot break out of.

Names, licences and categories come from whoever made an asset. They are shown as code, in which
Markdown and HTML mean nothing, and whatever could end it is written as an HTML entity.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

LONGEST = 120
"""Characters of a foreign text that a card shows."""

_JOINERS = "\u200c\u200d"
"""Format characters that scripts and emoji need; others, such as those that turn text, go."""

_ENDS_CODE = re.compile(r"[`|\\]")
_SYNTAX = re.compile(r"""[\\`*_{}\[\]()<>#|~&!"'@:$^=]""")


def clean(value: Any, *, longest: int = LONGEST) -> str:
    """A foreign value as one line of printable text, cut where it is too long."""
    text = " ".join(str(value).split())
    printable = "".join(
        char
        if char in _JOINERS or unicodedata.category(char)[0] != "C"
        else "\N{REPLACEMENT CHARACTER}"
        for char in text[: longest + 1]
    )
    return printable if len(printable) <= longest else printable[: longest - 1].rstrip() + "…"


def code(value: Any) -> str:
    """A foreign value as inline code, fit for a table's cell."""
    text = clean(value) or "(none)"
    return f"<code>{_entities(text)}</code>" if _ENDS_CODE.search(text) else f"`{text}`"


def plain(value: Any) -> str:
    """A foreign value as text in which no character is syntax, fit for a heading or a cell."""
    return _entities(clean(value))


def _entities(text: str) -> str:
    return _SYNTAX.sub(lambda found: f"&#{ord(found[0])};", text)


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table of Markdown cells; columns of nothing but numbers stand right. Empty without rows."""
    lines = [list(row) for row in rows]
    if not lines:
        return ""
    numeric = [all(isinstance(row[i], int | float) for row in lines) for i in range(len(header))]
    rule = ["---:" if right else "---" for right in numeric]
    return "\n".join(_line(row) for row in [list(header), rule, *lines])


def _line(cells: Sequence[Any]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(value: Any) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def plural(count: int, noun: str) -> str:
    """`1 object`, `1,200 objects`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
