from __future__ import annotations

import html
import re

import markdown
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shards.markdown import LONGEST, clean, code, plain, table

HOSTILE = [
    "<script>alert(1)</script>",
    "a|b",
    "a\\|b",
    "`x` <img src=x onerror=alert(1)>",
    "``` \n| x | y |\n# heading",
    "[click](javascript:alert(1))",
    "![](http://spy.test/pixel.png)",
    "www.spy.test http://spy.test",
    "&lt;b&gt; &#60;b&#62;",
    "\\`|\\\\`",
    "\u202egnp.exe",
    "</code><script>x</script>",
    "---\nlicense: mit\n---",
]


def render(text: str) -> str:
    return markdown.markdown(text, extensions=["tables"])


def cells(page: str) -> list[str]:
    return [html.unescape(cell) for cell in re.findall(r"<td[^>]*><code>(.*?)</code></td>", page)]


@pytest.mark.parametrize("text", HOSTILE)
def test_code_shows_what_was_said_and_nothing_else(text: str) -> None:
    page = render(table(("what", "count"), [(code(text), 1), (code("next"), 2)]))
    assert cells(page) == [clean(text), "next"]
    assert set(re.findall(r"</?(\w+)", page)) <= {
        "table", "thead", "tbody", "tr", "th", "td", "code",
    }  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_heading_stays_a_heading(text: str) -> None:
    page = render(f"# {plain(text)}\n\nafter")
    assert html.unescape(page) == f"<h1>{clean(text)}</h1>\n<p>after</p>"


@given(st.text(alphabet=st.characters(), max_size=300))
def test_any_text_becomes_one_short_line_that_can_be_written(text: str) -> None:
    found = clean(text)
    assert len(found) <= LONGEST
    assert found.splitlines() in ([found], [])
    found.encode()


def test_text_that_turns_the_page_around_is_marked() -> None:
    assert (
        clean("\u202egnp\x00\ud800")
        == "\N{REPLACEMENT CHARACTER}gnp" + "\N{REPLACEMENT CHARACTER}" * 2
    )
    assert clean("👩\u200d🔬") == "👩\u200d🔬"


def test_nothing_is_said_of_an_empty_name() -> None:
    assert code(" \n") == "`(none)`"


def test_numbers_stand_right() -> None:
    assert table(("a", "b"), [("x", 12345), ("y", 0.5)]).splitlines() == [
        "| a | b |",
        "| --- | ---: |",
        "| x | 12,345 |",
        "| y | 0.5 |",
    ]
    assert table(("a", "b"), []) == ""
