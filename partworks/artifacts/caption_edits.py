"""Texts that reviewers have written in place of generated captions.

`review/captions/xx/<uid>.json` holds, for the object and for parts by number, the fields that were
changed. It is none of the pipeline's own files: it enters the caption stage from outside, wins over
whatever is generated, and stays when captions are made anew.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks import layout
from partworks.records import UID
from partworks.store import Store

FOLDER = "review/captions"
PREFIX = "caption_edits:"
"""Begins the digest of edits, to tell it from what else enters the stage."""

FIELDS = ("name", "short", "long", "color", "material", "shape", "relation")
"""What of a caption can be edited."""

MOST_CHARACTERS = 4000
WHOLE = "whole"
_NUMBER = re.compile("0|[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who wrote one text, and when in ISO 8601."""

    by: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionEdits:
    """What reviewers wrote of one object.

    Attributes:
        texts: `whole`, or a part's number in decimal -> field -> text.
        geometry_hash: `Mesh.geometry_hash` of the object.
        labels_hash: `labels_hash` of the parts that the numbers refer to; empty if unknown.
        by: who edited last.
        at: when, in ISO 8601.
        authors: as `texts`, with who wrote each text and when in place of it; what is not in it is
            not known.
    """

    texts: Mapping[str, Mapping[str, str]]
    geometry_hash: str
    labels_hash: str = ""
    by: str = ""
    at: str = ""
    authors: Mapping[str, Mapping[str, Author]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for target, fields in self.texts.items():
            if target != WHOLE and not _NUMBER.fullmatch(target):
                raise ValueError(f"edits are of `whole` or of a part's number, not of {target!r}")
            for name, text in fields.items():
                _check(target, name, text)

    @property
    def digest(self) -> str:
        """SHA-256 of what matters to captions, with `PREFIX`; not of who wrote it and when."""
        table = {"texts": self.texts, "geometry": self.geometry_hash, "labels": self.labels_hash}
        data = json.dumps(table, sort_keys=True, ensure_ascii=False, default=dict).encode()
        return PREFIX + hashlib.sha256(data).hexdigest()

    def of_part(self, part: int) -> Mapping[str, str]:
        """The fields of a part that were edited."""
        return self.texts.get(str(part), {})

    @property
    def of_whole(self) -> Mapping[str, str]:
        """The fields of the object that were edited."""
        return self.texts.get(WHOLE, {})

    def to_bytes(self) -> bytes:
        """UTF-8 JSON with sorted keys."""
        table = asdict(self)
        return (json.dumps(table, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> CaptionEdits:
        """The inverse of `to_bytes`.

        Raises:
            ValueError: it is no file of edits, or one with unknown fields.
        """
        try:
            table: dict[str, Any] = json.loads(data)
            authors = table.pop("authors", {})
            return cls(**table, authors=_authors(authors))
        except (TypeError, AttributeError, RecursionError) as error:
            raise ValueError(
                f"expected texts, geometry_hash, labels_hash, by, at and authors; {error}"
            ) from error


def labels_hash(face_labels: NDArray[np.int32]) -> str:
    """SHA-256, in hex, of part labels (F,) int32: what part numbers refer to."""
    return hashlib.sha256(np.ascontiguousarray(face_labels, "<i4").tobytes()).hexdigest()


def edit_digests(store: Store) -> dict[str, str]:
    """uid -> digest of its edits, for the objects that have any.

    A file that cannot be read has a digest too, so that its object is done, and says so.
    """
    found = {}
    for path in store.list(FOLDER):
        uid = path.rsplit("/", 1)[-1].removesuffix(".json")
        if UID.fullmatch(uid) and path == layout.caption_edits(uid):
            found[uid] = digest_of(store.read(path))
    return found


def digest_of(data: bytes) -> str:
    """The digest of a file of edits, readable or not."""
    try:
        return CaptionEdits.from_bytes(data).digest
    except ValueError:
        return PREFIX + hashlib.sha256(data).hexdigest()


def _authors(table: Mapping[str, Any]) -> dict[str, dict[str, Author]]:
    return {
        target: {name: Author(**author) for name, author in fields.items()}
        for target, fields in table.items()
    }


def _check(target: str, name: str, text: object) -> None:
    if name not in FIELDS:
        raise ValueError(f"{target}: a caption has {', '.join(FIELDS)}, no {name!r} to edit")
    if not isinstance(text, str) or len(text) > MOST_CHARACTERS:
        raise ValueError(f"{target}: {name} must be a text of at most {MOST_CHARACTERS} letters")
