"""Which objects of a large source are meant: `key=value` words, and a seeded sample.

`objaverse:lvis=chair+table,licence=CC0+CC-BY,max_faces=50000,sample=1000,seed=3`
"""

from __future__ import annotations

import difflib
import hashlib
import heapq
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ingest.licences import UNKNOWN, allows, normalise_licence
from partworks.errors import UsageError
from partworks.records import SourceRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a source's words ask for; empty means everything.

    Attributes:
        words: the words that only this kind of source knows, split at `+`.
        ids: of the objects in the file that `uids=` names; None if there is none.
        tags, categories: folded; one of each must be there.
        licences: one must fit, as an allow-list of `ingest.licences`.
        min_faces, max_faces: by what the source says.
        sample: that many, the same for the same seed, whatever their order; None for all.
    """

    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ids: frozenset[str] | None = None
    tags: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    licences: tuple[str, ...] = ()
    min_faces: int = 0
    max_faces: int | None = None
    sample: int | None = None
    seed: int = 0

    def takes_licence(self, licence: str) -> bool:
        """Whether a normalised licence is asked for."""
        return not self.licences or allows(self.licences, licence)

    def takes_words(self, tags: Iterable[str], categories: Iterable[str]) -> bool:
        """Whether tags and categories are asked for."""
        return _meets(self.tags, tags) and _meets(self.categories, categories)

    def takes_faces(self, count: int | None) -> bool:
        """Whether an object of so many faces is asked for; an unknown number passes only if no
        bound is set.
        """
        if count is None:
            return self.min_faces == 0 and self.max_faces is None
        return self.min_faces <= count <= (math.inf if self.max_faces is None else self.max_faces)

    def draw(self, records: Iterator[SourceRecord]) -> Iterator[SourceRecord]:
        """The records, or the sample of them in uid order; holds no more than the sample.

        A record is drawn by a hash of seed and uid, so that what is drawn does not depend on the
        order, and a larger sample holds the smaller one.
        """
        if self.sample is None:
            yield from records
            return
        drawn = heapq.nsmallest(self.sample, records, key=lambda record: self._rank(record.uid))
        yield from sorted(drawn, key=lambda record: record.uid)

    def _rank(self, uid: str) -> bytes:
        return hashlib.sha256(f"{self.seed}\0{uid}".encode()).digest()


_COMMON = ("uids", "licence", "sample", "seed")
_BY_WORDS = ("tag", "category", "min_faces", "max_faces")


def parse_selection(kind: str, rest: str, *, keys: tuple[str, ...], described: bool) -> Selection:
    """The selection of `KIND:key=value,key=value`.

    Args:
        keys: the words that only this kind of source knows.
        described: whether the source tells tags, categories and face counts.

    Raises:
        UsageError: a word that is unknown, given twice, or makes no sense.
    """
    known = (*_COMMON, *(_BY_WORDS if described else ()), *keys)
    given: dict[str, str] = {}
    for word in filter(None, (word.strip() for word in rest.split(","))):
        key, equals, value = word.partition("=")
        if key not in known or not equals or not value or key in given:
            raise UsageError(_bad_word(kind, word, key, known=known, twice=key in given))
        given[key] = value
    return Selection(
        words={key: _pieces(given[key]) for key in keys if key in given},
        ids=_read_ids(kind, given["uids"]) if "uids" in given else None,
        tags=frozenset(map(_folded, _pieces(given.get("tag", "")))),
        categories=frozenset(map(_folded, _pieces(given.get("category", "")))),
        licences=_licences(kind, _pieces(given.get("licence", ""))),
        min_faces=_number(kind, given, "min_faces", default=0, least=0) or 0,
        max_faces=_number(kind, given, "max_faces", default=None, least=1),
        sample=_number(kind, given, "sample", default=None, least=1),
        seed=_number(kind, given, "seed", default=0, least=0) or 0,
    )


def closest(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?`, or nothing."""
    found = difflib.get_close_matches(word, list(known), n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(found)}?" if found else ""


def _bad_word(kind: str, word: str, key: str, *, known: tuple[str, ...], twice: bool) -> str:
    if twice:
        return f"--source {kind}: {key} is given twice; several values are joined with +"
    hint = closest(key, known) if key not in known else ""
    return f"--source {kind}: {word!r} is not key=value with a key of {', '.join(known)}{hint}"


def _pieces(value: str) -> tuple[str, ...]:
    return tuple(piece for piece in value.split("+") if piece)


def _folded(text: str) -> str:
    return text.casefold().replace("_", " ").replace("-", " ")


def _meets(wanted: frozenset[str], there: Iterable[str]) -> bool:
    return not wanted or not wanted.isdisjoint(map(_folded, there))


def _licences(kind: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Families such as CC-BY stay as they are, so that they stand for all versions."""
    found = []
    for name in names:
        identifier = normalise_licence(name)
        if identifier == UNKNOWN and name.casefold() != UNKNOWN:
            raise UsageError(f"--source {kind}: {name!r} is no licence; expected such as CC-BY")
        family = identifier.casefold().startswith("licenseref") or not any(map(str.isdigit, name))
        found.append(_family(identifier) if family else identifier)
    return tuple(found)


def _family(identifier: str) -> str:
    """An id without its version: CC-BY of CC-BY-4.0."""
    head, _, tail = identifier.rpartition("-")
    return head if head and tail[:1].isdigit() else identifier


def _number(
    kind: str, given: Mapping[str, str], key: str, *, default: int | None, least: int
) -> int | None:
    if key not in given:
        return default
    text = given[key].replace("_", "")
    if not text.isdecimal() or int(text) < least:
        raise UsageError(
            f"--source {kind}: {key}={given[key]!r}, expected a whole number from {least}"
        )
    return int(text)


def _read_ids(kind: str, name: str) -> frozenset[str]:
    """The ids in a file: a JSON list, or one in each line, up to its first comma."""
    path = Path(name).expanduser()
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".json":
            return frozenset(_strings(json.loads(text)))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"--source {kind}: uids={name} cannot be read: {error}; expected one id a line, or a "
            "JSON list"
        ) from error
    lines = (line.split(",")[0].strip() for line in text.splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _strings(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise ValueError("no list of strings")
    return value
