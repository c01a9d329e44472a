"""The verdicts on all objects of a root, given anew from the ledger when a threshold changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.config import IngestConfig
from ingest.judge.verdicts import Refusal, is_measured, judge, with_verdict
from ingest.licences import REASONS, check_licence
from partworks.errors import Rejected
from partworks.records import Attempt, SourceRecord
from partworks.settling import VOID


def licence_refusal(licence: str, config: IngestConfig, *, stated: bool) -> Refusal | None:
    """Why an asset of this licence may not come in, if it may not.

    Args:
        licence: as `ingest.licences.normalise_licence` gives it.
        config: with the list of those that may.
        stated: whether the asset's source states licences.
    """
    try:
        check_licence(licence, config.licences, unknown=config.unknown_licence, stated=stated)
    except Rejected as refused:
        return refused.reason, refused.message
    return None


def licence_words(record: SourceRecord, *, stated: bool) -> dict[str, float | int | str]:
    """What a row keeps of the licence, so that the list can change later."""
    return {"licence": record.licence, "licence_stated": int(stated)}


def settle(attempts: Sequence[Attempt], config: IngestConfig) -> Iterator[Attempt]:
    """Judge what was measured, and look at the licences of what was not even fetched.

    An object whose licence kept it from being fetched, and does no longer, is to be done again.
    """

    def licence(attempt: Attempt) -> Refusal | None:
        words = attempt.metrics
        return licence_refusal(
            str(words["licence"]), config, stated=bool(words.get("licence_stated", 0))
        )

    yield from judge(attempts, config.judge, licence=licence)
    for attempt in attempts:
        if not is_measured(attempt) and attempt.reason in REASONS:
            refused = licence(attempt)
            if refused is None:
                yield replace(attempt, fingerprint=VOID)
            else:
                yield with_verdict(attempt, refused)
