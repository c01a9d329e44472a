"""What was found of one object, and of all of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from train.metrics.evaluation import EvaluationConfig
from train.metrics.table import MetricTable

TableName = Literal["object_frame", "own_frame", "field"]

TITLES: Mapping[TableName, str] = {
    "object_frame": "Parts and wholes against true meshes, in the object's frame",
    "own_frame": "Parts against true meshes, each in its own frame, where it fills [-1, 1]³",
    "field": (
        "No mesh.npz: instead, IoU of inside and outside at the volume points of field.npz "
        "(whole: in parts put together)"
    ),
}


@dataclass(slots=True, kw_only=True)
class Findings:
    """What was found of one object; plain enough to be sent from one process to another.

    Attributes:
        key: of the object.
        parts: how many were reconstructed.
        no_surface: those of them that have no surface.
        no_truth: those that there is nothing to compare with.
        rows: table -> (part, None for the whole; metrics).
    """

    key: str
    parts: int = 0
    no_surface: list[str] = field(default_factory=list)
    no_truth: list[str] = field(default_factory=list)
    rows: dict[TableName, list[tuple[str | None, dict[str, float]]]] = field(default_factory=dict)

    def add(self, table: TableName, part: str | None, metrics: Mapping[str, float]) -> None:
        """Note a row of a table."""
        self.rows.setdefault(table, []).append((part, dict(metrics)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found of all objects, in the order of the split.

    Attributes:
        split: which.
        conditions: how shapes were reconstructed and compared.
    """

    split: str
    findings: Sequence[Findings]
    evaluation: EvaluationConfig
    conditions: Mapping[str, Any]

    def tables(self) -> dict[TableName, MetricTable]:
        """The tables that have rows."""
        found: dict[TableName, MetricTable] = {}
        for name in TITLES:
            stated: dict[str, float] = {}
            if name != "field":
                stated = self.evaluation.conditions
            table = MetricTable(conditions=stated)
            for each in self.findings:
                for part, metrics in each.rows.get(name, ()):
                    table.add(each.key, metrics, part=part)
            if table.rows:
                found[name] = table
        return found

    def counts(self) -> dict[str, int]:
        """Objects, parts, and parts without what should be there."""
        return {
            "objects": len(self.findings),
            "parts": sum(each.parts for each in self.findings),
            "no_surface": sum(len(each.no_surface) for each in self.findings),
            "no_truth": sum(len(each.no_truth) for each in self.findings),
        }

    def text(self) -> str:
        """What is printed."""
        counts = self.counts()
        lines = [
            f"split {self.split}: {counts['parts']} parts of {counts['objects']} objects, "
            f"{counts['no_surface']} of them reconstructed without any surface, "
            f"{counts['no_truth']} with nothing to compare with"
        ]
        for name, table in self.tables().items():
            lines += ["", TITLES[name], table.text().strip("\n")]
        return "\n".join(lines) + "\n"

    def to_json(self) -> str:
        """The same and every row; equal findings give equal text."""
        tree: dict[str, Any] = {
            "split": self.split,
            "counts": self.counts(),
            "conditions": dict(self.conditions),
            "no_surface": {each.key: each.no_surface for each in self.findings if each.no_surface},
            "no_truth": {each.key: each.no_truth for each in self.findings if each.no_truth},
            **{name: json.loads(table.to_json()) for name, table in self.tables().items()},
        }
        return json.dumps(tree, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
