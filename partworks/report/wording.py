"""Numbers and foreign text as the page shows them."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup

LONGEST = 2000
"""Characters of a foreign text that the page shows."""

# What HTML forbids or shows as nothing; lone surrogates cannot be written as UTF-8 at all.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_DECIMAL = ("B", "kB", "MB", "GB", "TB", "PB")


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


def byte_size(number: float) -> str:
    """1234567 as `1.2 MB`."""
    step = 0
    while number >= 999.5 and step < len(_DECIMAL) - 1:
        number, step = number / 1000, step + 1
    digits = 1 if step and number < 9.95 else 0
    return f"{number:.{digits}f} {_DECIMAL[step]}"


def duration(seconds: float) -> str:
    """`0.013 s`, `4.2 s`, `3 min 20 s`, `5 h 12 min`."""
    if seconds < 59.95:
        digits = 3 if seconds < 0.0995 else 2 if seconds < 0.995 else 1
        return f"{seconds:.{digits}f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60} min"
