"""Why a reviewer may say no to an object: data, in the order of the keys 1 to 9."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectReason:
    """One reason.

    Attributes:
        key: what the reviewer types.
        code: what the ledger keeps and people count by.
        text: what the reviewer reads, a sentence.
        wants_note: whether the reviewer must say more.
    """

    key: str
    code: str
    text: str
    wants_note: bool = False


REASONS = tuple(
    RejectReason(key=str(key), code=code, text=text, wants_note=code == "other")
    for key, (code, text) in enumerate(
        {
            "broken": "The geometry is broken: holes, shards, missing or inverted surfaces.",
            "several_objects": "It is not one object, but several side by side.",
            "scene": "It is a scene, a room or a diorama.",
            "bad_texture": "The texture is missing, wrong or unreadable.",
            "scan": "It is a scan, or as noisy as one.",
            "duplicate": "It is the same as another object.",
            "too_complex": "It has too many parts to be told apart in reasonable time.",
            "unsuitable": "It must not or should not be used: licence, content, of no use.",
            "other": "Something else, which the note says.",
        }.items(),
        start=1,
    )
)
"""The words that the paper's annotators had (too complex, unsuitable, scan, broken), and some."""
