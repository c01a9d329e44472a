"""Histograms and bar charts as PNG, for pages that show no SVG.

A picture is a light panel with transparent corners, so that it can be read on light and dark pages
alike, and twice as wide as it is shown, so that it stays sharp. Letters are those that Pillow
brings along, drawn without the shaping libraries of the machine: the same release of Pillow draws
the same bytes everywhere.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from math import ceil

from PIL import Image, ImageDraw, ImageFont

from shards.markdown import clean

SHOWN_WIDTH = 640
"""Pixels of a page that a picture is meant to take."""

_SCALE = 2
_WIDTH = SHOWN_WIDTH * _SCALE
_MARGIN = 28 * _SCALE
_HEADER = 66 * _SCALE
_PLOT = 150 * _SCALE
_ABOVE = 20 * _SCALE
_FOOTER = 40 * _SCALE
_ROW = 26 * _SCALE
_NAMES = 200 * _SCALE
_MOST_TICKS = 12

_PANEL = (252, 252, 253, 255)
_FRAME = (208, 215, 222, 255)
_INK = (31, 35, 40, 255)
_GREY = (89, 99, 110, 255)
_LINE = (225, 229, 234, 255)
_BAR = (66, 113, 181, 255)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar: what it stands for, and how much of it there is."""

    label: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What a picture shows.

    Attributes:
        title: what is counted.
        summary: the main numbers in words.
        bars: of a histogram from left to right, of a ranking from the top; at least one.
        end: the upper edge of the last bin, where labels name the lower edges of bins; empty where
            a label names all of its bin.
    """

    title: str
    summary: str
    bars: tuple[Bar, ...]
    end: str = ""


def histogram(chart: Chart) -> bytes:
    """Upright bars side by side, as PNG."""
    canvas = _Canvas(_HEADER + _PLOT + _FOOTER)
    canvas.header(chart)
    step = (_WIDTH - 2 * _MARGIN) / len(chart.bars)
    peak = max(bar.count for bar in chart.bars)
    for index, bar in enumerate(chart.bars):
        _upright(canvas, bar, start=_MARGIN + index * step, step=step, peak=peak)
    bottom = _HEADER + _PLOT
    canvas.draw.line((_MARGIN, bottom, _WIDTH - _MARGIN, bottom), fill=_GREY, width=2)
    labels = [bar.label for bar in chart.bars] + ([chart.end] if chart.end else [])
    shift = 0.0 if chart.end else 0.5
    for index in range(0, len(labels), ceil(len(labels) / _MOST_TICKS)):
        place = (_MARGIN + (index + shift) * step, bottom + 12)
        canvas.text(place, labels[index], size=11, anchor="mt", color=_GREY)
    return canvas.png()


def _upright(canvas: _Canvas, bar: Bar, *, start: float, step: float, peak: int) -> None:
    """One bar, with its number above it where there is room; the highest always has its number."""
    if not bar.count:
        return
    bottom = _HEADER + _PLOT
    top = bottom - max(bar.count / peak * (_PLOT - _ABOVE), 2)
    gap = min(4.0, step * 0.1)
    canvas.draw.rectangle((start + gap, round(top), start + step - gap, bottom), fill=_BAR)
    number = f"{bar.count:,}"
    if bar.count == peak or canvas.width(number, size=11) < step:
        canvas.text((start + step / 2, top - 6), number, size=11, anchor="mb")


def ranking(chart: Chart) -> bytes:
    """Lying bars below one another with their names on the left, as PNG."""
    canvas = _Canvas(_HEADER + _ROW * len(chart.bars) + 14 * _SCALE)
    canvas.header(chart)
    left, room = _MARGIN + _NAMES, _WIDTH - 2 * _MARGIN - _NAMES - 70 * _SCALE
    peak = max(1, *(bar.count for bar in chart.bars))
    for index, bar in enumerate(chart.bars):
        middle = _HEADER + _ROW * (index + 0.5)
        canvas.text((left - 16, middle), bar.label, size=12, anchor="rm", room=_NAMES - 16)
        end = left + max(room * bar.count / peak, 2)
        box = (left, round(middle - 16), round(end), round(middle + 16))
        canvas.draw.rectangle(box, fill=_BAR if bar.count else _LINE)
        canvas.text((end + 12, middle), f"{bar.count:,}", size=12, anchor="lm", color=_GREY)
    return canvas.png()


class _Canvas:
    """A panel to draw on."""

    def __init__(self, height: int) -> None:
        self.image = Image.new("RGBA", (_WIDTH, height), (0, 0, 0, 0))
        self.draw = ImageDraw.Draw(self.image)
        box = (0, 0, _WIDTH - 1, height - 1)
        self.draw.rounded_rectangle(box, radius=16, fill=_PANEL, outline=_FRAME, width=2)

    def header(self, chart: Chart) -> None:
        room = _WIDTH - 2 * _MARGIN
        self.text((_MARGIN, 18 * _SCALE), chart.title, size=17, anchor="lt", room=room)
        place = (_MARGIN, 42 * _SCALE)
        self.text(place, chart.summary, size=12, anchor="lt", color=_GREY, room=room)

    def width(self, words: str, *, size: int) -> float:
        """Pixels that one line takes."""
        return _font(size * _SCALE).getlength(_drawable(words))

    def text(
        self,
        place: tuple[float, float],
        words: str,
        *,
        size: int,
        anchor: str,
        color: tuple[int, int, int, int] = _INK,
        room: float = _WIDTH,
    ) -> None:
        """Write one line, cut where it would leave its room."""
        font = _font(size * _SCALE)
        shown = _drawable(words)
        while font.getlength(shown) > room and len(shown) > 1:
            shown = shown[:-4] + "..."
        self.draw.text((round(place[0]), round(place[1])), shown, color, font=font, anchor=anchor)

    def png(self) -> bytes:
        buffer = io.BytesIO()
        self.image.save(buffer, "PNG", compress_level=9)
        return buffer.getvalue()


def _font(size: int) -> ImageFont.FreeTypeFont:
    found = ImageFont.load_default(size)
    assert isinstance(found, ImageFont.FreeTypeFont), "Pillow is built without FreeType"
    return found.font_variant(layout_engine=ImageFont.Layout.BASIC)


def _drawable(words: str) -> str:
    """What the letters at hand can show; the rest becomes question marks."""
    return clean(words).replace("…", "...").encode("latin-1", "replace").decode("latin-1")
