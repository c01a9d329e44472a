from __future__ import annotations

from markupsafe import Markup

from partworks.report.wording import (
    LONGEST,
    clip,
    count,
    plain,
    plural,
    printable,
    tail,
)


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
