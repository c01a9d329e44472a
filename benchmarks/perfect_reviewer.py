"""How many clicks, keys and drags a reviewer who knows the true parts needs.

`python -m benchmarks.perfect_reviewer [--assets DIR …] [--folds N] [--fit] [--listed N]
[--segments DIR] [--workers N] [--json FILE]`

From the default output each labelled object is finished four times: with neither tree slider nor
suggestions, with either, and with both. A folder of assets has its truth in `labels/`, as
`partworks evaluate` reads it; generated samples are always among the objects. With `--folds` the
suggestions for an object are those of a model that was not trained on it. `--fit` prints the
coefficients of a model that was trained on all.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotate.review.base import Base
from annotate.review.suggest.facts import ObjectFacts, gather_facts
from annotate.review.suggest.model import SuggestionModel
from annotate.review.suggest.training import Examples, examples_of, train
from annotate.review.surface import read_surface
from benchmarks._reviewer import Reviewer
from benchmarks.segmentation import SEED, Case, cases
from ingest.normalise import normalise
from partworks.artifacts.segments import Segments
from partworks.commands.shared import print_table
from partworks.evaluation.blind import without_nodes
from partworks.evaluation.levels import measure_levels
from partworks.evaluation.overlap import measure_overlap
from segment.config import SegmentConfig
from segment.segmenter import segment_mesh

MODES = ("neither", "slider", "suggestions", "both")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subject:
    """An object with its segments and its first truth."""

    facts: ObjectFacts
    segments: Segments
    truth: NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One object: actions by mode, and what they were for in the last mode."""

    name: str
    kind: str
    parts: int
    groups: int
    actions: dict[str, int]
    spent: dict[str, dict[str, int]]


def prepare(case: Case, kept: Path | None) -> Subject:
    """Load and segment an object as `benchmarks.segmentation` does, without its node tree."""
    loaded, truth = case.load()
    merged, order = without_nodes(loaded)
    mesh, _ = normalise(merged, z_up=False)
    path = None if kept is None else kept / f"{case.kind} {case.name}.npz"
    if path is not None and path.exists():
        segments = Segments.from_bytes(path.read_bytes())
    else:
        generator = np.random.default_rng(SEED)
        segments = segment_mesh(mesh, config=SegmentConfig(), generator=generator)
        if path is not None:
            path.write_bytes(segments.to_bytes())
    facts = gather_facts(
        Base.of(segments), read_surface(mesh), generator=np.random.default_rng(SEED)
    )
    return Subject(facts=facts, segments=segments, truth=truth[0, order])


def levels(subject: Subject) -> list[int]:
    """Slider positions worth a try, by merges and splits left at each, at several rates."""
    overlap = measure_overlap(
        subject.segments.face_labels, subject.truth, areas=subject.facts.surface.areas
    )
    found = measure_levels(subject.segments, overlap)
    effort = [found.merges * merge + 5.0 * found.splits for merge in (1.0, 0.5, 0.25, 0.1)]
    return sorted({subject.segments.count - int(each.argmin()) for each in effort})


def reviewed(
    subject: Subject, *, slider: bool, model: SuggestionModel | None, listed: int = 0
) -> Reviewer:
    """The cheapest review, over slider positions if there is a slider."""
    tries: list[Reviewer] = []
    for count in (None, *(levels(subject) if slider else ())):
        reviewer = Reviewer(
            base=subject.facts.base,
            facts=subject.facts,
            truth=subject.truth,
            model=model,
            listed=listed,
        )
        reviewer.finish(count=count)
        tries.append(reviewer)
    return min(tries, key=lambda reviewer: reviewer.total)


def teach(case: Case, kept: Path | None) -> list[Examples]:
    """What reviews of an object without suggestions teach, from every slider position."""
    subject = prepare(case, kept)
    found = []
    for count in (None, *levels(subject)):
        reviewer = Reviewer(base=subject.facts.base, facts=subject.facts, truth=subject.truth)
        reviewer.finish(count=count)
        found.append(examples_of(subject.facts, reviewer.log))
    return found


def measure(job: tuple[Case, SuggestionModel], kept: Path | None, listed: int) -> Row:
    """Review an object in every mode."""
    case, model = job
    subject = prepare(case, kept)
    found = {
        mode: reviewed(
            subject,
            slider=mode in ("slider", "both"),
            model=model if mode in ("suggestions", "both") else None,
            listed=listed,
        )
        for mode in MODES
    }
    return Row(
        name=case.name,
        kind=case.kind,
        parts=len(np.unique(subject.truth[subject.truth >= 0])),
        groups=subject.facts.base.default_count,
        actions={mode: reviewer.total for mode, reviewer in found.items()},
        spent={mode: dict(reviewer.actions) for mode, reviewer in found.items()},
    )


def held_out(
    examples: Sequence[Sequence[Examples]], folds: int
) -> tuple[SuggestionModel, list[SuggestionModel]]:
    """The model of all objects, and for each object one that was trained on other folds."""
    flat = [entry for entries in examples for entry in entries]
    models = []
    for fold in range(folds):
        others = [e for index, rows in enumerate(examples) if index % folds != fold for e in rows]
        models.append(train(others))
    return train(flat), [models[index % folds] for index in range(len(examples))]


def main() -> None:
    """Review all cases and print what it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.perfect_reviewer")
    parser.add_argument("--assets", type=Path, nargs="+", default=[], help="folders with labels/")
    parser.add_argument("--folds", type=int, default=0, help="train on other objects, in N folds")
    parser.add_argument("--fit", action="store_true", help="print a model trained on all objects")
    parser.add_argument(
        "--listed",
        type=int,
        default=5,
        help="suggestions that the page lists, each a key away (1: the best alone is, for the "
        "others a key shows the next); 0: none, a key shows the next and another takes it",
    )
    parser.add_argument("--segments", type=Path, help="a folder that keeps segments between runs")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path, help="a file for all numbers")
    arguments = parser.parse_args()
    subjects = [*cases([]), *(cases(arguments.assets) if arguments.assets else ())]
    models = [SuggestionModel()] * len(subjects)
    with ProcessPoolExecutor(arguments.workers) as pool:
        if arguments.folds or arguments.fit:
            examples = list(pool.map(partial(teach, kept=arguments.segments), subjects))
            whole, parted = held_out(examples, max(arguments.folds, 1) if arguments.folds else 2)
            if arguments.fit:
                print(json.dumps(whole.to_json(), indent=1))
            models = parted if arguments.folds else models
        work = partial(measure, kept=arguments.segments, listed=arguments.listed)
        rows = list(pool.map(work, zip(subjects, models, strict=True)))
    report(rows)
    if arguments.json:
        arguments.json.write_text(json.dumps([_plain(row) for row in rows], indent=1))


def _plain(row: Row) -> dict[str, object]:
    return {field.name: getattr(row, field.name) for field in fields(row)}


def report(rows: Sequence[Row]) -> None:
    """A line for each object, and totals by kind."""
    print_table(
        ("object", "kind", "parts", "groups", *MODES),
        [
            (
                row.name,
                row.kind,
                row.parts,
                row.groups,
                *(row.actions[mode] for mode in MODES),
            )
            for row in rows
        ],
        title="clicks, keys and drags to finish an object",
    )
    for kind in [*sorted({row.kind for row in rows}), "all"]:
        of_kind = [row for row in rows if kind in ("all", row.kind)]
        totals = {mode: sum(row.actions[mode] for row in of_kind) for mode in MODES}
        plain = totals["neither"]
        saved = ", ".join(f"{mode} {1 - totals[mode] / plain:.0%}" for mode in MODES[1:])
        ratio = np.asarray([row.actions["both"] / row.actions["neither"] for row in of_kind])
        print(
            f"{kind}, {len(of_kind)} objects: {totals}; saved: {saved}; "
            f"by object in the median {1 - np.median(ratio):.0%}"
        )
        spent = {mode: _spent(of_kind, mode) for mode in ("neither", "both")}
        print(f"  spent {spent}")


def _spent(rows: Sequence[Row], mode: str) -> dict[str, int]:
    what = sorted({name for row in rows for name in row.spent[mode]})
    return {name: sum(row.spent[mode].get(name, 0) for row in rows) for name in what}


if __name__ == "__main__":
    main()
