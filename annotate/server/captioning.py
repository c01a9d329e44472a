"""Captions of the root's objects: shown, and edited by one change at a time."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from annotate.captions.freshness import Freshness
from annotate.captions.index import CaptionIndex
from annotate.captions.pictures import Album, Picture, read_album
from annotate.captions.standing import Standing, Unreadable, read_standing
from annotate.server.problems import Problem
from annotate.server.recent import Recent
from partworks import layout
from partworks.artifacts.caption_edits import CaptionEdits
from partworks.records import UID
from partworks.store import Store

ALBUMS = 8
LOCKS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An object with its captions.

    Attributes:
        album: its pictures, or none with `album_problem`.
        closed: why it takes no edits; empty if it does.
    """

    standing: Standing
    album: Album
    album_problem: str
    closed: str


class CaptionDesk:
    """Reads captions out of a root and writes reviewers' texts beside them.

    Two changes of one object never run at once in this process, and each names the state that it
    was made upon, so none is lost. A file is replaced whole: whatever ends the server, it is there
    with a change or without it.

    Args:
        root: the dataset root; without it every call is refused.
    """

    def __init__(self, root: str | None) -> None:
        self._store = None if root is None else Store(root)
        self._index = None if self._store is None else CaptionIndex(self._store)
        self._freshness = None if self._store is None else Freshness(self._store)
        self._albums: Recent[Album] = Recent(ALBUMS)
        self._locks = tuple(threading.Lock() for _ in range(LOCKS))

    @property
    def index(self) -> CaptionIndex:
        """The list of objects."""
        if self._index is None:
            raise _no_root()
        return self._index

    @property
    def store(self) -> Store:
        """The root."""
        if self._store is None:
            raise _no_root()
        return self._store

    def shown(self, uid: str) -> Shown:
        """An object with its captions and pictures.

        Raises:
            Problem: `no_root`, `bad_path`, `not_found`, `damaged`.
        """
        return self._shown(self._standing(uid))

    def picture(self, uid: str, name: str) -> Picture:
        """One of the pictures that `shown` names.

        Raises:
            Problem: as `shown`; `not_found` for another name.
        """
        checked(uid)
        try:
            return self._album(uid).pictures[name]
        except KeyError as error:
            raise Problem("not_found", "the object has no such picture") from error
        except Unreadable as error:
            raise Problem("damaged", str(error)) from error

    @contextmanager
    def in_turn(self, uid: str) -> Iterator[None]:
        """While this thread changes an object, no other does."""
        number = int.from_bytes(hashlib.sha256(uid.encode()).digest()[:4], "big")
        with self._locks[number % LOCKS]:
            yield

    def to_change(self, uid: str, version: str, *, conflict: Callable[[Shown], Problem]) -> Shown:
        """An object that may be changed, as it was seen at `version`; only `in_turn`.

        Raises:
            Problem: as `shown`; `closed`; `conflict`'s if it is another one by now.
        """
        shown = self.shown(uid)
        if shown.standing.version != version:
            raise conflict(shown)
        if shown.closed:
            raise Problem("closed", shown.closed)
        return shown

    def write(self, uid: str, edits: CaptionEdits | None) -> None:
        """Put edits in place of those there are, or take the file away; only `in_turn`."""
        path = layout.caption_edits(uid)
        if edits is None:
            self.store.delete(path)
        else:
            self.store.write(path, edits.to_bytes())
        self.index.expire()

    def _standing(self, uid: str) -> Standing:
        try:
            return read_standing(self.store, checked(uid))
        except FileNotFoundError as error:
            raise Problem("not_found", f"{uid} has no captions; run the caption stage") from error
        except Unreadable as error:
            raise Problem("damaged", str(error)) from error

    def _shown(self, standing: Standing) -> Shown:
        album, problem = Album(), ""
        try:
            album = self._album(standing.uid)
        except Unreadable as error:
            problem = str(error)
        if len(album.places) not in (0, len(standing.captions.parts)):
            album, problem = Album(), "the renders show other parts; run the render stage again"
        return Shown(
            standing=standing, album=album, album_problem=problem, closed=self._closed(standing)
        )

    def _closed(self, standing: Standing) -> str:
        assert self._freshness is not None
        if standing.fits and standing.uid not in self._freshness.outdated:
            return ""
        return (
            "the parts have changed since these captions were written: part numbers may mean other "
            "parts; run the pipeline up to the caption stage, then edit"
        )

    def _album(self, uid: str) -> Album:
        try:
            stamp = self.store.stamp(layout.renders(uid))
        except FileNotFoundError:
            return Album()
        return self._albums.get((uid, stamp), lambda: read_album(self.store, uid))


def checked(uid: str) -> str:
    """A uid that may name files; it comes from an address."""
    if not UID.fullmatch(uid):
        raise Problem("bad_path", "an object's address is its uid: letters, digits, `_` and `-`")
    return uid


def _no_root() -> Problem:
    return Problem(
        "no_root", "captions lie in a dataset root: start the server with --root to edit them"
    )
