"""The json of a sample: where the object comes from, what is said of it, its parts, its cameras."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from partworks.artifacts.captions import Caption, Captions
from partworks.artifacts.parts import Parts
from partworks.geometry.boxes import part_color
from shards.reader.writing import to_json
from shards.selection import REST, SamplePart, Selection

__all__ = ["FORMAT", "caption_table", "part_table", "provenance", "to_json"]

FORMAT = 2
"""Raised when a reader of the json must know."""

_PROVENANCE = {
    "name": "",
    "source": "",
    "licence": "unknown",
    "attribution": "",
    "location": "",
    "link": "",
    "creator_url": "",
}
_LISTS = ("categories", "tags")


def provenance(extras: Mapping[str, Any]) -> dict[str, Any]:
    """What an object's GLB says of where it comes from, with the transform back to its source.

    Where no creator is named, the attribution stands for it: an object's series has the same one.
    """
    known = {key: extras.get(key, default) for key, default in _PROVENANCE.items()}
    creator = extras.get("creator") or known["attribution"]
    lists = {key: list(extras.get(key) or ()) for key in _LISTS}
    return {**known, **lists, "creator": creator, "to_source": extras.get("to_source")}


def part_table(
    selection: Selection, *, parts: Parts, captions: Captions
) -> dict[str, list[dict[str, Any]]]:
    """The per-part table in sample order, and the parts that were left out."""
    kept = [
        _part_row(part, index=index, parts=parts, captions=captions)
        for index, part in enumerate(selection.kept)
    ]
    dropped = [
        {"label": label, "name": parts.part_names[label], "reason": reason}
        for label, reason in selection.dropped.items()
    ]
    return {"parts": kept, "dropped_parts": dropped}


def _part_row(part: SamplePart, *, index: int, parts: Parts, captions: Captions) -> dict[str, Any]:
    names = [parts.part_names[label] for label in part.labels]
    caption = _caption(part, captions)
    return {
        "index": index,
        "labels": list(part.labels),
        "name": REST if part.merged else names[0],
        "merged": names if part.merged else [],
        "caption_name": caption.name,
        "caption_short": caption.short,
        "caption_long": caption.long,
        "caption_source": caption.source,
        "caption_flags": list(caption.flags),
        "box_min": part.box[0].tolist(),
        "box_max": part.box[1].tolist(),
        "center": part.center.tolist(),
        "scale": part.scale,
        # Nine digits, because the last bits of a sum depend on the processor's vector width.
        "area": float(f"{part.area:.9g}"),
        "level": part.level,
        "face_count": len(part.faces),
        "watertight": part.watertight,
        "color": list(part_color(index)),
    }


def _caption(part: SamplePart, captions: Captions) -> Caption:
    """Nobody described the parts of a merged tail together: it has a name and no sentences."""
    if part.merged:
        return Caption(name=REST, short="", long="")
    return captions.parts[part.labels[0]]


def caption_table(captions: Captions) -> dict[str, Any]:
    """The object's captions, with shorter versions of them, and what made them."""
    words = {key: value for key, value in asdict(captions.whole).items() if key != "request"}
    keys = ("captioner", "model", "prompt_hash", "variants", "verified")
    return {**words, **{key: getattr(captions, key) for key in keys}}
