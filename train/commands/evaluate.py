"""`python -m train evaluate --generator CLASS --data ROOT --output out`: made beside true objects.

Each object of a split is made from its boxes and captions, and compared with the true one part by
part, as a whole, with its boxes and with its texts. Evaluations of other checkpoints, given by
`--beside`, get columns of their own.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from jsonargparse import ArgumentParser, Namespace
from jsonargparse.typing import PositiveInt

from partworks.errors import UsageError
from shards.reader import ShardIndex
from train.commands.generating import add_arguments, instantiated, progress_bar
from train.evaluation.objects import ObjectEvaluation, evaluate_object
from train.evaluation.page import page
from train.evaluation.report import EvaluationReport, markdown, read_report
from train.evaluation.scorers import ClipScorer, PointScorer
from train.evaluation.scores import Scores
from train.metrics.evaluation import EvaluationConfig, Evaluator
from train.quiet import silence
from train.rendering.choice import choose_renderer
from train.sampling.assembly import assemble
from train.sampling.generation import Task, generate
from train.sampling.reading import layout_of_object
from train.validation.report import read_truth

OBJECTS = "objects"


def main(arguments: Sequence[str]) -> int:
    """Evaluate a generator; the exit code is 1 where a part has no surface."""
    silence()
    parser = ArgumentParser(prog="python -m train evaluate", description=__doc__)
    add_arguments(parser)
    add = parser.add_argument
    add("--split", type=str, default="test", help="of the training set")
    add("--objects", type=PositiveInt | None, default=None, help="the first so many of it alone")
    add("--label", type=str, default="generator", help="of the columns, such as a checkpoint's")
    add("--beside", type=list[str], default=[], help="evaluation.json of other checkpoints")
    add("--evaluation", type=EvaluationConfig, default=EvaluationConfig())
    add("--clip", type=str | None, default=None, help="folder or hub name of a CLIP model")
    add("--point_scorer", type=PointScorer | None, default=None, help="as ULIP, by class_path")
    given = instantiated(parser, arguments)
    if given.data is None:
        raise UsageError("--data is missing: the training set whose objects are to be made")
    others = [read_report(Path(path)) for path in given.beside]
    report = EvaluationReport(
        label=given.label,
        split=given.split,
        found=_evaluated(given),
        evaluation=given.evaluation,
        conditions={"captions": given.captions, **asdict(given.sampling)},
    )
    trees = [report.tree(), *others]
    folder = Path(given.output)
    keys = [each.comparison.findings.key for each in report.found]
    paths = {key: f"{OBJECTS}/{key}.png" for key in keys}
    pictures = {key: path for key, path in paths.items() if (folder / path).exists()}
    (folder / "evaluation.json").write_text(report.to_json(), encoding="utf-8")
    (folder / "evaluation.md").write_text(markdown(trees), encoding="utf-8")
    (folder / "evaluation.html").write_text(page(trees, pictures=pictures), encoding="utf-8")
    sys.stdout.write(f"{markdown(trees)}\nfiles: {folder}\n")
    return 1 if trees[0]["counts"]["no_surface"] else 0


def _evaluated(given: Namespace) -> list[ObjectEvaluation]:
    """Make, compare and write every object."""
    index = ShardIndex(given.data)
    if given.split not in index.splits():
        raise UsageError(
            f"the training set at {index.url} has no split {given.split!r}; choose one of "
            f"{', '.join(index.splits())} with --split"
        )
    keys = index.keys(given.split)[: given.objects]
    layouts = [layout_of_object(index, key, captions=given.captions) for key in keys]
    renderer = choose_renderer("auto", torch.device("cpu"))
    evaluator = Evaluator(config=given.evaluation, renderer=renderer)
    scores = Scores(
        pictures=None if given.clip is None else ClipScorer(given.clip),
        points=given.point_scorer,
        renderer=renderer,
        seed=given.evaluation.seed,
    )
    with progress_bar() as on_step:
        latents = generate(
            given.generator,
            [Task(layout=layout) for layout in layouts],
            config=given.sampling,
            progress=on_step,
        )
    folder = Path(given.output) / OBJECTS
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for key, layout, own in zip(keys, layouts, latents, strict=True):
        made = assemble(
            given.generator, layout, latents=own, renderer=renderer, refinement=given.refinement
        )
        each = evaluate_object(read_truth(index, key), made, evaluator=evaluator, scores=scores)
        (folder / f"{key}.glb").write_bytes(each.comparison.glb())
        if each.comparison.rows:
            (folder / f"{key}.png").write_bytes(each.comparison.picture())
        found.append(each)
    return found
