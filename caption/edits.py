"""Captions that came with the asset, and what reviewers wrote: both stand before generated ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from caption.subject import Subject
from partworks import layout
from partworks.artifacts.caption_edits import PREFIX, CaptionEdits, digest_of, labels_hash
from partworks.artifacts.captions import Caption, Captions
from partworks.artifacts.parts import Parts
from partworks.errors import Failed
from partworks.outside import entered
from partworks.store import Store

REVIEWER = "reviewer"

REASONS = {
    "bad_edits": "The file with a reviewer's texts cannot be read.",
    "edits_changed": "A reviewer's texts changed while the run was under way.",
}


def read_given(store: Store, subject: Subject) -> Captions | None:
    """Captions that came with the asset; None if there are none, or if they are of other parts.

    They speak of the parts that came with the asset, and hold only where these are still the parts.
    """
    if not store.exists(layout.given_captions(subject.uid)):
        return None
    if not store.exists(layout.given_parts(subject.uid)):
        return None
    captions = Captions.from_bytes(store.read(layout.given_captions(subject.uid)))
    parts = Parts.from_bytes(store.read(layout.given_parts(subject.uid)))
    same = np.array_equal(parts.face_labels, subject.parts.face_labels)
    return captions if same and len(captions.parts) == subject.parts.count else None


def read_edits(store: Store, uid: str, *, outside: str) -> CaptionEdits | None:
    """What reviewers wrote of an object, as it was when the run was started.

    Args:
        store: the root.
        uid: the object.
        outside: `Item.outside`.

    Raises:
        Failed: `edits_changed` or `bad_edits`.
    """
    wanted = entered(outside, prefix=PREFIX)
    path = layout.caption_edits(uid)
    data = store.read(path) if store.exists(path) else None
    found = digest_of(data) if data is not None else ""
    if found != wanted:
        raise Failed("edits_changed", f"{path} is not what the run was started with; run again")
    if data is None:
        return None
    try:
        return CaptionEdits.from_bytes(data)
    except ValueError as error:
        raise Failed(
            "bad_edits", f"{path}: {error}; mend the file, or remove it to do without its texts"
        ) from error


def apply_edits(captions: Captions, edits: CaptionEdits, subject: Subject) -> tuple[Captions, int]:
    """The captions with the edited fields in place, and how many edits no longer hold.

    Those of the whole hold as long as the object's geometry is the same, those of parts as long as
    the parts are.
    """
    whole, parts = captions.whole, list(captions.parts)
    stale = 0
    same_object = edits.geometry_hash == subject.mesh.geometry_hash
    same_parts = same_object and edits.labels_hash in ("", labels_hash(subject.parts.face_labels))
    for target, fields in edits.texts.items():
        if target == "whole" and same_object:
            whole = _edited(whole, fields)
        elif target != "whole" and same_parts and int(target) < len(parts):
            parts[int(target)] = _edited(parts[int(target)], fields)
        else:
            stale += 1
    return replace(captions, whole=whole, parts=tuple(parts)), stale


def _edited(caption: Caption, fields: Mapping[str, str]) -> Caption:
    """A person has looked: what was flagged is settled."""
    if not fields:
        return caption
    changes: dict[str, Any] = dict(fields)
    return replace(caption, **changes, source=REVIEWER, flags=(), unsure=False)
