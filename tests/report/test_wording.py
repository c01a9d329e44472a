from __future__ import annotations

import pytest
from markupsafe import Markup

from partworks.report.wording import (
    LONGEST,
    byte_size,
    clip,
    count,
    duration,
    plain,
    plural,
    printable,
    tail,
)


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


def test_numbers() -> None:
    assert count(12345) == "12,345" and count(2.5) == "2.5"
    assert plural(1, "object") == "1 object" and plural(2000, "object") == "2,000 objects"


def test_long_texts_are_cut() -> None:
    assert clip("abcdef", 6) == "abcdef" and clip("abcdefg", 6) == "abcde…"
    assert len(plain("x" * 10 * LONGEST)) == LONGEST
    assert tail("start" + "x" * 100 + "end", 10) == "…xxxxxxend"
    assert plain(None) == "" and plain({"a": [1]}) == "{'a': [1]}"


def test_unprintable_characters_are_replaced_and_markup_is_left_alone() -> None:
    assert printable("a\x00b\ud800c\x85\ufffe") == "a\ufffdb\ufffdc\ufffd\ufffd"
    assert printable("tab\tline\n\u202e") == "tab\tline\n\u202e"
    markup = Markup("<b>\x00</b>")
    assert printable(markup) is markup
    assert printable(3) == 3
