"""What an object brings along that PartVerse's layout has no place for: names, licence, authors.

It lies in a file of its own beside the annotations, which readers of PartVerse pass over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FORMAT = 1

ORIGIN = (
    "name", "licence", "attribution", "creator", "creator_url", "link", "categories", "tags",
)  # fmt: skip
"""Entries of an object's extras that go along with it."""

LONGEST = 2000
"""Letters of a name at the most; more is no name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The content of `<uid>_partworks.json`.

    Attributes:
        geometry_hash: of the object.
        part_names: a name for each part, in the order of part numbers.
        part_source: who made the parts: `auto`, reviewers, `partverse`.
        captions: the captions of object and parts as Partworks keeps them, None without any.
        origin: of `ORIGIN`: where the object comes from and who may do what with it.
    """

    geometry_hash: str
    part_names: tuple[str, ...]
    part_source: str
    captions: Mapping[str, Any] | None = None
    origin: Mapping[str, Any] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """UTF-8 JSON with sorted keys."""
        table = {
            "format": FORMAT,
            "geometry_hash": self.geometry_hash,
            "part_names": list(self.part_names),
            "part_source": self.part_source,
            "captions": self.captions,
            "origin": dict(self.origin),
        }
        return (json.dumps(table, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Facts:
        """The inverse of `to_bytes`; ValueError, saying what is wrong, for anything else."""
        try:
            table = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"it is no JSON: {error}") from error
        if not isinstance(table, dict) or table.get("format") != FORMAT:
            raise ValueError(f"expected a JSON object with format {FORMAT}")
        names, captions, origin = (table.get(key) for key in ("part_names", "captions", "origin"))
        if not (_texts(names) and _texts([table.get("geometry_hash"), table.get("part_source")])):
            raise ValueError("geometry_hash, part_source and part_names must be short texts")
        if not isinstance(origin, dict) or not isinstance(captions, dict | None):
            raise ValueError("origin and captions must be JSON objects")
        return cls(
            geometry_hash=table["geometry_hash"],
            part_names=tuple(table["part_names"]),
            part_source=table["part_source"],
            captions=captions,
            origin={name: value for name, value in origin.items() if _fits(name, value)},
        )


def _fits(name: str, value: Any) -> bool:
    """Whether an entry of `origin` is of the kind that it has to be."""
    listed = name in ("categories", "tags")
    return name in ORIGIN and (_texts(value) if listed else _texts([value]))


def _texts(values: Any) -> bool:
    return isinstance(values, list) and all(
        isinstance(value, str) and len(value) <= LONGEST for value in values
    )


def origin_of(extras: Mapping[str, Any]) -> dict[str, Any]:
    """What an object's GLB says of where it comes from."""
    return {name: extras[name] for name in ORIGIN if extras.get(name)}
