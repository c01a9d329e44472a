"""README.md: the card as a page, with the front matter that Hugging Face reads.

Source: https://huggingface.co/docs/hub/datasets-cards
"""

from __future__ import annotations

import html
from collections import Counter
from typing import Any

import yaml

from shards import card_layout
from shards.card_charts import FOLDER, charts
from shards.card_counts import SIGNED, Card, digest
from shards.card_pictures import SHOWN_WIDTH
from shards.licences import front_matter, licence_table
from shards.markdown import code, plain, plural, table
from shards.statistics import add, summary

STAND_INS = {
    ("parts", "auto"): "parts were accepted as the segmenter proposed them; nobody reviewed them",
    ("captioner", "template"): "captions were filled into a template; no model saw the objects",
    ("segmenter", "structure"): "segments follow the asset's own structure, such as shells, "
    "materials and creases; no model looked at it",
    ("renderer", "raster"): "views were rasterised under a lamp at the camera; no light was traced",
}
"""What the words for embedded defaults mean, which stood in for the real thing."""

SIGNS = {
    "closed": "the surface is closed; its winding number says what is inside",
    "winding": "the surface has gaps; its winding number is trusted nevertheless",
    "proxy": "a closed surface drawn around the open one says what is inside",
}

_NO_SIGN = "no sign can be trusted: left out of `field.npz`"
_SHOWN = 20
_FIRST_SIZE = 1000
_UNITS = ("", "K", "M", "B", "T")


def readme(card: Card) -> bytes:
    """The card as Markdown with YAML front matter, UTF-8."""
    sections = [
        f"# {plain(card.name)}",
        _introduction(card),
        *_stand_ins(card),
        "## Contents",
        _splits(card),
        *_leaks(card),
        _picture(card, "parts-per-object"),
        *_categories(card),
        "## Parts",
        _parts(card),
        _picture(card, "part-area"),
        _picture(card, "part-size"),
        "## Signed distances",
        *_signs(card),
        "## Licences and attribution",
        *_licences(card),
        "## How it was made",
        *_made(card),
        "## Statistics",
        *_statistics(card),
        card_layout.reading(card),
        card_layout.layout(),
    ]
    body = "\n\n".join(section.strip() for section in sections if section)
    return f"---\n{_front_matter(card)}---\n\n{body}\n".encode()


def _front_matter(card: Card) -> str:
    fields: dict[str, Any] = {
        "pretty_name": card.name,
        **front_matter(card.licences, name=card.name),
        "language": ["en"],
        "size_categories": [size_category(card.objects.total())],
        "task_categories": ["image-to-3d", "text-to-3d"],
        "tags": ["3d", "parts", "part-segmentation", "mesh", "webdataset", "partworks"],
    }
    if card.splits:
        files = [{"split": split, "path": f"{split}-*.tar"} for split in card.splits]
        fields["configs"] = [{"config_name": "default", "data_files": files}]
    text: str = yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=100)
    return text


def size_category(count: int) -> str:
    """`n<1K`, `1K<n<10K`, … as Hugging Face has them."""
    if count < _FIRST_SIZE:
        return "n<1K"
    power = len(str(count)) - 1
    if power >= 12:
        return "n>1T"
    return f"{_round_number(power)}<n<{_round_number(power + 1)}"


def _round_number(power: int) -> str:
    return f"{10 ** (power % 3)}{_UNITS[power // 3]}"


def _introduction(card: Card) -> str:
    return (
        f"{card.objects.total():,} objects with {card.parts.total():,} parts, for training models "
        "that generate 3D shapes part by part. One sample is one object with all of its parts: "
        "surface points, boxes, views, captions, and signed distances where a sign can be trusted. "
        "Samples lie in [WebDataset](https://github.com/webdataset/webdataset) tars; a sample's "
        "key is the object's uid. Made by Partworks."
    )


def _stand_ins(card: Card) -> list[str]:
    """A warning that names each embedded default that stood in for the real thing."""
    found = [
        f"> - `{what}: {maker}` ({plural(card.makers[what][maker], 'object')}): {meaning}."
        for (what, maker), meaning in STAND_INS.items()
        if card.makers.get(what, Counter())[maker]
    ]
    if not found:
        return []
    head = "> **Defaults were used.** These stood in for the real thing:\n>"
    return ["\n".join([head, *found])]


def _splits(card: Card) -> str:
    rows = [
        (code(split), card.objects[split], card.parts[split], card.family_count(split))
        for split in card.splits
    ]
    total = ("all", card.objects.total(), card.parts.total(), card.family_count())
    return table(("split", "objects", "parts", "families"), [*rows, total])


def _leaks(card: Card) -> list[str]:
    """How splits were drawn, and which families lie in more than one."""
    text = [
        "A family is an object with its near-duplicates and its series by the same creator. "
        "Families are split, not objects, so that nothing held out has a twin in training."
    ]
    leaks = card.leaks
    if leaks:
        verb = "family lies" if len(leaks) == 1 else "families lie"
        text.append(
            f"**Leaks: {len(leaks):,} {verb} in several splits**, because objects keep the split "
            "that they had in an earlier version, before it was known that they belong together."
        )
        rows = [(code(family), ", ".join(where)) for family, where in list(leaks.items())[:_SHOWN]]
        text += [table(("family", "splits"), rows), _more(len(leaks), "families")]
    return text


def _categories(card: Card) -> list[str]:
    if not card.categories:
        return []
    rows = [(code(name), count) for name, count in card.categories.most_common()]
    rows.sort(key=lambda row: (-row[1], row[0]))
    return [
        "## Categories",
        _picture(card, "categories"),
        table(("category", "objects"), rows[:_SHOWN]),
        _more(len(rows), "categories"),
    ]


def _parts(card: Card) -> str:
    count = card.parts.total()
    if not count:
        return "There are none."
    text = [
        f"{card.watertight:,} of {plural(count, 'part')} ({card.watertight / count:.0%}) are "
        "watertight: their edges, welded by position, close."
    ]
    if card.merged:
        text.append(f"{card.merged:,} small parts were merged into parts named `rest`.")
    if card.dropped:
        reasons = ", ".join(f"{code(name)}: {n:,}" for name, n in sorted(card.dropped.items()))
        text.append(f"Parts left out ({reasons}) are listed in the json of their object.")
    return " ".join(text)


def _signs(card: Card) -> list[str]:
    """Where signs come from, and why some are missing."""
    if not card.signs:
        return ['There are none in this version: the json of every sample says `"field": null`.']
    missing = sorted({*card.signs, *card.object_signs} - set(SIGNED))
    rows = [
        (code(sign), card.signs[sign], card.object_signs[sign], SIGNS.get(sign, _NO_SIGN))
        for sign in (*SIGNED, *missing)
    ]
    trusted = sum(card.signs[sign] for sign in SIGNED)
    text = (
        f"{trusted:,} of {card.signs.total():,} parts have signed distances, negative inside. "
        "Meshes from artists are often open; where no sign can be trusted it is not guessed."
    )
    if card.without_field:
        text += f" For {plural(card.without_field, 'object')} none were sampled."
    head = ("sign", "parts", "whole objects", "meaning")
    return [text, _picture(card, "signs"), table(head, rows)]


def _licences(card: Card) -> list[str]:
    return [
        "Each object keeps the licence of its source, and so does all that derives from it: "
        "points, distances, views and captions. `ATTRIBUTION.parquet` names the licence and the "
        "author of each object, and so does the `json` of its sample: quote them when you publish "
        "what you made of it.",
        _picture(card, "licences"),
        licence_table(card.licences),
        "Where the objects come from:" if card.sources else "",
        table(("source", "objects"), [(code(n), c) for n, c in sorted(card.sources.items())]),
    ]


def _made(card: Card) -> list[str]:
    stages = {**card.stages, "shards": {"version": card.version, "settings": card.settings}}
    rows = [
        (code(name), stage["version"], f"`{digest(stage['settings'])[:12]}`")
        for name, stage in stages.items()
    ]
    makers = [
        (code(what), code(maker), count)
        for what, counts in sorted(card.makers.items())
        for maker, count in sorted(counts.items())
    ]
    makers += [("caption model", code(model), n) for model, n in sorted(card.models.items())]
    return [
        table(("stage", "version", "settings (SHA-256)"), rows),
        "Who or what did the work:" if makers else "",
        table(("what", "made by", "objects"), makers),
    ]


def _statistics(card: Card) -> list[str]:
    """Colours in the page; the rest is in the file."""
    total: dict[str, Any] = {}
    for sums in card.sums.values():
        total = add(total, sums)
    rows = [
        (f"views of {subject}s", found["pictures"], *map(_numbers, _moments(found)))
        for subject, found in summary(total)["images"].items()
    ]
    head = ("what", "pictures", "covered", "mean RGB", "deviation RGB")
    text = (
        "Over opaque pixels, sRGB from 0 to 1. `statistics.json` has these by split, and those of "
        "points, boxes and distances. Statistics of latents are not known here: they belong to an "
        "encoder."
    )
    return [text, table(head, rows)]


def _moments(found: dict[str, Any]) -> tuple[list[float], list[float], list[float]]:
    """Coverage is None of pictures without a pixel, means of those without an opaque one."""
    covered = [] if found["coverage"] is None else [found["coverage"]]
    return covered, found["mean"] or [], found["std"] or []


def _numbers(values: list[float]) -> str:
    return ", ".join(f"{value:.3f}" for value in values) or "–"


def _picture(card: Card, name: str) -> str:
    """A picture with its summary for those who do not see it; nothing if there is none."""
    chart = dict(charts(card)).get(name)
    if chart is None:
        return ""
    words = html.escape(f"{chart.title}: {chart.summary}")
    return f'<img src="{FOLDER}/{name}.png" width="{SHOWN_WIDTH}" alt="{words}">'


def _more(count: int, what: str) -> str:
    return f"… and {count - _SHOWN:,} more {what}." if count > _SHOWN else ""
