"""Whether suggestions are taken, by day: to see if a retrained model helps."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.database.figures.reviewers import share
from annotate.database.tables import Draft, OperationRow, Review, Slot

SUGGESTION = "suggestion"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionDay:
    """Submissions of one day (UTC).

    Attributes:
        merges: merge operations, whatever made them. `taken`: those that took a suggestion.
        kept: of these, how many were not the very next thing that was undone.
        accepted: kept by taken.
    """

    day: str
    objects: int
    merges: int
    taken: int
    kept: int
    share_of_merges: float | None
    accepted: float | None


def suggestions(session: Session, *, now: float) -> list[SuggestionDay]:
    """A row for each day with submissions, oldest first."""
    del now
    objects: dict[str, set[int]] = defaultdict(set)
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    rows = session.execute(
        select(Review.id, Review.at, OperationRow.body)
        .join(Slot, Slot.review_id == Review.id)
        .join(Draft, Draft.id == Review.draft_id)
        .join(OperationRow, OperationRow.draft_id == Draft.id, isouter=True)
        .where(OperationRow.number.is_(None) | (OperationRow.number < Review.version))
        .order_by(Review.id, OperationRow.number)
    )
    last_taken = None
    for review, at, body in rows:
        day = datetime.fromtimestamp(at, UTC).date().isoformat()
        objects[day].add(review)
        kind = body["kind"] if body else ""
        taken = kind == "merge" and body["tool"] == SUGGESTION
        sums[day][0] += kind == "merge"
        sums[day][1] += taken
        sums[day][2] += taken - (kind == "undo" and last_taken == review)
        last_taken = review if taken else None
    return [_row(day, len(objects[day]), *sums[day]) for day in sorted(objects)]


def _row(day: str, objects: int, merges: int, taken: int, kept: int) -> SuggestionDay:
    return SuggestionDay(
        day=day,
        objects=objects,
        merges=merges,
        taken=taken,
        kept=kept,
        share_of_merges=share(taken, merges),
        accepted=share(kept, taken),
    )
