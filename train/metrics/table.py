"""Metrics of many parts and objects: their means, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite

DIGITS = 9
"""Significant digits that are kept; the last ones of sums differ between processors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """The mean of a metric's finite values, None where there is none, and how many there were."""

    value: float | None
    count: int
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The metrics of one part, or of a whole object, whose `part` is None."""

    uid: str
    part: str | None
    metrics: Mapping[str, float]


@dataclass(slots=True, kw_only=True)
class MetricTable:
    """Collects metrics.

    Attributes:
        conditions: what the numbers hang on, such as the count of points; stated beside them.
        rows: in the order they were added.
    """

    conditions: Mapping[str, float]
    rows: list[Row] = field(default_factory=list)

    def add(self, uid: str, metrics: Mapping[str, float], *, part: str | None = None) -> None:
        """Note the metrics of a part, or, without one, of a whole object.

        Raises:
            ValueError: they are not the metrics that other rows have, or the row is there already.
        """
        if self.rows and set(metrics) != set(self.rows[0].metrics):
            raise ValueError(
                f"expected the metrics {', '.join(self.rows[0].metrics)}, "
                f"found {', '.join(metrics)}"
            )
        if any(row.uid == uid and row.part == part for row in self.rows):
            raise ValueError(f"{uid} {part or '(whole)'} is in the table already")
        self.rows.append(Row(uid=uid, part=part, metrics=dict(metrics)))

    @property
    def names(self) -> list[str]:
        """The metrics, in the order of the first row."""
        return list(self.rows[0].metrics) if self.rows else []

    def means(self) -> dict[str, dict[str, Mean]]:
        """Three means of each metric.

        `parts` counts every part once; `parts_by_object` takes the mean of each object's parts and
        counts every object once; `whole` is over whole objects. Infinite distances, where one mesh
        is empty, are left out and counted; each such part has an F-score and an IoU of 0.
        """
        groups: dict[str, dict[str, Mean]] = {"parts": {}, "parts_by_object": {}, "whole": {}}
        uids = list(dict.fromkeys(row.uid for row in self.rows))
        for name in self.names:
            groups["parts"][name] = _mean(
                row.metrics[name] for row in self.rows if row.part is not None
            )
            objects = [
                _mean(
                    row.metrics[name]
                    for row in self.rows
                    if row.uid == uid and row.part is not None
                )
                for uid in uids
            ]
            groups["parts_by_object"][name] = _mean(
                float("inf") if each.value is None else each.value
                for each in objects
                if each.count + each.left_out
            )
            groups["whole"][name] = _mean(
                row.metrics[name] for row in self.rows if row.part is None
            )
        return groups

    def text(self) -> str:
        """The means as lines of a table, with the conditions above them."""
        stated = ", ".join(f"{name} {value:g}" for name, value in self.conditions.items())
        groups = self.means()
        width = max(map(len, self.names), default=0)
        lines = [stated, " " * width + "".join(f"{group:>22}" for group in groups)]
        for name in self.names:
            cells = "".join(f"{_cell(group[name]):>22}" for group in groups.values())
            lines.append(f"{name:<{width}}{cells}")
        counts = (
            sum(row.part is not None for row in self.rows),
            len({row.uid for row in self.rows if row.part is not None}),
            sum(row.part is None for row in self.rows),
        )
        lines.append(f"{'count':<{width}}" + "".join(f"{count:>22}" for count in counts))
        return "\n".join(lines)

    def to_json(self) -> str:
        """Conditions, means and rows; what is infinite is null. Equal tables give equal text."""
        means = {
            group: {
                name: {
                    "mean": None if mean.value is None else _number(mean.value),
                    "count": mean.count,
                    "left_out": mean.left_out,
                }
                for name, mean in metrics.items()
            }
            for group, metrics in self.means().items()
        }
        rows = [
            {
                "uid": row.uid,
                "part": row.part,
                **{name: _number(value) for name, value in row.metrics.items()},
            }
            for row in self.rows
        ]
        table = {"conditions": dict(self.conditions), "means": means, "rows": rows}
        return json.dumps(table, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def _mean(values: Iterable[float]) -> Mean:
    listed = list(values)
    finite = [value for value in listed if isfinite(value)]
    return Mean(
        value=sum(finite) / len(finite) if finite else None,
        count=len(finite),
        left_out=len(listed) - len(finite),
    )


def _number(value: float) -> float | None:
    return float(f"{value:.{DIGITS}g}") if isfinite(value) else None


def _cell(mean: Mean) -> str:
    if mean.value is None:
        return "-"
    return f"{mean.value:.4f}" + (f" ({mean.left_out} infinite)" if mean.left_out else "")
