"""What the training set says of itself: a page with pictures, and the same for machines.

`Card` counts the samples; `card_files` makes the files of it: README.md as a dataset card with its
pictures, LICENSE.md, statistics.json, croissant.json, and the `.gitattributes` that a repository
for large files wants. The same counts give the same bytes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shards.card_charts import pictures
from shards.card_counts import Card, digest
from shards.card_text import readme
from shards.croissant import DataFile, croissant
from shards.licences import LICENCE_FILE, licence_file
from shards.statistics import Sums, add, summary

__all__ = ["Card", "card_files"]

FORMAT = 1
"""Of statistics.json."""

_LARGE_FILES = "".join(
    f"*.{ending} filter=lfs diff=lfs merge=lfs -text\n" for ending in ("tar", "parquet", "png")
)


def card_files(
    card: Card, *, files: Sequence[DataFile], url: str, published: str
) -> Iterator[tuple[str, bytes]]:
    """(path below `shards/`, content) of everything that describes the data set.

    Args:
        files: the shards and tables, in any order.
        url: where the data set is published, if it is.
        published: ISO date of publication, if there is one.
    """
    yield "README.md", readme(card)
    yield from pictures(card)
    yield LICENCE_FILE, licence_file(card.licences, name=card.name)
    yield "statistics.json", statistics(card)
    yield "croissant.json", croissant(card, files=files, url=url, published=published)
    yield ".gitattributes", _LARGE_FILES.encode()


def statistics(card: Card) -> bytes:
    """Counts, means and deviations as JSON: of all, and by split."""
    total: Sums = {}
    for split in card.splits:
        total = add(total, card.sums.get(split, {}))
    content = {
        "format": FORMAT,
        "name": card.name,
        "all": _described(card, None, total),
        "splits": {split: _described(card, split, card.sums[split]) for split in card.splits},
        "leaks": card.leaks,
        "licences": card.licences,
        "sources": card.sources,
        "categories": card.categories,
        "parts_per_object": card.part_counts,
        "dropped_parts": card.dropped,
        "signs": {"parts": card.signs, "objects": card.object_signs},
        "made_by": card.makers,
        "models": card.models,
        "stages": _stages(card),
        "settings": card.settings,
    }
    return (json.dumps(content, indent=1, sort_keys=True, default=list) + "\n").encode()


def _described(card: Card, split: str | None, sums: Mapping[str, Any]) -> dict[str, Any]:
    """Latents are None, not known: they belong to an encoder, and who encodes fills them in."""
    objects, parts = _total(card.objects, split), _total(card.parts, split)
    families = card.family_count(split)
    counts = {"objects": objects, "parts": parts, "families": families}
    return {**counts, **summary(sums), "latents": None}


def _total(counts: Counter[str], split: str | None) -> int:
    return counts.total() if split is None else counts[split]


def _stages(card: Card) -> dict[str, dict[str, Any]]:
    """Versions and digests; settings of other stages may name servers, and are not published."""
    stages = {**card.stages, "shards": {"version": card.version, "settings": card.settings}}
    return {
        name: {"version": stage["version"], "settings_sha256": digest(stage["settings"])}
        for name, stage in stages.items()
    }
