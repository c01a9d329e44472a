"""The verbs of `python -m shards`: what each prints, as text or as one JSON document."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from partworks.errors import UsageError
from shards import check as checking
from shards.changes import REASONS
from shards.diff import Change, Difference, compare
from shards.markdown import clean
from shards.published import open_index, read_file, read_statistics

_SHOWN = 50
"""Samples of each kind that the text names; the JSON names all."""


def card(given: Namespace) -> int:
    """Print README.md as it is, or `statistics.json`."""
    index = open_index(given.url)
    if given.json:
        _print_json(read_statistics(index))
        return 0
    try:
        sys.stdout.write(read_file(index, "README.md").decode(errors="replace"))
    except FileNotFoundError as error:
        raise UsageError(
            f"{index.url} has no README.md; run the shards stage again, it writes the card"
        ) from error
    return 0


def check(given: Namespace) -> int:
    """Print every flaw; 1 if there is one."""
    index = open_index(given.url)
    samples = sum(len(index.keys(split)) for split in index.splits())
    flaws = []
    for flaw in checking.check(index):
        flaws.append(flaw)
        if not given.json:
            where = " ".join(clean(word) for word in (flaw.file, flaw.sample, flaw.member) if word)
            sys.stdout.write(f"{where}: {flaw.message}\n")
    if given.json:
        rows = [asdict(flaw) for flaw in flaws]
        _print_json({"url": index.url, "samples": samples, "flaws": rows})
    else:
        sys.stdout.write(f"{samples:,} samples, {len(flaws):,} flaws\n")
    return 1 if flaws else 0


def diff(given: Namespace) -> int:
    """Print what changed; differences are no error."""
    old, new = open_index(given.old), open_index(given.new)
    found = compare(old, new)
    if given.json:
        _print_json({"old": old.url, "new": new.url, **_document(found)})
    else:
        sys.stdout.write("\n".join(_report(found)) + "\n")
    return 0


def _document(found: Difference) -> dict[str, Any]:
    return {**asdict(found), "counts": _counts(found), "reasons": dict(found.reasons)}


def _counts(found: Difference) -> dict[str, int]:
    return {
        "added": len(found.added),
        "removed": len(found.removed),
        "changed": len(found.changed),
        "same": found.same,
    }


def _report(found: Difference) -> Iterator[str]:
    yield from _aligned([(name, f"{count:,}") for name, count in _counts(found).items()])
    if found.changed:
        yield "\nwhy samples changed"
        counted = found.reasons
        rows = [(r, f"{counted[r]:,}", REASONS[r]) for r in REASONS if counted[r]]
        yield from _aligned(rows)
    yield from _settings(found)
    for title, samples in (("added", found.added), ("removed", found.removed)):
        if samples:
            yield f"\n{title}"
            rows = [(s.key, s.split, f"{s.parts} parts") for s in samples[:_SHOWN]]
            yield from _aligned(rows)
            yield from _more(len(samples))
    if found.changed:
        yield "\nchanged"
        yield from _aligned([_change(change) for change in found.changed[:_SHOWN]])
        yield from _more(len(found.changed))


def _settings(found: Difference) -> Iterator[str]:
    stages = [
        (f"stage {name}", *(_stage(side) for side in sides))
        for name, sides in found.versions.items()
    ]
    settings = [
        (f"shards.{name}", *(json.dumps(side) for side in sides))
        for name, sides in found.settings.items()
    ]
    if stages or settings:
        yield "\nmade with other settings: before, after"
        yield from _aligned([*stages, *settings])


def _stage(side: Mapping[str, Any] | None) -> str:
    if not side:
        return "unknown"
    return f"version {side.get('version')}, settings {str(side.get('settings_sha256'))[:12]}"


def _change(change: Change) -> tuple[str, ...]:
    moves = [f"{name} {before} -> {after}" for name, (before, after) in change.moves.items()]
    members = [f"{fate} {name}" for name, fate in change.members.items() if name != "json"]
    shown = members[:3] + ([f"and {len(members) - 3} more"] if len(members) > 3 else [])
    return change.key, ", ".join(change.reasons), "; ".join([*moves, *shown])


def _more(count: int) -> Iterator[str]:
    if count > _SHOWN:
        yield f"  … and {count - _SHOWN:,} more; --json names all"


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns of foreign text, each as wide as its widest cell."""
    cells = [[clean(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield ("  " + "  ".join(padded)).rstrip()


def _print_json(document: Any) -> None:
    sys.stdout.write(json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
