"""How far blind opinions agree: by pair of reviewers, and on verdicts over all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from annotate.database.figures.reviewers import mean, share
from annotate.database.submitting import VERDICTS
from annotate.database.tables import Account, Agreement, Review, Slot, Task
from annotate.review.agreement import verdict_kappa

ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairAgreement:
    """Two reviewers; the row of `all` and `all` is over all pairs.

    Attributes:
        compared: objects that both reviewed blindly, both opinions still standing.
        same_verdict: share with the same verdict. `verdict_kappa`: Cohen's kappa over verdicts.
        kappa, iou: means of per-face Cohen's kappa and of mean matched IoU, where both accepted.
        adjudicated: objects of theirs that went to a lead.
    """

    first: str
    second: str
    compared: int
    same_verdict: float | None
    verdict_kappa: float | None
    kappa: float | None
    iou: float | None
    adjudicated: int


@dataclass(frozen=True, slots=True)
class _Pair:
    names: tuple[str, str]
    verdicts: tuple[str, str]
    kappa: float | None
    iou: float | None
    adjudicated: bool


def agreement(session: Session, *, now: float) -> list[PairAgreement]:
    """A row over all pairs, then one for each, by names."""
    del now
    pairs = _pairs(session)
    by_names: dict[tuple[str, str], list[_Pair]] = defaultdict(list)
    for pair in pairs:
        by_names[pair.names].append(pair)
    return [
        _row((ALL, ALL), pairs),
        *(_row(names, by_names[names]) for names in sorted(by_names)),
    ]


def _pairs(session: Session) -> list[_Pair]:
    first, second = aliased(Review), aliased(Review)
    one, two = aliased(Account), aliased(Account)
    standing = select(Slot.review_id).where(Slot.review_id.is_not(None))
    expert = (
        select(Slot.id)
        .where(Slot.task_id == Task.id, Slot.round == second.round, Slot.kind == "expert")
        .exists()
    )
    rows = session.execute(
        select(Agreement, first.verdict, second.verdict, one.name, two.name, expert)
        .join(first, first.id == Agreement.first_id)
        .join(second, second.id == Agreement.second_id)
        .join(one, one.id == first.account_id)
        .join(two, two.id == second.account_id)
        .join(Task, Task.id == Agreement.task_id)
        .where(Agreement.first_id.in_(standing), Agreement.second_id.in_(standing))
        .order_by(Agreement.id)
    ).all()
    return [_pair(row, (v, w), (a, b), bool(asked)) for row, v, w, a, b, asked in rows]


def _pair(
    row: Agreement, verdicts: tuple[str, str], names: tuple[str, str], adjudicated: bool
) -> _Pair:
    if names[0] > names[1]:
        names, verdicts = names[::-1], verdicts[::-1]
    return _Pair(names, verdicts, row.kappa, row.iou, adjudicated)


def _row(names: tuple[str, str], pairs: list[_Pair]) -> PairAgreement:
    return PairAgreement(
        first=names[0],
        second=names[1],
        compared=len(pairs),
        same_verdict=share(sum(p.verdicts[0] == p.verdicts[1] for p in pairs), len(pairs)),
        verdict_kappa=_verdict_kappa([pair.verdicts for pair in pairs]),
        kappa=mean([pair.kappa for pair in pairs if pair.kappa is not None]),
        iou=mean([pair.iou for pair in pairs if pair.iou is not None]),
        adjudicated=sum(pair.adjudicated for pair in pairs),
    )


def _verdict_kappa(pairs: list[tuple[str, str]]) -> float | None:
    if not pairs:
        return None
    table = np.zeros((len(VERDICTS), len(VERDICTS)))
    for first, second in pairs:
        table[VERDICTS.index(first), VERDICTS.index(second)] += 1
    return verdict_kappa(table)
