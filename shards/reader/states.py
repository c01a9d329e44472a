"""What a checkpoint says of an order, compared with what there is now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def check_same(before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """ValueError that names what differs, unless `before` has all that `now` has."""
    changed = [
        f"{name} {before.get(name)} -> {value}"
        for name, value in now.items()
        if before.get(name) != value
    ]
    if changed:
        raise ValueError(
            f"the state is of another order ({', '.join(changed)}); go on with the data and "
            "settings that it was made with, or start anew"
        )
