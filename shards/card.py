"""What the training set says of itself: counts, licences, and which defaults stood in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

STAND_INS = {
    "parts": ("auto", "parts were accepted as the segmenter proposed them; nobody reviewed them"),
    "captioner": ("template", "captions were filled into a template; no model saw the objects"),
}
"""What `made_by` says of a stage when an embedded default did its work."""


@dataclass(slots=True, kw_only=True)
class Card:
    """Counts over the samples of a data set, filled one sample at a time."""

    name: str
    version: int
    objects: Counter[str] = field(default_factory=Counter)
    parts: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    made_by: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, record: Mapping[str, Any]) -> None:
        """Count the json of one sample."""
        split = record["split"]
        self.objects[split] += 1
        self.parts[split] += len(record["parts"])
        self.dropped.update(part["reason"] for part in record["dropped_parts"])
        self.licences[record["licence"]] += 1
        self.sources[record["source"]] += 1
        for what, maker in record["made_by"].items():
            self.made_by.setdefault(what, Counter())[maker] += 1


def readme(card: Card) -> bytes:
    """The card as Markdown."""
    splits = [
        (split, card.objects[split], card.parts[split])
        for split in ("train", "val", "test")
        if card.objects[split]
    ]
    total = ("all", card.objects.total(), card.parts.total())
    makers = [
        (what, maker, count)
        for what, counts in sorted(card.made_by.items())
        for maker, count in sorted(counts.items())
    ]
    sections = [
        f"# {card.name}",
        "Objects with their parts, made by Partworks "
        f"(shards stage, version {card.version}). One WebDataset sample is one object with all of "
        "its parts; its key is the object's uid.",
        "## Counts",
        _table(("split", "objects", "parts"), [*splits, total]),
        _dropped(card),
        "## How it was made",
        _table(("what", "made by", "objects"), makers),
        *_stand_ins(card),
        "## Licences",
        "Each object keeps the licence of its source, and so does all that derives from it: "
        "points, views and captions. `ATTRIBUTION.parquet` names the author of each.",
        _table(("licence", "objects"), sorted(card.licences.items())),
        _table(("source", "objects"), sorted(card.sources.items())),
        "## Layout",
        _LAYOUT.strip(),
    ]
    return ("\n\n".join(section for section in sections if section) + "\n").encode()


def _dropped(card: Card) -> str:
    if not card.dropped:
        return ""
    reasons = ", ".join(f"{reason}: {count}" for reason, count in sorted(card.dropped.items()))
    return f"Parts left out ({reasons}) are listed in the json of their object."


def _stand_ins(card: Card) -> list[str]:
    """A sentence for each embedded default that stood in for the real thing."""
    found = []
    for what, (maker, meaning) in STAND_INS.items():
        count = card.made_by.get(what, Counter())[maker]
        if count:
            found.append(f"**`{what}: {maker}`** ({count} objects): {meaning}.")
    return found


def _table(header: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines)


def _cell(value: Any) -> str:
    """A value that cannot break out of its cell: names and licences come from strangers."""
    text = " ".join(str(value).split()) or "(none)"
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


_LAYOUT = """
| file | content |
| --- | --- |
| `<split>-000000.tar` … | the samples, in uid order |
| `index.parquet` | where each member lies, and the SHA-256 of each shard |
| `ATTRIBUTION.parquet` | licence and author of every object |
| `croissant.json` | this description for machines |

| member of a sample | content |
| --- | --- |
| `json` | licence, attribution, source, split, captions, part table, cameras |
| `points.npz` | `part_surface` [P, N, 6], `object_surface` [K, 6], `part_box` [P, 2, 3] |
| `object.00.webp` … | views of the object, RGBA |
| `part00.00.webp` … | views of each part, RGBA |
| `boxes.00.webp` … | wireframes of the part boxes, for the cameras of the object's views |

Space is right-handed with y up; the object's bounding box is centred on the origin and its longest
side spans [-1, 1]. A surface point is its place and its unit normal. Parts are ordered by the area
level of their box, then by height. There are no signed distances in this version: the json says
`"field": null`.

Read it with `shards.reader.ShardIndex`, or with `webdataset` alone.
"""
