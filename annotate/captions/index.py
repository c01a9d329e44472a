"""The list of captioned objects: read once, then only where files have changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from annotate.captions.standing import (
    Unreadable,
    is_doubtful,
    parse_captions,
    read_standing,
)
from partworks import layout
from partworks.artifacts.caption_edits import FOLDER as EDITS
from partworks.records import UID
from partworks.store import Store

CAPTIONS = "captions"
PAUSE_S = 2.0
PATIENCE = 10.0

Show = Literal["all", "flagged", "edited"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An object in the list.

    Attributes:
        flagged: captions that somebody should look at.
        edited: captions that a reviewer has edited.
        problem: why it cannot be shown; empty if it can.
    """

    uid: str
    name: str = ""
    short: str = ""
    captioner: str = ""
    parts: int = 0
    flagged: int = 0
    edited: int = 0
    problem: str = ""

    @property
    def place(self) -> str:
        """Where it stands in the list, and where a page goes on: what is to be done comes first."""
        return f"{'0' if self.flagged or self.problem else '1'}:{self.uid}"


class CaptionIndex:
    """All objects with captions.

    Args:
        store: the root.
        clock: seconds that never fall.
    """

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._rows: dict[str, tuple[tuple[str, ...], Row]] = {}
        self._due = clock()
        self._lock = threading.Lock()

    def page(
        self, *, show: Show = "all", contains: str = "", after: str = "", limit: int
    ) -> tuple[list[Row], int]:
        """The next rows after a place, flagged ones first, and how many there are in all."""
        with self._lock:
            if self._clock() >= self._due:
                self._refresh()
            rows = [row for _, row in self._rows.values()]
        word = contains.strip().casefold()
        found = [row for row in rows if _is_shown(row, show) and word in _words(row)]
        found.sort(key=lambda row: row.place)
        return [row for row in found if row.place > after][:limit], len(found)

    def expire(self) -> None:
        """Look at the files again before the next page."""
        with self._lock:
            self._due = self._clock()

    def _refresh(self) -> None:
        """Read what has changed; a long list is looked through less often."""
        start = self._clock()
        written, edited = self._store.stamps(CAPTIONS), self._store.stamps(EDITS)
        rows = {}
        for path, stamp in written.items():
            uid = path.rsplit("/", 1)[-1].removesuffix(".json")
            if not UID.fullmatch(uid) or path != layout.captions(uid):
                continue
            edits = edited.get(layout.caption_edits(uid))
            stamps: tuple[str, ...] = (stamp,)
            if edits is not None:
                stamps = (stamp, edits, *self._parts_stamp(uid))
            known = self._rows.get(uid)
            if known is None or known[0] != stamps:
                known = (stamps, self._row(uid, edited=edits is not None))
            rows[uid] = known
        self._rows = rows
        end = self._clock()
        self._due = end + max(PAUSE_S, PATIENCE * (end - start))

    def _parts_stamp(self, uid: str) -> tuple[str, ...]:
        try:
            return (self._store.stamp(layout.parts(uid)),)
        except FileNotFoundError:
            return ()

    def _row(self, uid: str, *, edited: bool) -> Row:
        try:
            return _edited_row(self._store, uid) if edited else _plain_row(self._store, uid)
        except (Unreadable, FileNotFoundError) as error:
            return Row(uid=uid, problem=str(error))


def _plain_row(store: Store, uid: str) -> Row:
    captions = parse_captions(store.read(layout.captions(uid)), uid=uid)
    return Row(
        uid=uid,
        name=captions.whole.name,
        short=captions.whole.short,
        captioner=captions.captioner,
        parts=len(captions.parts),
        flagged=sum(map(is_doubtful, captions.everything)),
    )


def _edited_row(store: Store, uid: str) -> Row:
    standing = read_standing(store, uid)
    captions = [standing.caption(target) for target in standing.targets]
    return Row(
        uid=uid,
        name=captions[0].name,
        short=captions[0].short,
        captioner=standing.captions.captioner,
        parts=len(standing.captions.parts),
        flagged=sum(map(is_doubtful, captions)),
        edited=len(standing.texts),
    )


def _is_shown(row: Row, show: Show) -> bool:
    match show:
        case "flagged":
            return bool(row.flagged or row.problem)
        case "edited":
            return row.edited > 0
    return True


def _words(row: Row) -> str:
    return f"{row.uid}\n{row.name}\n{row.short}".casefold()
