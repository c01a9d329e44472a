"""Why a sample is not what it was: what two versions of its json say, and which members differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

REASONS = {
    "geometry": "the object's mesh is another one",
    "parts": "other faces, names or an other order of the parts",
    "captions": "other words for the object or its parts",
    "views": "other pictures or cameras",
    "points": "other points on the same surface",
    "field": "other distances of the same surface, or other trust in their sign",
    "grid": "other voxels of the same surface",
    "mesh": "the same surface with other triangles, or the triangles came or went",
    "split": "moved to another split",
    "family": "belongs to another family",
    "licence": "another licence, author or attribution",
    "source": "another name or place at its source",
    "makers": "made by another tool, model or reviewer",
    "format": "the json is of another format",
    "measures": "other facts are measured of the same object",
}
"""Every reason that a change may have, with what it means; causes stand before what follows."""

_OF_THE_JSON = {
    "geometry_hash": "geometry",
    "to_source": "geometry",
    "dropped_parts": "parts",
    "part_count": "parts",
    "captions": "captions",
    "cameras": "views",
    "field": "field",
    "split": "split",
    "family": "family",
    "licence": "licence",
    "attribution": "licence",
    "creator": "licence",
    "creator_url": "licence",
    "name": "source",
    "source": "source",
    "location": "source",
    "link": "source",
    "categories": "source",
    "tags": "source",
    "made_by": "makers",
    "format": "format",
}
"""Entry of a sample's json -> what it means that it differs; of any other, `measures`."""

_OF_MEMBERS = {
    "points.npz": "points",
    "field.npz": "field",
    "grid.npz": "grid",
    "mesh.npz": "mesh",
}
_OF_A_PART = ("label", "labels", "name", "merged", "face_count")
_FOLLOW = frozenset({"views", "points", "field", "grid", "mesh", "measures"})
_CAUSES = frozenset({"geometry", "parts"})


def reasons(
    old: Mapping[str, Any], new: Mapping[str, Any], *, members: Iterable[str]
) -> tuple[str, ...]:
    """Why a sample changed, in the order of `REASONS`.

    Where the mesh or the parts are others, so are pictures, points and distances; those are named
    only where they changed by themselves.

    Args:
        old, new: the json of both versions.
        members: those that were added, removed or changed, without the key.
    """
    found = {*_json_reasons(old, new), *_part_reasons(old, new), *_member_reasons(members)}
    if found & _CAUSES:
        found -= _FOLLOW
    return tuple(reason for reason in REASONS if reason in found)


def _json_reasons(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key in {*old, *new} - {"parts"}:
        if old.get(key) != new.get(key):
            yield _OF_THE_JSON.get(key, "measures")


def _part_reasons(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """A part's words are captions; what is measured of it follows from its faces."""
    before, after = old.get("parts") or [], new.get("parts") or []
    if len(before) != len(after):
        yield "parts"
    for first, second in zip(before, after, strict=False):
        for key in {*first, *second}:
            if first.get(key) == second.get(key):
                continue
            if key.startswith("caption_"):
                yield "captions"
            else:
                yield "parts" if key in _OF_A_PART else "measures"


def _member_reasons(members: Iterable[str]) -> Iterator[str]:
    for member in members:
        if member in _OF_MEMBERS:
            yield _OF_MEMBERS[member]
        elif member.endswith((".webp", ".png")):
            yield "views"
