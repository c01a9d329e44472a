from __future__ import annotations

import pytest

from partworks.quantities import byte_size, duration


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9960, "10 kB"), (999_600, "1.0 MB")],
)
def test_byte_size(number: int, text: str) -> None:
    assert byte_size(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0004, "0.000 s"),
        (0.0126, "0.013 s"),
        (0.126, "0.13 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (3599.6, "1 h 0 min"),
        (400_000, "111 h 6 min"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text
