"""One object of the page: where it comes from, what it looks like, what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from partworks.artifacts.captions import Caption
from partworks.report.artefacts import Artefacts, Notes, read_artefacts
from partworks.report.history import History
from partworks.report.palette import Color
from partworks.report.panels import Panel, PanelMaker
from partworks.report.pictures import Picture, inline
from partworks.report.wording import clip, count, plain
from partworks.store import Store

MOST_PARTS = 60
"""Parts of one object that the page pictures and lists."""

_ALT_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A line of a table: `foreign` values come from outside and may read right to left."""

    label: str
    value: str
    foreign: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """One part: its number from 1, colour as `#rrggbb`, name, texts and picture."""

    number: int
    color: str
    name: str
    caption: Caption | None
    picture: Picture | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectCard:
    """Everything that the page shows of one object.

    Attributes:
        group: `complete`, `unfinished` or `trouble`; the page can show one of them alone.
        dropped_parts: parts that are not listed because there are too many.
        notes: files that are missing or damaged.
    """

    uid: str
    name: str
    group: str
    history: History
    facts: tuple[Fact, ...]
    panels: tuple[Panel, ...]
    sheet: Panel | None
    parts: tuple[PartRow, ...]
    dropped_parts: int
    caption: Caption | None
    warnings: tuple[str, ...]
    notes: tuple[str, ...]


def make_card(store: Store, history: History) -> ObjectCard:
    """Read one object and draw its pictures."""
    notes = Notes()
    found = read_artefacts(store, history, notes)
    extras = found.mesh.extras if found.mesh else {}
    name = plain(extras.get("name")) or history.uid
    maker = PanelMaker(found, notes, name=clip(name, _ALT_NAME))
    maker.draw()
    sheet = maker.sheet()
    rows = _part_rows(found, notes, maker.colors)
    warnings = extras.get("warnings")
    return ObjectCard(
        uid=history.uid,
        name=name,
        group=_group(history),
        history=history,
        facts=_facts(found),
        panels=tuple(maker.panels),
        sheet=sheet,
        parts=rows,
        dropped_parts=found.parts.count - len(rows) if found.parts else 0,
        caption=found.captions.whole if found.captions else None,
        warnings=tuple(map(plain, warnings)) if isinstance(warnings, list) else (),
        notes=tuple(notes),
    )


def _group(history: History) -> str:
    if history.trouble:
        return "trouble"
    return "complete" if history.is_complete else "unfinished"


def _facts(found: Artefacts) -> tuple[Fact, ...]:
    facts = []
    if found.mesh is not None:
        for label in ("licence", "attribution", "source", "location"):
            value = plain(found.mesh.extras.get(label)) or "unknown"
            facts.append(Fact(label=label, value=value, foreign=True))
        facts.append(Fact(label="faces", value=count(found.mesh.face_count)))
    if found.segments is not None:
        value = f"{count(found.segments.count)}, by {plain(found.segments.method)}"
        facts.append(Fact(label="segments", value=value))
    if found.parts is not None:
        value = f"{count(found.parts.count)}, by {plain(found.parts.source)}"
        facts.append(Fact(label="parts", value=value))
    if found.renders is not None:
        facts.append(Fact(label="renders", value=f"by {plain(found.renders.backend)}"))
    if found.captions is not None:
        words = [plain(found.captions.captioner), plain(found.captions.model)]
        facts.append(Fact(label="captions", value=f"by {', '.join(filter(None, words))}"))
    return tuple(facts)


def _part_rows(found: Artefacts, notes: Notes, colors: Sequence[Color]) -> tuple[PartRow, ...]:
    parts = found.parts
    if parts is None:
        return ()
    captions = found.captions.parts if found.captions else ()
    if found.captions and len(captions) != parts.count:
        notes.append(f"There are {parts.count} parts, but captions of {len(captions)}.")
    return tuple(
        PartRow(
            number=index + 1,
            color="#{:02x}{:02x}{:02x}".format(*colors[index]),
            name=plain(parts.part_names[index]),
            caption=captions[index] if index < len(captions) else None,
            picture=_part_picture(found, notes, index, name=parts.part_names[index]),
        )
        for index in range(min(parts.count, MOST_PARTS))
    )


def _part_picture(found: Artefacts, notes: Notes, index: int, *, name: str) -> Picture | None:
    views = found.views
    if views is None:
        return None
    image = notes.attempt(f"The view of part {index + 1}", lambda: views.part_view(index))
    return inline(image, alt=f"part {index + 1}, {clip(name, _ALT_NAME)}") if image else None
