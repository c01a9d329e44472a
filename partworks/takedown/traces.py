"""What is left of objects that were taken down, for `partworks verify`."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from partworks.dataset import Dataset
from partworks.finishing import has_finish
from partworks.ledger import Ledger
from partworks.stage import Breach
from partworks.stages import REVIEW_TRACES, STAGES, load
from partworks.store import Store
from partworks.takedown.removal import object_paths, source_checksums
from partworks.takedown.tombstones import Tombstones

NO_WORD = 16
"""Letters from which on a uid in a text is one; a shorter one could be a word of the text."""

_WHAT_TO_DO = "it was taken down; `partworks takedown` it again"


def traces(store: Store, dataset: Dataset) -> Iterator[Breach]:
    """Yield a breach for everything in a root that knows of an object on its list."""
    listed = Tombstones.load(store)
    if not listed.known:
        return
    uids = frozenset(listed.known)
    for uid in sorted(uids):
        yield from (_breach(path, uid) for path in object_paths(store, uid))
    for stage in STAGES:
        rows = set(Ledger(store).latest(stage, ["uid"])["uid"].to_pylist())
        yield from (_breach(f"ledger/{stage}", uid) for uid in sorted(rows & uids))
    for uid, sums in sorted(source_checksums(store).items()):
        if sums & listed.checksums and uid not in uids:
            message = f"object {uid} has the source bytes of one that was taken down; "
            yield Breach(
                kind="taken_down", path="sources", message=f"{message}take it down as well"
            )
    yield from _of_the_whole(store, dataset, uids)
    for path, uid in load(REVIEW_TRACES)(store, uids):
        yield _breach(path, uid)


def _of_the_whole(store: Store, dataset: Dataset, uids: Collection[str]) -> Iterator[Breach]:
    """In the files that stages make of all objects, their tables and texts among them."""
    for name, record in dataset.stages.items():
        entry = STAGES[name]
        if not has_finish(entry.stage_class()):
            continue
        stage = entry.stage_class()(entry.config_class()(), store=store, seed=dataset.seed)
        yield from (_breach(name, uid) for uid in sorted({*stage.packed()} & {*uids}))
        for output in record.outputs:
            if not output.path.endswith(".tar"):  # what is in those is in their index
                yield from (_breach(output.path, uid) for uid in _named(store, output.path, uids))


def _named(store: Store, path: str, uids: Collection[str]) -> list[str]:
    try:
        data = store.read(path)
        if not path.endswith(".parquet"):
            return sorted(uid for uid in uids if len(uid) >= NO_WORD and uid.encode() in data)
        table = pq.read_table(io.BytesIO(data))
    except (FileNotFoundError, pa.ArrowException):
        return []  # reported for itself
    known: set[str] = set()
    for name in ("uid", "key"):
        if name in table.column_names:
            known |= set(pc.unique(table[name]).to_pylist())
    return sorted(known & {*uids})


def _breach(path: str, uid: str) -> Breach:
    return Breach(kind="taken_down", path=path, message=f"it has something of {uid}; {_WHAT_TO_DO}")
