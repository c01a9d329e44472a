"""When to try again."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

import numpy as np

FIRST_S = 0.5
LONGEST_S = 60.0


def delay(attempt: int, *, generator: np.random.Generator) -> float:
    """Seconds before the next try after `attempt` failed ones: doubling, up to half at random.

    The other half is kept, so that a server in trouble is left alone in any case.
    """
    longest: float = min(FIRST_S * 2 ** (attempt - 1), LONGEST_S)
    return longest * float(generator.uniform(0.5, 1.0))


def retry_after(value: str | None, *, milliseconds: str | None = None) -> float:
    """Seconds that a `Retry-After` header asks for, a number or a date; 0 if it asks nothing.

    Args:
        value: the header.
        milliseconds: `retry-after-ms`, which some endpoints send instead.
    """
    for text, scale in ((milliseconds, 1e-3), (value, 1.0)):
        try:
            return max(float(text or "") * scale, 0.0)
        except ValueError:
            continue
    try:
        return max(parsedate_to_datetime(value or "").timestamp() - time.time(), 0.0)
    except (ValueError, TypeError):
        return 0.0
