"""What made the root: source, seed, versions, settings, and which defaults stood in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from partworks.config import as_tree
from partworks.dataset import Dataset, StageRecord
from partworks.plan import StageCounts
from partworks.quantities import byte_size, duration
from partworks.report.measurements import Measurements
from partworks.report.objects import Fact
from partworks.report.wording import count, plain, plural
from partworks.stages import STAGES

STAND_INS: Mapping[tuple[str, str], str] = {
    ("ingest", "samples"): "Objects were generated on the spot; they are no real assets.",
    ("segment", "structure"): "Geometric rules cut the objects; no learned model proposed masks.",
    ("segment", "geometric"): "Geometric rules found the masks; no learned model proposed them.",
    ("segment", "sam2-untrained"): "SAM 2 ran with untrained weights; its masks mean nothing.",
    ("annotate", "auto"): "Parts were accepted as they were proposed; nobody reviewed them.",
    ("render", "raster"): "A ray caster without shadows took the views, not a path tracer.",
    ("caption", "template"): "Captions were filled into a template; no model saw the objects.",
}
"""(stage, what made its output) -> what it means that a default did the work."""

_WORDS = {
    "segment": "segmenter",
    "annotate": "annotator",
    "render": "backend",
    "caption": "captioner",
}
"""Stage -> the metric that names what made its output."""

_USERINFO = re.compile(r"(?<=://)[^/@]*@")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRow:
    """One stage of the page's table.

    Attributes:
        words: what the stage says of its output, such as `split: train (40), val (2)`.
        changed: settings that differ from the stage's defaults, as (name, value).
    """

    name: str
    version: int
    counts: Mapping[str, int]
    seconds: str
    size: str
    cost: str
    tools: str
    words: tuple[str, ...]
    changed: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """What made a stage's output; `meaning` is set where a default stood in for the real thing."""

    what: str
    maker: str
    objects: int
    meaning: str


def public_url(url: str) -> str:
    """A root's URL without the user and password that some file systems put there."""
    return _USERINFO.sub("", url)


def root_facts(known: Dataset, licences: Mapping[str, int], *, url: str) -> list[Fact]:
    """Where the objects come from, and under which licences (licence -> objects)."""
    facts = [Fact(label="root", value=public_url(url), foreign=True)]
    source = known.source
    if source is not None:
        ignored = [f"{number} .{ext}" for ext, number in sorted(source.ignored.items())]
        found = plural(source.records, "asset")
        found += f", {plural(source.duplicates, 'duplicate')}" if source.duplicates else ""
        found += f"; ignored files: {', '.join(ignored)}" if ignored else ""
        facts.append(Fact(label="source", value=source.spec, foreign=True))
        facts.append(Fact(label="found there", value=found))
    facts.append(Fact(label="seed", value=str(known.seed)))
    facts.append(Fact(label="licence policy", value=known.licence_policy, foreign=True))
    if licences:
        facts.append(Fact(label="licences", value=_tally(licences), foreign=True))
    return facts


def stage_rows(
    known: Dataset, counts: Mapping[str, StageCounts], measured: Mapping[str, Measurements]
) -> list[StageRow]:
    """A row for each stage that was run, in pipeline order."""
    return [
        _stage_row(name, known.stages[name], counts=counts[name], found=measured[name])
        for name in STAGES
        if name in known.stages
    ]


def makers(known: Dataset, measured: Mapping[str, Measurements]) -> list[Maker]:
    """What made the output of each stage, over all objects, in pipeline order."""
    found = []
    if known.source is not None and known.source.spec == "samples":
        found.append(_maker("ingest", "samples", known.source.records, what="source"))
    for stage, metric in _WORDS.items():
        words: Mapping[str, Mapping[str, int]] = measured[stage].words if stage in measured else {}
        tally = words.get(metric, {})
        found += [
            _maker(stage, word, number, what=metric) for word, number in sorted(tally.items())
        ]
    return found


def _maker(stage: str, maker: str, objects: int, *, what: str) -> Maker:
    meaning = STAND_INS.get((stage, maker), "")
    return Maker(what=what, maker=plain(maker), objects=objects, meaning=meaning)


def _stage_row(
    name: str, record: StageRecord, *, counts: StageCounts, found: Measurements
) -> StageRow:
    return StageRow(
        name=name,
        version=record.version,
        counts=asdict(counts),
        seconds=duration(float(found.seconds.sum())),
        size=byte_size(int(found.sizes.sum())),
        cost=f"${found.cost:,.2f}" if found.cost else "–",
        tools=", ".join(
            f"{tool} {' / '.join(sorted(tally))}" for tool, tally in sorted(found.tools.items())
        ),
        words=tuple(f"{key}: {_tally(tally)}" for key, tally in sorted(found.words.items())),
        changed=tuple(_changed(name, record.settings)),
    )


def _tally(tally: Mapping[str, int]) -> str:
    pairs = sorted(tally.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{word or 'none'} ({count(number)})" for word, number in pairs)


def _changed(stage: str, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Settings that are not the stage's own defaults, with their values."""
    defaults = as_tree(STAGES[stage].config_class()())
    return [
        (key, plain(value))
        for key, value in sorted(settings.items())
        if key not in defaults or defaults[key] != value
    ]
