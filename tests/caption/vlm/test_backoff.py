from __future__ import annotations

import time
from email.utils import formatdate

import numpy as np
import pytest

from caption.vlm.backoff import FIRST_S, LONGEST_S, delay, retry_after


def test_waits_double_within_their_half_and_end() -> None:
    generator = np.random.default_rng(0)
    for attempt in range(1, 12):
        longest = min(FIRST_S * 2 ** (attempt - 1), LONGEST_S)
        waits = [delay(attempt, generator=generator) for _ in range(50)]
        assert all(longest / 2 <= wait <= longest for wait in waits)
        assert len(set(waits)) > 40


@pytest.mark.parametrize(
    ("value", "milliseconds", "seconds"),
    [
        (None, None, 0.0),
        ("7", None, 7.0),
        ("1.5", None, 1.5),
        ("7", "250", 0.25),
        ("soon", None, 0.0),
        ("-3", None, 0.0),
    ],
)
def test_what_a_header_asks(value: str | None, milliseconds: str | None, seconds: float) -> None:
    assert retry_after(value, milliseconds=milliseconds) == seconds


def test_a_date_is_so_far_away() -> None:
    assert 25 < retry_after(formatdate(time.time() + 30, usegmt=True)) <= 30
    assert retry_after(formatdate(time.time() - 30, usegmt=True)) == 0.0
