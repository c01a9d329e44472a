"""What a card knows: counts over the samples of a data set, filled one sample at a time."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import floor, log10
from typing import Any

from shards.markdown import clean
from shards.split import SPLITS
from shards.statistics import Sums, add

AREA_BINS = 4
"""Bins of a part's area in a power of ten."""

SIDE_BINS = 20
"""Bins of a part's longest side, from 0 to the object's own 2."""

SIGNED = ("closed", "winding", "proxy")
"""How the sign of a distance may have been found; any other word says why there is none."""

_LEAST_AREA = 1e-10


@dataclass(slots=True, kw_only=True)
class Card:
    """Counts over samples. Texts of samples are cleaned before they are counted.

    Attributes:
        name: the data set's.
        version: of the shards stage.
        settings: of the shards stage.
        stages: stage -> its `version` and `settings`, for all that the root knows of.
        objects, parts: by split.
        families: objects by (family, split); a family in two splits is a leak.
        part_counts: objects by how many parts they have.
        areas: parts by `floor(AREA_BINS * log10(area))`, area in squared units of the object frame.
        sides: parts by the `SIDE_BINS` bins of their longest side.
        watertight: parts whose edges close.
        dropped: parts left out, by reason. merged: labels that went into a part for the tail.
        signs: parts by how the sign of their distances was found, or why there is none;
            object_signs: the same of whole objects. Neither counts objects without a field.
        without_field: objects for which no distances were sampled.
        made_by: what -> maker -> objects. models: captioning models -> objects.
        sums: of `shards.statistics`, by split.
    """

    name: str
    version: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    stages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    objects: Counter[str] = field(default_factory=Counter)
    parts: Counter[str] = field(default_factory=Counter)
    families: Counter[tuple[str, str]] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)
    part_counts: Counter[int] = field(default_factory=Counter)
    areas: Counter[int] = field(default_factory=Counter)
    sides: Counter[int] = field(default_factory=Counter)
    watertight: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    merged: int = 0
    signs: Counter[str] = field(default_factory=Counter)
    object_signs: Counter[str] = field(default_factory=Counter)
    without_field: int = 0
    licences: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    made_by: dict[str, Counter[str]] = field(default_factory=dict)
    models: Counter[str] = field(default_factory=Counter)
    sums: dict[str, Sums] = field(default_factory=dict)

    def add(self, record: Mapping[str, Any]) -> None:
        """Count the json of one sample, as it lies in its shard."""
        split, parts = str(record["split"]), record["parts"]
        self.objects[split] += 1
        self.parts[split] += len(parts)
        self.part_counts[len(parts)] += 1
        self.families[clean(record.get("family") or record.get("uid")), split] += 1
        self.categories.update({clean(name) for name in _words(record.get("categories"))})
        self.licences[clean(record["licence"])] += 1
        self.sources[clean(record["source"])] += 1
        self.sums[split] = add(self.sums.get(split, {}), record.get("statistics") or {})
        for part in parts:
            self._add_part(part)
        self.dropped.update(clean(part["reason"]) for part in record["dropped_parts"])
        self._add_field(record.get("field"))
        self._add_makers(record)

    def _add_part(self, part: Mapping[str, Any]) -> None:
        self.areas[floor(AREA_BINS * log10(max(part["area"], _LEAST_AREA)))] += 1
        self.sides[min(int(part["scale"] * SIDE_BINS), SIDE_BINS - 1)] += 1
        self.watertight += bool(part["watertight"])
        self.merged += len(part.get("merged") or ())

    def _add_field(self, described: Mapping[str, Any] | None) -> None:
        if described is None:
            self.without_field += 1
            return
        self.signs.update(clean(sign) for sign in described["parts"])
        self.object_signs[clean(described["object"])] += 1

    def _add_makers(self, record: Mapping[str, Any]) -> None:
        for what, maker in record["made_by"].items():
            self.made_by.setdefault(clean(what), Counter())[clean(maker)] += 1
        model = clean((record.get("captions") or {}).get("model") or "")
        if model:
            self.models[model] += 1

    @property
    def splits(self) -> list[str]:
        """The splits that have objects, `train` first."""
        known = [split for split in SPLITS if self.objects[split]]
        return known + sorted(set(self.objects) - set(SPLITS))

    @property
    def makers(self) -> dict[str, Counter[str]]:
        """`made_by`, with the segmenter that the root was last run with, if it knows one."""
        method = self.stages.get("segment", {}).get("settings", {}).get("method")
        found = dict(sorted(self.made_by.items()))
        if method and "segmenter" not in found:
            found["segmenter"] = Counter({clean(method): self.objects.total()})
        return found

    def family_count(self, split: str | None = None) -> int:
        """Families, of one split or of all."""
        return len({family for family, where in self.families if split in (None, where)})

    @property
    def leaks(self) -> dict[str, list[str]]:
        """Family -> its splits, of families that lie in several."""
        splits: dict[str, list[str]] = {}
        for family, split in sorted(self.families):
            splits.setdefault(family, []).append(split)
        return {family: where for family, where in splits.items() if len(where) > 1}


def digest(settings: Mapping[str, Any]) -> str:
    """SHA-256 over settings, in hex."""
    text = json.dumps(settings, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def median(counts: Counter[int]) -> int:
    """The lower median of counted numbers."""
    seen, half = 0, (counts.total() + 1) // 2
    for number in sorted(counts):
        seen += counts[number]
        if seen >= half:
            return number
    raise ValueError("nothing was counted")


def _words(value: Any) -> list[Any]:
    """Categories, which may be one or several."""
    if not value:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
