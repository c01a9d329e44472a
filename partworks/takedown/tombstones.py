"""`takedowns.json`: what was taken down, so that no later run brings it back.

It keeps uids and checksums and nothing of the content. The checksums are of the source bytes as
they were fetched: the same file is refused under any name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from partworks import layout
from partworks.errors import UsageError
from partworks.records import check_uid
from partworks.store import Store

FORMAT = 1
REASON = "taken_down"
"""The reason of the ledger for bytes that were taken down and come along again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """One object that was taken down.

    Attributes:
        sha256: of its source bytes, in hex, sorted; several where it was fetched in several forms.
        date: UTC, ISO 8601, of the first takedown.
        reason: as whoever took it down gave it.
    """

    uid: str
    sha256: tuple[str, ...] = ()
    date: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Tombstones:
    """All of a root, by uid."""

    known: Mapping[str, Tombstone] = field(default_factory=dict)

    @classmethod
    def load(cls, store: Store) -> Tombstones:
        """Those of a root; none where nothing was ever taken down."""
        if not store.exists(layout.TAKEDOWNS):
            return cls()
        table = json.loads(store.read(layout.TAKEDOWNS))
        if table.get("format") != FORMAT:
            raise UsageError(
                f"{layout.TAKEDOWNS} has format {table.get('format')!r}; this version of Partworks "
                f"reads format {FORMAT}"
            )
        rows = (
            Tombstone(**{**row, "sha256": tuple(row["sha256"]), "uid": check_uid(row["uid"])})
            for row in table["objects"]
        )
        return cls({row.uid: row for row in rows})

    def save(self, store: Store) -> None:
        """Write `takedowns.json`, sorted by uid."""
        rows = [asdict(self.known[uid]) for uid in sorted(self.known)]
        table = {"format": FORMAT, "objects": rows}
        store.write(layout.TAKEDOWNS, (json.dumps(table, indent=1) + "\n").encode())

    def refuses(self, uid: str, sha256: str = "") -> bool:
        """Whether an object, or bytes with this checksum where it is known, may not come in."""
        return uid in self.known or (sha256 != "" and sha256 in self.checksums)

    @property
    def checksums(self) -> frozenset[str]:
        """Of all source bytes that may not come in."""
        return frozenset(sha256 for row in self.known.values() for sha256 in row.sha256)

    def joined_by(
        self, sha256: Mapping[str, Iterable[str]], *, date: str, reason: str
    ) -> Tombstones:
        """These with further objects, by uid the checksums of their source bytes.

        An object that is on the list keeps its date, and its reason unless another one is given.
        """
        joined = dict(self.known)
        for uid, found in sha256.items():
            earlier = joined.get(uid, Tombstone(uid=check_uid(uid), date=date))
            joined[uid] = Tombstone(
                uid=uid,
                sha256=tuple(sorted({*earlier.sha256, *found})),
                date=earlier.date,
                reason=reason or earlier.reason,
            )
        return Tombstones(joined)
