"""Counts and foreign text as the page shows them."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup

LONGEST = 2000
"""Characters of a foreign text that the page shows."""

# What HTML forbids or shows as nothing; lone surrogates cannot be written as UTF-8 at all.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def printable(value: Any) -> Any:
    """`value` with unprintable characters replaced if it is plain text; Markup stays as it is."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    return value


def plain(value: Any) -> str:
    """A value of foreign JSON as text: None becomes nothing, anything too long is cut."""
    return clip("" if value is None else str(value), LONGEST)


def clip(text: str, length: int) -> str:
    """`text`, with an ellipsis where it is longer than `length` characters."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def tail(text: str, length: int = 4 * LONGEST) -> str:
    """The end of a long text, where an error stream says what went wrong."""
    return text if len(text) <= length else "…" + text[1 - length :]


def count(number: float) -> str:
    """12345 as `12,345`; a fraction keeps one digit."""
    return f"{number:,.0f}" if number == int(number) else f"{number:,.1f}"


def plural(number: int, noun: str) -> str:
    """`1 object`, `2 objects`."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"
