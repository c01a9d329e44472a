"""All tables of figures, as records and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from annotate.database.figures.agreement import PairAgreement, agreement
from annotate.database.figures.objects import ObjectTime, slowest
from annotate.database.figures.progress import QueueProgress, progress
from annotate.database.figures.reasons import ReasonCount, reasons
from annotate.database.figures.reviewers import ReviewerFigures, reviewers
from annotate.database.figures.suggestions import SuggestionDay, suggestions


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything a lead's page shows."""

    progress: list[QueueProgress]
    reviewers: list[ReviewerFigures]
    agreement: list[PairAgreement]
    reasons: list[ReasonCount]
    slowest: list[ObjectTime]
    suggestions: list[SuggestionDay]


_MAKERS: Mapping[str, Callable[..., list[Any]]] = MappingProxyType(
    {
        "progress": progress,
        "reviewers": reviewers,
        "agreement": agreement,
        "reasons": reasons,
        "slowest": slowest,
        "suggestions": suggestions,
    }
)
_ROWS: Mapping[str, type[Any]] = MappingProxyType(
    {
        "progress": QueueProgress,
        "reviewers": ReviewerFigures,
        "agreement": PairAgreement,
        "reasons": ReasonCount,
        "slowest": ObjectTime,
        "suggestions": SuggestionDay,
    }
)
TABLES = tuple(_MAKERS)


def figures(session: Session, *, now: float) -> Figures:
    """All tables."""
    return Figures(**{name: make(session, now=now) for name, make in _MAKERS.items()})


def table(session: Session, name: str, *, now: float) -> list[Any]:
    """The rows of one of `TABLES`."""
    return _MAKERS[name](session, now=now)


def to_csv(name: str, rows: Sequence[Any]) -> str:
    """One table as CSV with a header; what a spreadsheet would run as a formula is quoted."""
    columns = [field.name for field in fields(_ROWS[name])]
    sink = io.StringIO()
    writer = csv.DictWriter(sink, columns, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: _tame(value) for key, value in asdict(row).items()})
    return sink.getvalue()


def _tame(value: Any) -> Any:
    """Names come from users and assets; a leading = + - @ makes a spreadsheet calculate."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
