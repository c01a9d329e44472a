"""Bytes and seconds as people read them."""

from __future__ import annotations

_DECIMAL = ("B", "kB", "MB", "GB", "TB", "PB")


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
