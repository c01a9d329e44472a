"""A model of suggestions out of the reviews that a root's database has accepted."""

from __future__ import annotations

from dataclasses import dataclass, field

from annotate.database.connection import Database
from annotate.database.decisions import Decision
from annotate.exchange.decided import digest_of
from annotate.exchange.export import standing_decisions
from annotate.exchange.facts import read_facts
from annotate.exchange.suggestion_model import write_model
from annotate.review.base import Base
from annotate.review.digest import state_hash
from annotate.review.errors import OperationError
from annotate.review.fold import fold
from annotate.review.suggest.acceptance import Acceptance, acceptance, total
from annotate.review.suggest.model import SuggestionModel
from annotate.review.suggest.training import (
    Comparison,
    Examples,
    compare,
    examples_of,
    train,
)
from annotate.review.wire import operation_from_json
from partworks import layout
from partworks.artifacts.segments import Segments
from partworks.errors import Failed, Rejected, UsageError
from partworks.store import Store

LEAST_REVIEWS = 20
"""Pairs of one object are alike, so that objects count: as many as the model has coefficients."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrained:
    """What was learnt, and from what.

    Attributes:
        reviews: accepted ones that had pairs of groups to learn from. `without_pairs`: accepted
            ones of objects that were one group all the way.
        outdated: uids decided on an over-segmentation that is no longer there.
        unfit: uid -> why its review cannot be replayed.
        comparison: of learning with the shipped model, on reviews held out.
        written: whether the model is what the next start of the server reads.
        taken_up: what became of suggestions in all accepted reviews that can be replayed.
    """

    model: SuggestionModel
    comparison: Comparison
    written: bool
    reviews: int
    without_pairs: int
    outdated: tuple[str, ...] = ()
    unfit: dict[str, str] = field(default_factory=dict)
    taken_up: Acceptance


def retrain(
    store: Store, database: Database, *, most: int | None = None, anyway: bool = False
) -> Retrained:
    """Learn from accepted reviews and write what the next start of the server reads.

    What was learnt is written only where learning beats the shipped model on reviews held out.

    The same reviews give the same bytes. Of several decisions on one object the latest counts.

    Args:
        most: only so many reviews, the latest.
        anyway: write it even if it is worse.

    Raises:
        UsageError: there are too few reviews, or in all of them the same became of every pair.
    """
    standing, outdated = standing_decisions(store, database)
    accepted = [decision for decision in standing.values() if decision.verdict == "accept"]
    # Parted by uid, so that neither the order of the table nor of equal times matters.
    accepted.sort(key=lambda decision: (-decision.decided_at, decision.uid))
    learnt: dict[str, Examples] = {}
    counts: list[Acceptance] = []
    unfit: dict[str, str] = {}
    for decision in sorted(accepted[:most], key=lambda decision: decision.uid):
        try:
            learnt[decision.uid], count = _lesson(store, decision)
        except (Failed, Rejected, ValueError, FileNotFoundError, OperationError) as error:
            unfit[decision.uid] = str(error)
        else:
            counts.append(count)
    taught = [examples for examples in learnt.values() if len(examples.joined)]
    _require(len(taught), found=len(accepted), outdated=len(outdated), unfit=unfit)
    model, comparison = train(taught), compare(taught)
    written = anyway or comparison.is_better
    if written:
        write_model(store, model)
    return Retrained(
        model=model,
        comparison=comparison,
        written=written,
        reviews=len(taught),
        without_pairs=len(learnt) - len(taught),
        outdated=outdated,
        unfit=unfit,
        taken_up=total(counts),
    )


def _lesson(store: Store, decision: Decision) -> tuple[Examples, Acceptance]:
    """What one review teaches, and what became of suggestions in it.

    Raises:
        Failed, Rejected, ValueError, FileNotFoundError, OperationError: it cannot be replayed.
    """
    data = store.read(layout.segments(decision.uid))
    if digest_of(data) != decision.revision:
        raise Failed(
            "segments_mismatch",
            "its segments file is not the one of the ledger; `partworks verify` says more",
        )
    base = Base.of(Segments.from_bytes(data))
    operations = [operation_from_json(body) for body in decision.operations]
    if state_hash(fold(base, operations)) != decision.state_hash:
        raise Failed("decision_mismatch", "its operations do not make what the reviewer saw")
    facts = read_facts(store, base, uid=decision.uid, geometry_hash=decision.geometry_hash)
    return examples_of(facts, operations), acceptance(base, operations)


def _require(taught: int, *, found: int, outdated: int, unfit: dict[str, str]) -> None:
    if taught >= LEAST_REVIEWS:
        return
    reasons = [
        f"{outdated} decided objects have been segmented anew" if outdated else "",
        *(f"{uid} cannot be replayed: {why}" for uid, why in list(unfit.items())[:3]),
    ]
    told = "".join(f"; {reason}" for reason in reasons if reason)
    raise UsageError(
        f"{taught} accepted reviews to learn from (of {found} accepted{told}); at least "
        f"{LEAST_REVIEWS} are needed: review more objects first. Nothing was written"
    )
