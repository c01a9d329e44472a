"""`partworks evaluate segmentation`: how well segments agree with true parts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from jsonargparse import ArgumentParser

from partworks.commands.shared import add_json, add_root, open_root, print_json, print_table
from partworks.errors import UsageError
from partworks.evaluation.boundaries import TOLERANCE
from partworks.evaluation.root import RootScores, evaluate_root
from partworks.evaluation.table import score_tables

TAKES_SETTINGS = False
SUBJECTS = ("segmentation",)


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of `evaluate`."""
    parser.usage = "partworks evaluate segmentation --root ROOT --truth DIR [options]"
    parser.add_argument("subject", choices=SUBJECTS, help="What to evaluate: segmentation.")
    add_root(parser)
    parser.add_argument(
        "--truth",
        type=str,
        required=True,
        help="Folder of <name>.npy or .npz with a true part for each face; <name> is the source "
        "file's without its ending, or the object's uid.",
    )
    parser.add_argument(
        "--tolerance",
        type=float,
        default=TOLERANCE,
        help="Boundaries this close count as one; a share of the diagonal.",
    )
    add_json(parser)


def execute(parser: ArgumentParser, arguments: Sequence[str]) -> int:
    """Print the scores of every object that there is truth for; 1 if some truth is unfit."""
    parsed = parser.parse_args(arguments)
    if not 0 < parsed.tolerance < 1:
        raise UsageError(f"--tolerance is {parsed.tolerance}; it must lie between 0 and 1")
    store, _ = open_root(parsed.root)
    found = evaluate_root(store, Path(parsed.truth).expanduser(), tolerance=parsed.tolerance)
    if parsed.json:
        print_json(_document(found))
    else:
        _print(found)
    return 1 if found.unfit else 0


def _document(found: RootScores) -> dict[str, object]:
    """The scores as JSON data, with the shares that are ratios of others."""
    document = asdict(found)
    for row, made in zip(document["objects"], found.objects, strict=True):
        row["scores"]["effort_share"] = made.scores.effort_share
    for kind, mean in found.means.items():
        document["means"][kind]["effort_share"] = mean.effort_share
    return document


def _print(found: RootScores) -> None:
    for table in score_tables(found.objects):
        print_table(table.columns, table.rows, title=table.title)
    lines = []
    if found.without_truth:
        lines.append(f"segmented objects without truth: {found.without_truth}")
    if found.without_object:
        lines.append(f"truth without a segmented object: {', '.join(found.without_object)}")
    lines += [f"{name}: {why}" for name, why in found.unfit.items()]
    sys.stdout.writelines(f"{line}\n" for line in lines)
