"""What is done, what is stale and what is to do, from fingerprints alone.

The fingerprint of a stage is the SHA-256 of its name, its version, the settings that matter to its
output, the seed, and the fingerprints of the stages that it needs. A row of the ledger whose
fingerprint matches is done; a file's mere presence never is. Where something enters from outside,
such as a reviewer's decision, an object's rows have fingerprints of their own; see
`partworks.outside`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from partworks.ledger import Ledger
from partworks.outside import NOTHING, Outside
from partworks.stages import STAGES


def settings_that_matter(config: Any) -> dict[str, Any]:
    """The fields of a config that change the bytes of the stage's output, as JSON data."""
    matter = {
        field.name: getattr(config, field.name)
        for field in dataclasses.fields(config)
        if field.metadata.get("affects_output", True)
    }
    loaded: dict[str, Any] = json.loads(json.dumps(matter, default=_plain, sort_keys=True))
    return loaded


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return settings_that_matter(value)
    raise TypeError(f"a setting of type {type(value).__name__} cannot be written as JSON")


def fingerprint(
    *, name: str, version: int, settings: Mapping[str, Any], seed: int, needs: Mapping[str, str]
) -> str:
    """SHA-256, in hex, of what determines a stage's output beside the input bytes."""
    facts = {
        "name": name,
        "version": version,
        "settings": settings,
        "seed": seed,
        "needs": dict(needs),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def fingerprints(configs: Mapping[str, Any], *, seed: int) -> dict[str, str]:
    """The fingerprint of every stage, in pipeline order, under `configs` (stage -> config)."""
    found: dict[str, str] = {}
    for name, entry in STAGES.items():
        stage = entry.stage_class()
        found[name] = fingerprint(
            name=name,
            version=stage.version,
            settings=settings_that_matter(configs[name]),
            seed=seed,
            needs={need: found[need] for need in stage.needs},
        )
    return found


@dataclass(frozen=True, slots=True)
class StageCounts:
    """Objects of one stage by state: the latest row's status if it is current, else stale.

    `pending` objects could be done now: everything the stage needs of them is there and current,
    and they have no row yet. `waiting` objects could but for something from outside, such as a
    reviewer's decision; those that have a row of an earlier decision are stale besides.
    """

    ok: int = 0
    failed: int = 0
    rejected: int = 0
    stale: int = 0
    pending: int = 0
    waiting: int = 0


def current_ok(
    ledger: Ledger, stage: str, fingerprint: str, *, outside: Outside = NOTHING
) -> pa.Array:
    """The uids whose latest row is ok under `fingerprint`, sorted."""
    table = ledger.latest(stage, ["uid", "status", "fingerprint"])
    fresh = pc.and_(pc.equal(table["status"], "ok"), outside.is_current(stage, table, fingerprint))
    return table.filter(fresh)["uid"].combine_chunks()


def eligible(
    ledger: Ledger, needs: Sequence[str], marks: Mapping[str, str], *, outside: Outside = NOTHING
) -> pa.Array:
    """The uids for which every stage of `needs` is ok and current under `marks`, sorted."""
    uids: pa.Array | None = None
    for need in needs:
        ready = current_ok(ledger, need, marks[need], outside=outside)
        uids = ready if uids is None else uids.filter(pc.is_in(uids, ready))
    return uids if uids is not None else pa.array([], pa.string())


def _refused(
    ledger: Ledger, needs: Sequence[str], marks: Mapping[str, str], *, outside: Outside
) -> pa.Array:
    """The uids that some stage of `needs` has failed at or refused under `marks`."""
    found = [pa.array([], pa.string())]
    for need in needs:
        table = ledger.latest(need, ["uid", "status", "fingerprint"])
        current = table.filter(outside.is_current(need, table, marks[need]))
        found.append(current.filter(pc.not_equal(current["status"], "ok"))["uid"].combine_chunks())
    return pa.concat_arrays(found)


def to_do(
    ledger: Ledger,
    stage: str,
    candidates: Iterable[str],
    *,
    fingerprint: str,
    max_attempts: int,
    outside: Outside = NOTHING,
    uncounted: Set[str] = frozenset(),
) -> list[str]:
    """Those of `candidates` that the stage must still do, sorted.

    Done is a current row that is ok or rejected, or that failed `max_attempts` times, failures for
    a reason of `uncounted` apart. What waits for something from outside is not to be done.
    """
    table = ledger.latest(stage, ["uid", "status", "fingerprint"])
    current = table.filter(outside.is_current(stage, table, fingerprint))
    settled = current.filter(pc.not_equal(current["status"], "failed"))["uid"].to_pylist()
    rows = ledger.rows(stage, ["uid", "status", "fingerprint", "reason"])
    rows = rows.filter(pc.equal(rows["status"], "failed"))
    rows = rows.filter(
        pc.invert(pc.is_in(rows["reason"], pa.array(sorted(uncounted), pa.string())))
    )
    failures = Counter(rows.filter(outside.is_current(stage, rows, fingerprint))["uid"].to_pylist())
    tired = (uid for uid, count in failures.items() if count >= max_attempts)
    done = {*settled, *tired}
    there = outside.own.get(stage)
    return sorted(
        uid for uid in set(candidates) if uid not in done and (there is None or uid in there)
    )


def count(
    ledger: Ledger,
    stage: str,
    needs: Sequence[str],
    marks: Mapping[str, str],
    *,
    known: int,
    outside: Outside = NOTHING,
) -> StageCounts:
    """Count the objects of a stage; `known` is how many records the source has, for ingest.

    What an earlier stage has refused since is not counted: its rows wait until it comes back.
    """
    table = ledger.latest(stage, ["uid", "status", "fingerprint"])
    refused = _refused(ledger, needs, marks, outside=outside)
    table = table.filter(pc.invert(pc.is_in(table["uid"], refused)))
    fresh = outside.is_current(stage, table, marks[stage])
    current = table.filter(fresh)
    by_status = {
        str(row["values"]): int(row["counts"])
        for row in pc.value_counts(current["status"]).to_pylist()
    }
    waiting = 0
    if needs:
        ready = eligible(ledger, needs, marks, outside=outside)
        new = ready.filter(pc.invert(pc.is_in(ready, table["uid"].combine_chunks())))
        there = outside.own.get(stage)
        if there is not None:
            waiting = sum(uid not in there for uid in ready.to_pylist())
            new = [uid for uid in new.to_pylist() if uid in there]
        pending = len(new)
    else:
        pending = max(0, known - len(table))
    stale = len(table) - len(current)
    return StageCounts(**by_status, stale=stale, pending=pending, waiting=waiting)
