"""Taking objects down: what goes, in an order in which nothing is lost sight of on the way.

The list of what was taken down is written first, so that whatever ends the removal, no run brings
anything back, `partworks verify` tells what is left, and doing it again does the rest. The ledger
goes last but one, since it knows best what there was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pyarrow.compute as pc

from partworks import dataset, layout
from partworks.config import settings_of
from partworks.dataset import Dataset
from partworks.finishing import finish, has_finish
from partworks.ledger import Ledger, forget
from partworks.locking import only_driver
from partworks.stages import REVIEW_WITHDRAWAL, STAGES, load
from partworks.store import Store
from partworks.takedown.replies import replies_about
from partworks.takedown.tombstones import Tombstones

_SOURCES = "sources/"
_REPORT = "report"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenDown:
    """What a takedown did.

    Attributes:
        uids: asked for. `same_bytes`: taken down with them, since their source bytes are the same.
        unknown: of those asked for, the uids of which the root had nothing.
        files: paths that were removed.
        rows: of the ledger that were removed.
        tasks: of the review that were withdrawn; None where no review database was found.
        remade: stages whose files of the whole data set were made again.
        copies: uids that were refused for being like one of them; the next run judges them anew.
    """

    uids: tuple[str, ...]
    same_bytes: tuple[str, ...]
    unknown: tuple[str, ...]
    files: tuple[str, ...]
    rows: int
    tasks: int | None
    remade: tuple[str, ...]
    copies: tuple[str, ...]

    @property
    def everything(self) -> tuple[str, ...]:
        """All uids that are gone."""
        return (*self.uids, *self.same_bytes)


def take_down(
    store: Store,
    uids: Iterable[str],
    *,
    reason: str = "",
    database: str | None = None,
    blobs: str | None = None,
    now: datetime | None = None,
) -> TakenDown:
    """Remove objects and all that derives from them, for good.

    Args:
        uids: of the objects, whether or not the root knows them.
        reason: for the list; not shown anywhere else.
        database: URL of the review database, where it is not in the root.
        blobs: folder of its blobs, likewise.
        now: the date for the list; the present if left out.
    """
    asked = tuple(dict.fromkeys(uids))
    with only_driver(store):
        store.sweep()
        known = dataset.require(store)
        sources = source_checksums(store)
        listed = Tombstones.load(store)
        same = _same_bytes(asked, sources, listed)
        gone = {*asked, *same}
        date = (now or datetime.now(UTC)).replace(microsecond=0).isoformat()
        checksums = {uid: sources.get(uid, frozenset()) for uid in sorted(gone)}
        listed.joined_by(checksums, date=date, reason=reason).save(store)
        copies = _copies(store, gone)
        tasks = load(REVIEW_WITHDRAWAL)(store, gone, database=database, blobs=blobs)
        remade, known = _remake(store, known, gone)
        files = _remove_files(store, gone)
        rows = {stage: forget(store, stage, gone) for stage in STAGES}
        _count_less(store, known, len(gone & sources.keys()))
        files += _remove_report(store)
    return TakenDown(
        uids=asked,
        same_bytes=same,
        unknown=tuple(
            uid for uid in asked if not (uid in sources or uid in listed.known or _had(uid, files))
        ),
        files=tuple(files),
        rows=sum(rows.values()),
        tasks=tasks,
        remade=remade,
        copies=copies,
    )


def source_checksums(store: Store) -> dict[str, frozenset[str]]:
    """uid -> the checksums that its source bytes have had, by every row of the first stage."""
    first = next(name for name, entry in STAGES.items() if not entry.stage_class().needs)
    found: dict[str, frozenset[str]] = {}
    for row in Ledger(store).rows(first, ["uid", "outputs"]).to_pylist():
        sums = {
            output["sha256"]
            for output in row["outputs"] or ()
            # Empty files are all the same, and nobody's.
            if output["path"].startswith(_SOURCES) and output["size"]
        }
        found[row["uid"]] = found.get(row["uid"], frozenset()) | sums
    return found


def _same_bytes(
    asked: Collection[str], sources: Mapping[str, frozenset[str]], listed: Tombstones
) -> tuple[str, ...]:
    """Further objects of the root with the very source bytes of those asked for."""
    earlier = (listed.known[uid].sha256 for uid in asked if uid in listed.known)
    wanted = {sha256 for sums in earlier for sha256 in sums}
    wanted |= {sha256 for uid in asked for sha256 in sources.get(uid, ())}
    return tuple(sorted(uid for uid, sums in sources.items() if sums & wanted and uid not in asked))


def object_paths(store: Store, uid: str) -> list[str]:
    """Every file in the root that is an object's own."""
    return [
        path
        for folder in layout.OBJECT_FOLDERS
        for path in store.list(f"{folder}/{uid[:2]}")
        if path.rpartition("/")[2].partition(".")[0] == uid
    ]


def _remake(store: Store, known: Dataset, gone: Collection[str]) -> tuple[tuple[str, ...], Dataset]:
    """Make the files of the whole data set again, of all the objects that they hold but these.

    What else may have changed since they were made is for the next run to see to.
    """
    remade = []
    for name, entry in STAGES.items():
        if name not in known.stages or not has_finish(entry.stage_class()):
            continue
        config = settings_of(known).configs[name]
        stage = entry.stage_class()(config, store=store, seed=known.seed)
        packed = {*stage.packed()}
        # An interrupted run may have left files that no list tells of.
        unlisted = not known.stages[name].made_of and any(True for _ in stage.leftovers())
        if not (packed & {*gone} or unlisted):
            continue
        rows = Ledger(store).attempts(name)
        kept = packed - {*Tombstones.load(store).known} - {*gone}
        done = [row for row in rows if row.status == "ok" and row.uid in kept]
        known = finish(stage, done, store=store, known=known)
        remade.append(name)
    return tuple(remade), known


def _remove_files(store: Store, gone: Collection[str]) -> list[str]:
    written = {
        output.path
        for stage in STAGES
        for outputs in Ledger(store).outputs(stage, gone).values()
        for output in outputs
    }
    paths = [path for uid in gone for path in object_paths(store, uid)]
    paths += [path for path in written if store.exists(path)]
    # First, since the captions tell which they are.
    paths = [*replies_about(store, gone), *paths]
    for path in paths:
        store.delete(path)
    return sorted({*paths})


def _remove_report(store: Store) -> list[str]:
    """The report shows pictures of objects; it is written anew in seconds."""
    paths = store.list(_REPORT)
    for path in paths:
        store.delete(path)
    return paths


def _count_less(store: Store, known: Dataset, count: int) -> None:
    """The source has so many objects less, for those who count what is pending."""
    if known.source is None or not count:
        return
    source = replace(known.source, records=max(0, known.source.records - count))
    dataset.save(store, replace(known, source=source))


def _copies(store: Store, gone: Collection[str]) -> tuple[str, ...]:
    """Objects that a rule refused because of these, as its message says."""
    found: set[str] = set()
    for stage in STAGES:
        table = Ledger(store).latest(stage, ["uid", "status", "message"])
        table = table.filter(pc.equal(table["status"], "rejected"))
        for uid in gone:
            named = pc.match_substring(table["message"], uid)
            found |= {*table.filter(named)["uid"].to_pylist()}
    return tuple(sorted(found - {*gone}))


def _had(uid: str, files: Collection[str]) -> bool:
    return any(path.rpartition("/")[2].partition(".")[0] == uid for path in files)
