"""Fits the prices of the merge tree, `segment.linkage`, to objects whose parts are known.

`python -m benchmarks.calibration [--assets DIR …] [--rounds N] [--folds N]`

The generated samples are always among them. Trees are built with the model at hand, every pair of
regions that was priced on the way is an example, and the model is fitted again, a few times over,
as the examples hang on the trees. What is printed first is measured on objects that were held out;
then comes the model that is fitted to all, as it stands in `segment/linkage.py`.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.segmentation import SEED, Case, cases
from ingest.normalise import normalise
from partworks.artifacts.segments import Segments
from partworks.evaluation.blind import without_nodes
from partworks.evaluation.scores import Evaluation, evaluate, score_labels
from partworks.evaluation.surface import SurfaceGraph, surface_graph
from partworks.geometry.measures import face_areas
from segment import linkage, tree
from segment.config import SegmentConfig
from segment.graph import AREA, LENGTH, RegionGraph
from segment.segmenter import find_leaves
from segment.tree import MergeTree, build_tree

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]

HEIGHTS = (0.15, 0.25, 0.35, 0.42, 0.5, 0.65)
KIND_WEIGHT = {"node hierarchy": 2.0}
RIDGE = 1e-3
Models = tuple[dict[str, float], dict[str, float]]


@dataclass(slots=True, kw_only=True)
class Subject:
    """An object before its tree is built, with (P, R) areas of its regions in each true part."""

    case: Case
    graph: RegionGraph
    labels: Int32
    twin: NDArray[np.int64]
    truth: Int32
    surface: SurfaceGraph
    owned: list[Float64]
    examples: list[Examples] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Priced pairs: (N, 12) features, (N,) whether they touch, are different, and weights."""

    features: Float64
    touching: NDArray[np.bool_]
    different: Float64
    weight: Float64


def read_subject(case: Case) -> Subject:
    """Read an object without its node tree, down to the leaves of its tree."""
    loaded, truth = case.load()
    merged, order = without_nodes(loaded)
    mesh, _ = normalise(merged, z_up=False)
    generator = np.random.default_rng(SEED)
    leaves = find_leaves(mesh, config=SegmentConfig(), generator=generator)
    labels, graph = leaves.labels, leaves.graph
    areas = face_areas(mesh.vertices, mesh.faces)
    owned = []
    for true in truth[:, order]:
        known = true >= 0
        table = np.zeros((len(graph.area), int(true.max()) + 1))
        np.add.at(table, (labels[known], true[known]), areas[known])
        owned.append(table)
    return Subject(
        case=case,
        graph=graph,
        labels=labels,
        twin=leaves.twin,
        truth=truth[:, order],
        surface=surface_graph(mesh.vertices, mesh.faces),
        owned=owned,
    )


@contextmanager
def _watched() -> Iterator[list[tuple[Float64, ...]]]:
    """Every call of `linkage` while trees are built."""
    calls: list[tuple[Float64, ...]] = []
    plain = linkage.linkage

    def watch(
        sums: Float64, gap: Float64, first: Float64, second: Float64, **rest: object
    ) -> object:
        calls.append((sums, gap, first, second))
        return plain(sums, gap, first, second, **rest)  # type: ignore[arg-type]

    tree.linkage = watch  # type: ignore[attr-defined, assignment]
    try:
        yield calls
    finally:
        tree.linkage = plain  # type: ignore[attr-defined]


def build(subject: Subject) -> MergeTree:
    """Build the tree with the model at hand and keep what was priced as examples."""
    graph = _with_truth(subject)
    with _watched() as calls:
        found = build_tree(graph, twin=subject.twin)
    sums, gap, first, second = (np.concatenate(column) for column in zip(*calls, strict=True))
    traits = graph.traits.shape[1] - sum(table.shape[1] for table in subject.owned)
    different = np.zeros(len(sums))
    start = traits
    for table in subject.owned:
        stop = start + table.shape[1]
        different += first[:, start:stop].argmax(axis=1) != second[:, start:stop].argmax(axis=1)
        start = stop
    smaller = np.minimum(first[:, AREA], second[:, AREA]) / graph.whole.area
    weight = np.sqrt(smaller + 1e-4)
    subject.examples.append(
        Examples(
            features=linkage.features(sums, gap, first, second, whole=graph.whole),
            touching=sums[:, LENGTH] > 0,
            different=different / len(subject.owned),
            weight=weight / weight.sum(),
        )
    )
    return found


def _with_truth(subject: Subject) -> RegionGraph:
    """The graph with the areas in true parts as further traits, which add up like the others."""
    return replace(subject.graph, traits=np.concatenate([subject.graph.traits, *subject.owned], 1))


def fit(subjects: Sequence[Subject]) -> Models:
    """The models for pairs that touch and pairs that do not; every kind of truth counts alike."""
    kinds = Counter(subject.case.kind for subject in subjects)
    rows = [(subject, examples) for subject in subjects for examples in subject.examples]
    share = [
        examples.weight
        * KIND_WEIGHT.get(subject.case.kind, 1.0)
        / (kinds[subject.case.kind] * len(subject.examples))
        for subject, examples in rows
    ]
    features = np.concatenate([examples.features for _, examples in rows])
    different = np.concatenate([examples.different for _, examples in rows])
    touching = np.concatenate([examples.touching for _, examples in rows])
    weight = np.concatenate(share)
    first, second = (
        _logistic(features[chosen], different[chosen], weight[chosen] / weight.sum())
        for chosen in (touching, ~touching)
    )
    return first, second


def _logistic(features: Float64, different: Float64, weight: Float64) -> dict[str, float]:
    """Coefficients by Newton's method, with a ridge on those of standardised features."""
    total = weight.sum()
    mean = weight @ features / total
    spread = np.sqrt(weight @ (features - mean) ** 2 / total)
    varies = spread > 1e-9
    scaled = np.where(varies, (features - mean) / np.where(varies, spread, 1), 0.0)
    scaled[:, 0] = 1.0
    ridge = RIDGE * np.concatenate([[0.0], np.ones(features.shape[1] - 1)])
    found = np.zeros(features.shape[1])
    for _ in range(30):
        likely = 1 / (1 + np.exp(-scaled @ found))
        slope = scaled.T @ (weight * (likely - different)) + ridge * found
        bend = (scaled.T * (weight * likely * (1 - likely))) @ scaled
        found -= np.linalg.solve(bend + np.diag(ridge + 1e-12), slope)
    plain = np.where(varies, found / np.where(varies, spread, 1), 0.0)
    plain[0] = found[0] - plain[1:] @ mean[1:]
    return {
        name: round(float(value), 3)
        for name, value in zip(linkage.FEATURES, plain, strict=True)
        if round(float(value), 3)
    }


def use(models: Models) -> None:
    """Let `segment.linkage` price with these models."""
    for table, model in zip((linkage.TOUCHING, linkage.APART), models, strict=True):
        table.clear()
        table.update(model)


def measure(subject: Subject, found: MergeTree) -> tuple[Evaluation, list[float], list[int]]:
    """The scores of a tree, and effort and groups at each of `HEIGHTS`."""
    segments = Segments(
        face_labels=subject.labels,
        merge_children=found.children,
        merge_height=found.height,
        segment_area=subject.graph.area.astype(np.float32),
        segment_score=np.zeros(len(subject.graph.area), np.float32),
        geometry_hash="",
        method="calibration",
    )
    effort, counts = [], []
    for height in HEIGHTS:
        counts.append(segments.count_at(height))
        cut = segments.at_count(counts[-1])
        scores = [score_labels(cut, true, surface=subject.surface) for true in subject.truth]
        effort.append(float(np.mean([score.effort for score in scores])))
    return evaluate(segments, subject.truth, surface=subject.surface), effort, counts


def held_out(subjects: Sequence[Subject], *, rounds: int, folds: int) -> None:
    """Fit to all folds but one, measure that one, and print what comes out."""
    by_kind = sorted(range(len(subjects)), key=lambda i: subjects[i].case.kind)
    fold = {index: place % folds for place, index in enumerate(by_kind)}
    measured = {}
    for test in range(folds):
        train = [subjects[i] for i in range(len(subjects)) if fold[i] != test]
        use(_rounds(train, rounds))
        for i in (i for i in range(len(subjects)) if fold[i] == test):
            measured[i] = measure(subjects[i], build_tree(subjects[i].graph, twin=subjects[i].twin))
    for kind in sorted({subject.case.kind for subject in subjects}):
        chosen = [i for i in sorted(measured) if subjects[i].case.kind == kind]
        _print_kind(kind, [measured[i] for i in chosen])


def _rounds(subjects: Sequence[Subject], rounds: int) -> Models:
    start: Models = (dict(_START[0]), dict(_START[1]))
    use(start)
    for subject in subjects:
        subject.examples.clear()
    models = start
    for _ in range(rounds):
        for subject in subjects:
            build(subject)
        models = fit(subjects)
        use(models)
    return models


_START: Models = (
    {"one": -1.0, "concave": 2.0, "neck": -0.5, "smaller": 0.3},
    {"one": 2.0, "gap": 2.0, "smaller": 0.3},
)
"""A rough model that the first trees are built with."""


def _print_kind(kind: str, rows: Sequence[tuple[Evaluation, list[float], list[int]]]) -> None:
    one = np.array([scores.one_piece.effort for scores, _, _ in rows])
    components = np.array([scores.components.effort for scores, _, _ in rows])
    trees = [scores.tree for scores, _, _ in rows if scores.tree]
    effort = np.array([row for _, row, _ in rows])
    counts = np.array([row for _, _, row in rows])
    print(
        f"{kind}, {len(rows)} objects: ASA at 40 {np.mean([t.accuracy_40 for t in trees]):.3f}, "
        f"best IoU {np.mean([t.best_iou_faces.value for t in trees]):.3f}"
    )
    best = np.array([t.effort.value for t in trees])
    for name, trivial in (("one piece", one), ("components", components)):
        some = trivial > 0
        if not some.any():
            continue
        cells = [
            f"{height}: {effort[:, k].sum() / trivial.sum():.2f} / "
            f"{np.mean(effort[some, k] / trivial[some]):.2f}"
            for k, height in enumerate(HEIGHTS)
        ]
        print(
            f"  effort, of the sum / on average, as a share of {name}: best "
            f"{best.sum() / trivial.sum():.2f} / {np.mean(best[some] / trivial[some]):.2f}; "
            + "; ".join(cells)
        )
    print("  groups in the median: " + ", ".join(f"{n:.0f}" for n in np.median(counts, axis=0)))


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibration")
    parser.add_argument("--assets", type=Path, nargs="+", default=[], help="folders with labels/")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folds", type=int, default=5)
    arguments = parser.parse_args()
    found = list(cases([]))
    if arguments.assets:
        found += cases(arguments.assets)
    subjects = [read_subject(case) for case in found]
    held_out(subjects, rounds=arguments.rounds, folds=arguments.folds)
    for name, model in zip(("TOUCHING", "APART"), _rounds(subjects, arguments.rounds), strict=True):
        print(f"{name} = {model}")


if __name__ == "__main__":
    main()
