"""How fast and how well each reviewer works."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import Session

from annotate.database.tables import Account, Agreement, Review, Skip, Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerFigures:
    """One account's submissions that stand, gold ones among them.

    Attributes:
        median_active_s, mean_active_s: time at work on an object, as the page measured it.
        median_wall_s: time from first sight to submission, pauses and loading included.
        per_active_hour: objects by the hour of active time.
        median_edits: operations an object.
        as_is: share of accepted objects without an operation.
        suggested: share of operations that were made by taking a suggestion.
        gold_score, gold: mean score on tasks with known answer, and how many.
        kappa, iou, same_verdict, compared: agreement with others in blind pairs, and how many.
        skipped: tasks passed on.
        hasty: share of submissions as is within two seconds of active time.
    """

    reviewer: str
    role: str
    objects: int
    accepted: int
    rejected: int
    median_active_s: float | None
    mean_active_s: float | None
    median_wall_s: float | None
    per_active_hour: float | None
    median_edits: float | None
    as_is: float | None
    suggested: float | None
    gold_score: float | None
    gold: int
    kappa: float | None
    iou: float | None
    same_verdict: float | None
    compared: int
    skipped: int
    hasty: float | None


HASTY_MS = 2000


def reviewers(session: Session, *, now: float) -> list[ReviewerFigures]:
    """A row for each account that submitted or skipped something, by name."""
    del now
    by_account: dict[int, list[Review]] = defaultdict(list)
    for review in session.scalars(select(Review).join(Slot, Slot.review_id == Review.id)):
        by_account[review.account_id].append(review)
    skipped = select(Skip.account_id, func.count()).where(Skip.kind == "skip")
    skips = dict(session.execute(skipped.group_by(Skip.account_id)).all())
    pairs = _pairs(session)
    accounts = session.scalars(select(Account).order_by(Account.name)).all()
    return [
        _figures(account, by_account[account.id], pairs[account.id], skips.get(account.id, 0))
        for account in accounts
        if account.id in by_account or account.id in skips
    ]


def _pairs(session: Session) -> dict[int, list[Agreement]]:
    """Agreements by account, of opinions that both still stand."""
    standing = select(Slot.review_id).where(Slot.review_id.is_not(None))
    found: dict[int, list[Agreement]] = defaultdict(list)
    rows: Sequence[Row[Agreement, int]] = session.execute(
        select(Agreement, Review.account_id)
        .join(Review, or_(Review.id == Agreement.first_id, Review.id == Agreement.second_id))
        .where(Agreement.first_id.in_(standing), Agreement.second_id.in_(standing))
    ).all()
    for agreement, account in rows:
        found[account].append(agreement)
    return found


def _figures(
    account: Account, reviews: list[Review], pairs: list[Agreement], skipped: int
) -> ReviewerFigures:
    active = [review.active_ms / 1000 for review in reviews]
    accepted = [review for review in reviews if review.verdict == "accept"]
    untouched = [review for review in accepted if not review.edits]
    edits = sum(review.edits for review in reviews)
    gold = [review.gold_score for review in reviews if review.gold_score is not None]
    return ReviewerFigures(
        reviewer=account.name,
        role=account.role,
        objects=len(reviews),
        accepted=len(accepted),
        rejected=sum(review.verdict == "reject" for review in reviews),
        median_active_s=median(active) if active else None,
        mean_active_s=fmean(active) if active else None,
        median_wall_s=median(review.wall_ms / 1000 for review in reviews) if reviews else None,
        per_active_hour=share(3600.0 * len(reviews), sum(active)),
        median_edits=median(float(review.edits) for review in reviews) if reviews else None,
        as_is=share(len(untouched), len(accepted)),
        suggested=share(sum(review.suggested for review in reviews), edits),
        gold_score=mean(gold),
        gold=len(gold),
        kappa=mean([pair.kappa for pair in pairs if pair.kappa is not None]),
        iou=mean([pair.iou for pair in pairs if pair.iou is not None]),
        same_verdict=share(sum(pair.same_verdict for pair in pairs), len(pairs)),
        compared=len(pairs),
        skipped=skipped,
        hasty=share(sum(r.active_ms < HASTY_MS for r in untouched), len(reviews)),
    )


def mean(values: Sequence[float]) -> float | None:
    """The mean, or none of nothing."""
    return fmean(values) if values else None


def share(part: float, whole: float) -> float | None:
    """A ratio, or none of nothing."""
    return part / whole if whole else None
