"""How well the segmenter does on meshes whose parts are known, beside trivial answers.

`python -m benchmarks.segmentation [--assets DIR …] [--settings JSON] [--oracle] [--workers N]`

Without `--assets` the generated samples are measured. A folder of assets has its truth in
`labels/`, as `partworks evaluate` reads it. The segmenter sees the object without its node tree,
which is where some of the truth comes from; materials stay.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.normalise import normalise
from ingest.samples import SAMPLES, build_sample
from partworks.commands.shared import print_table
from partworks.evaluation.blind import without_nodes
from partworks.evaluation.face_order import labels_in_object_order
from partworks.evaluation.root import ObjectScores
from partworks.evaluation.scores import evaluate
from partworks.evaluation.surface import surface_graph
from partworks.evaluation.table import score_tables
from partworks.evaluation.truth import TruthEntry, list_truth, read_truth
from partworks.geometry.load import FORMATS, load_mesh
from partworks.geometry.mesh import Mesh
from segment.config import SegmentConfig
from segment.proposers.choice import make_proposer
from segment.proposers.oracle import OracleConfig, OracleProposer
from segment.segmenter import segment_mesh

SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A mesh with truth: a generated sample, or a file with an entry of a folder of truth."""

    name: str
    asset: Path | None = None
    entry: TruthEntry | None = None

    def load(self) -> tuple[Mesh, NDArray[np.int32]]:
        """The mesh in its source frame and (H, F) true labels."""
        if self.asset is None or self.entry is None:
            sample = build_sample(self.name)
            return sample.mesh, sample.face_labels[None]
        data, ext = self.asset.read_bytes(), self.asset.suffix[1:]
        mesh = load_mesh(data, ext).mesh
        truth = read_truth(self.entry)
        return mesh, labels_in_object_order(truth, mesh, read_source=lambda: (data, ext))

    @property
    def kind(self) -> str:
        """The kind of truth."""
        return self.entry.kind if self.entry else "sample"


def cases(folders: list[Path]) -> Iterator[Case]:
    """Every labelled asset of the folders, or every sample where there is no folder."""
    if not folders:
        yield from (Case(name=name) for name in SAMPLES)
    for folder in folders:
        for entry in list_truth(folder / "labels"):
            found = [folder / f"{entry.name}.{ext}" for ext in FORMATS]
            asset = next(path for path in found if path.is_file())
            yield Case(name=entry.stem, asset=asset, entry=entry)


def measure(case: Case, config: SegmentConfig, *, oracle: bool) -> tuple[ObjectScores, float, int]:
    """The scores of one object, the seconds that segmenting took, and its faces."""
    loaded, truth = case.load()
    merged, order = without_nodes(loaded)
    mesh, _ = normalise(merged, z_up=False)
    truth = truth[:, order]
    proposer = make_proposer(config)
    if oracle:  # knows one of the truths, and is measured against that alone
        truth = truth[:1]
        proposer = OracleProposer(truth[0], OracleConfig())
    start = time.perf_counter()
    generator = np.random.default_rng(SEED)
    segments = segment_mesh(mesh, config=config, generator=generator, proposer=proposer)
    seconds = time.perf_counter() - start
    surface = surface_graph(mesh.vertices, mesh.faces)
    scores = evaluate(segments, truth, surface=surface)
    row = ObjectScores(uid=case.name, name=case.name, kind=case.kind, scores=scores)
    return row, seconds, mesh.face_count


def summary(rows: list[ObjectScores]) -> Iterator[str]:
    """Lines for each kind: the numbers that the stage is judged by."""
    for kind in sorted({row.kind for row in rows}):
        found = [row.scores for row in rows if row.kind == kind]
        trees = [scores.tree for scores in found if scores.tree]
        slider = np.asarray([tree.effort.value for tree in trees])
        default = np.asarray([scores.segments.effort for scores in found])
        counts = np.asarray([scores.segments.segments for scores in found])
        leaves = [scores.leaves for scores in found if scores.leaves]
        yield (
            f"{kind}, {len(found)} objects: ASA {np.mean([leaf.accuracy for leaf in leaves]):.3f} "
            f"with {np.mean([leaf.segments for leaf in leaves]):.0f} leaves, "
            f"{np.mean([tree.accuracy_40 for tree in trees]):.3f} merged to 40, "
            f"{np.mean([scores.segments.accuracy for scores in found]):.3f} with the "
            f"{np.median(counts):.0f} of the default output, "
            f"{np.mean([tree.effort_accuracy for tree in trees]):.3f} at the slider's best; "
            f"best IoU {np.mean([tree.best_iou_faces.value for tree in trees]):.3f}"
        )
        for name in ("components", "one_piece"):
            trivial = np.asarray([getattr(scores, name).effort for scores in found])
            for what, effort in (("default", default), ("slider", slider)):
                ratio = effort[trivial > 0] / trivial[trivial > 0]
                yield (
                    f"  effort {effort.sum():.1f} at the {what}, {name} {trivial.sum():.1f}: "
                    f"{effort.sum() / max(trivial.sum(), 1e-9):.2f} of the sum, "
                    f"{ratio.mean() if len(ratio) else 0:.2f} by object on average, "
                    f"{np.median(ratio) if len(ratio) else 0:.2f} in the median"
                )


def main() -> None:
    """Measure all cases and print tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.segmentation")
    parser.add_argument("--assets", type=Path, nargs="+", default=[], help="folders with labels/")
    parser.add_argument("--settings", type=json.loads, default={}, help="of the stage, as JSON")
    parser.add_argument(
        "--oracle", action="store_true", help="masks of the true parts, spoilt; not a method"
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path, help="a file for all numbers")
    arguments = parser.parse_args()
    settings: dict[str, Any] = arguments.settings
    work = partial(measure, config=SegmentConfig(**settings), oracle=arguments.oracle)
    with ProcessPoolExecutor(arguments.workers) as pool:
        found = list(pool.map(work, cases(arguments.assets)))
    rows = sorted((row for row, _, _ in found), key=lambda row: (row.kind, row.name))
    for table in score_tables(rows):
        print_table(table.columns, table.rows, title=table.title)
    for line in summary(rows):
        print(line)
    seconds, faces = sum(entry[1] for entry in found), sum(entry[2] for entry in found)
    print(f"segmenting took {seconds:.1f} s for {faces} faces")
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))


if __name__ == "__main__":
    main()
