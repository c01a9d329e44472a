"""A strict reader of the page: what a browser would take from it, and what it must never hold."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from PIL import Image

_VOID = frozenset({"meta", "img", "input", "br", "hr", "link"})
_SVG_VOID = frozenset({"rect", "line", "circle"})


@dataclass
class Element:
    """A start tag with its attributes."""

    tag: str
    attributes: dict[str, str]


@dataclass
class Page(HTMLParser):
    """Parses on construction; raises AssertionError where tags do not match.

    Attributes:
        elements: every start tag, in order.
        texts: the text between tags, in order, white space folded, without the style sheet.
    """

    source: str
    elements: list[Element] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        HTMLParser.__init__(self, convert_charrefs=True)
        self.feed(self.source)
        self.close()
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"<{tag}> repeats an attribute: {names}"
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _SVG_VOID, f"<{tag}/> means nothing in HTML"
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open[-1] == tag, f"</{tag}> closes {self._open[-1:]}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        shown = re.sub("[ \n\t]+", " ", data).strip(" ")
        if self._open[-1:] != ["style"] and shown:
            self.texts.append(shown)

    @property
    def text(self) -> str:
        """All text, pieces on lines of their own."""
        return "\n".join(self.texts)

    def all(self, tag: str) -> list[Element]:
        """The elements of a kind."""
        return [element for element in self.elements if element.tag == tag]

    def pictures(self) -> list[tuple[Element, Image.Image]]:
        """Each <img> with its decoded picture."""
        found = []
        for element in self.all("img"):
            head, _, body = element.attributes["src"].partition(",")
            assert head == "data:image/webp;base64"
            image = Image.open(io.BytesIO(base64.b64decode(body, validate=True)))
            image.load()
            found.append((element, image))
        return found
