"""The tables of an evaluation, and those of several checkpoints beside one another."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from partworks.errors import UsageError
from train.evaluation.objects import ObjectEvaluation
from train.metrics.evaluation import EvaluationConfig
from train.metrics.table import MetricTable
from train.validation.findings import TITLES as COMPARED
from train.validation.findings import Report

TITLES: Mapping[str, str] = MappingProxyType(
    {
        **{str(name): title for name, title in COMPARED.items()},
        "global_branch": "The whole as its own branch made it, against the true parts together",
        "boxes": "IoU of the box around what was made and the box that was told",
        "overlap": "Share of an object's volume that several of its parts fill",
        "overlap_true": "The same of the true parts",
        "scores": "How well shapes and pictures fit their texts",
    }
)
"""Tables by name, in their order."""

_GROUPS = MappingProxyType(
    {"parts": "part", "parts_by_object": "part, by object", "whole": "whole"}
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EvaluationReport:
    """What was found of all objects.

    Attributes:
        label: of the checkpoint.
        split: that the objects are of.
        found: in the order of the split.
        evaluation: what was measured, and how finely.
        conditions: how objects were made.
    """

    label: str
    split: str
    found: Sequence[ObjectEvaluation]
    evaluation: EvaluationConfig
    conditions: Mapping[str, Any]

    def tree(self) -> dict[str, Any]:
        """Plain values: settings, counts, and each table with means and rows."""
        compared = Report(
            split=self.split,
            findings=[each.comparison.findings for each in self.found],
            evaluation=self.evaluation,
            conditions=self.conditions,
        )
        tables: dict[str, MetricTable] = {
            str(name): table for name, table in compared.tables().items()
        }
        for name in TITLES:
            table = MetricTable(conditions={})
            for each in self.found:
                for part, metrics in each.rows.get(name, ()):
                    table.add(each.comparison.findings.key, metrics, part=part)
            if table.rows:
                tables[name] = table
        return {
            "label": self.label,
            "split": self.split,
            "counts": compared.counts(),
            "conditions": {**self.evaluation.conditions, **self.conditions},
            "tables": {
                name: json.loads(tables[name].to_json()) for name in TITLES if name in tables
            },
        }

    def to_json(self) -> str:
        """The tree; equal findings give equal text."""
        return json.dumps(self.tree(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_report(path: Path) -> dict[str, Any]:
    """The tree of an `evaluation.json`.

    Raises:
        UsageError: it is none.
    """
    try:
        tree = json.loads(path.read_bytes())
        assert isinstance(tree, dict)
        assert {"label", "split", "counts", "conditions", "tables"} <= set(tree)
    except (OSError, ValueError, AssertionError) as error:
        raise UsageError(
            f"{path} is no evaluation; give an evaluation.json that `evaluate` wrote"
        ) from error
    return tree


def columns(trees: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, list[str]]]:
    """(table, row, a cell for each evaluation), where any has a value; "-" where one has none."""
    rows = []
    for name in TITLES:
        means = [tree["tables"].get(name, {}).get("means", {}) for tree in trees]
        for group, title in _GROUPS.items():
            metrics = dict.fromkeys(key for each in means for key in each.get(group, {}))
            for metric in metrics:
                cells = [_cell(each.get(group, {}).get(metric)) for each in means]
                if any(cell != "-" for cell in cells):
                    rows.append((name, f"{metric} ({title})", cells))
    return rows


def stated(tree: Mapping[str, Any]) -> str:
    """What the numbers of an evaluation hang on."""
    counts = ", ".join(f"{key} {value}" for key, value in tree["counts"].items())
    conditions = ", ".join(f"{key} {value}" for key, value in tree["conditions"].items())
    return f"{tree['label']}: split {tree['split']}, {counts}; {conditions}"


def markdown(trees: Sequence[Mapping[str, Any]]) -> str:
    """A column for each evaluation; each table under its title."""
    labels = [str(tree["label"]) for tree in trees]
    lines = [*(f"- {stated(tree)}" for tree in trees)]
    now = None
    for table, row, cells in columns(trees):
        if table != now:
            lines += ["", f"**{TITLES[table]}**", "", f"| | {' | '.join(labels)} |"]
            lines.append(f"|---|{'---:|' * len(labels)}")
            now = table
        lines.append(f"| {row} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(mean: Mapping[str, Any] | None) -> str:
    if mean is None or mean["mean"] is None:
        return "-"
    left_out = f" ({mean['left_out']} left out)" if mean["left_out"] else ""
    return f"{mean['mean']:.4f}{left_out}"
