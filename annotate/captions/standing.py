"""The captions of an object as they stand: what the stage wrote, with what reviewers wrote over."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from partworks import layout
from partworks.artifacts.caption_edits import FIELDS, WHOLE, Author, CaptionEdits, labels_hash
from partworks.artifacts.captions import Caption, Captions
from partworks.artifacts.parts import Parts
from partworks.store import Store

HARMLESS = frozenset({"never_visible", "twin_adjusted"})
"""Flags that say how a caption came about, and not that it may be wrong."""

REVIEWER = "reviewer"


class Unreadable(Exception):
    """A file of the root is damaged, or of another kind than its place says."""

    @classmethod
    def damaged(cls, path: str, error: Exception, *, stage: str) -> Unreadable:
        """What a reader has said of a file, and which stage makes it anew."""
        told = f"{type(error).__name__}: {error}"
        return cls(f"{path} cannot be read ({told}); run the {stage} stage again")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """What is known of an object's texts.

    Attributes:
        captions: as the caption stage left them.
        edits: what reviewers wrote; None if nobody did. They may be of earlier parts.
        part_names: of the parts as they are now.
        geometry_hash: of the object, and `labels_hash` of its parts, as they are now.
        version: SHA-256 of all of this: another one as soon as anything of it has changed.
    """

    uid: str
    captions: Captions
    edits: CaptionEdits | None
    part_names: tuple[str, ...]
    geometry_hash: str
    labels_hash: str
    version: str

    @property
    def fits(self) -> bool:
        """Whether there are as many captions as parts."""
        return len(self.captions.parts) == len(self.part_names)

    @property
    def targets(self) -> tuple[str, ...]:
        """What has a caption: `whole`, and the parts' numbers."""
        return (WHOLE, *map(str, range(len(self.captions.parts))))

    @property
    def texts(self) -> dict[str, dict[str, str]]:
        """The edits that hold: of the whole for this object, of parts for these parts."""
        if self.edits is None or self.edits.geometry_hash != self.geometry_hash:
            return {}
        same_parts = self.edits.labels_hash in ("", self.labels_hash)
        return {
            target: dict(fields)
            for target, fields in self.edits.texts.items()
            if fields and target in self.targets and (same_parts or target == WHOLE)
        }

    @property
    def stale(self) -> dict[str, dict[str, str]]:
        """The edits that hold no more."""
        if self.edits is None:
            return {}
        texts = self.texts
        return {
            target: dict(fields)
            for target, fields in self.edits.texts.items()
            if fields and target not in texts
        }

    def author(self, target: str, field: str) -> Author | None:
        """Who wrote a text that holds; None where no reviewer did."""
        if self.edits is None or field not in self.texts.get(target, {}):
            return None
        last = Author(by=self.edits.by, at=self.edits.at)
        return self.edits.authors.get(target, {}).get(field, last)

    def written(self, target: str) -> Caption:
        """The caption of `whole` or of a part's number as the stage left it."""
        return self.captions.whole if target == WHOLE else self.captions.parts[int(target)]

    def caption(self, target: str) -> Caption:
        """The caption as it will be after the next run: a person has looked at what was edited."""
        fields: Mapping[str, Any] = self.texts.get(target, {})
        if not fields:
            return self.written(target)
        return replace(self.written(target), **fields, source=REVIEWER, flags=(), unsure=False)


def is_doubtful(caption: Caption) -> bool:
    """Whether somebody should look at a caption."""
    return bool(caption.short) and (caption.unsure or not {*caption.flags} <= HARMLESS)


def read_standing(store: Store, uid: str) -> Standing:
    """How the captions of an object stand.

    Raises:
        FileNotFoundError: it has no captions, or no parts.
        Unreadable: a file is damaged.
    """
    written = store.read(layout.captions(uid))
    parts = read_parts(store, uid)
    path = layout.caption_edits(uid)
    edited = store.read(path) if store.exists(path) else None
    labels = labels_hash(parts.face_labels)
    states = (written, edited or b"", parts.geometry_hash.encode(), labels.encode())
    whole = hashlib.sha256(b"".join(hashlib.sha256(state).digest() for state in states))
    return Standing(
        uid=uid,
        captions=parse_captions(written, uid=uid),
        edits=None if edited is None else _parse_edits(edited, path=path),
        part_names=parts.part_names,
        geometry_hash=parts.geometry_hash,
        labels_hash=labels,
        version=whole.hexdigest(),
    )


def parse_captions(data: bytes, *, uid: str) -> Captions:
    """Captions from their file; Unreadable if it is none."""
    try:
        captions = Captions.from_bytes(data)
        for caption in captions.everything:
            if not all(isinstance(getattr(caption, field), str) for field in FIELDS):
                raise TypeError("texts are strings")
        return captions
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Unreadable.damaged(layout.captions(uid), error, stage="caption") from error


def read_parts(store: Store, uid: str) -> Parts:
    """The parts; Unreadable if the file is damaged."""
    data = store.read(layout.parts(uid))
    try:
        return Parts.from_bytes(data)
    except Exception as error:
        raise Unreadable.damaged(layout.parts(uid), error, stage="annotate") from error


def _parse_edits(data: bytes, *, path: str) -> CaptionEdits:
    try:
        return CaptionEdits.from_bytes(data)
    except ValueError as error:
        raise Unreadable(
            f"{path}: {error}; mend the file, or remove it to do without its texts"
        ) from error
