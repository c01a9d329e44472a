"""Checks of settings: the message says what was found and what would be right."""

from __future__ import annotations

from typing import Any, get_args


def check_word(config: Any, name: str, kind: Any) -> None:
    """ValueError unless the setting `name` is one of the words of a Literal type."""
    if getattr(config, name) not in get_args(kind):
        raise ValueError(
            f"{name} must be one of {', '.join(get_args(kind))}, not {getattr(config, name)}"
        )


def check_ranges(config: Any, **ranges: tuple[float, float]) -> None:
    """ValueError unless each named setting lies in its closed range."""
    for name, (low, high) in ranges.items():
        if not low <= getattr(config, name) <= high:
            raise ValueError(f"{name} must be {low:g} to {high:g}, not {getattr(config, name)}")
