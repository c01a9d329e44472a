"""All files of one PartVerse object as one: its source bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ingest.archive import ArchiveLimits, read_members
from ingest.sources.bundle import pack
from partworks.errors import Rejected

WHOLE = "whole.glb"
SEGMENTED = "segmented.glb"
LABELS = "face2label.json"
CAPTIONS = "captions.json"
FACTS = "partworks.json"

_PART = re.compile(r"parts/(0|[1-9]\d{0,8})\.glb")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The files of one object, as they were found; None where one is missing.

    Attributes:
        whole: the textured object. `segmented`: the mesh that the labels count the faces of.
        labels: `face2label.json`.
        parts: part number -> its GLB.
        captions: the object's entry in `text_captions.json`, as JSON.
        facts: what Partworks adds; see `partworks.partverse.facts`.
    """

    whole: bytes | None = None
    segmented: bytes | None = None
    labels: bytes | None = None
    parts: Mapping[int, bytes]
    captions: bytes | None = None
    facts: bytes | None = None

    def to_bytes(self) -> bytes:
        """A stored zip; equal files give equal bytes."""
        named = {
            WHOLE: self.whole,
            SEGMENTED: self.segmented,
            LABELS: self.labels,
            CAPTIONS: self.captions,
            FACTS: self.facts,
            **{f"parts/{number}.glb": data for number, data in self.parts.items()},
        }
        return pack({name: data for name, data in named.items() if data is not None})

    @classmethod
    def from_bytes(cls, data: bytes, limits: ArchiveLimits) -> Bundle:
        """The inverse of `to_bytes`; Rejected with the reasons of `ingest.archive`."""
        members = read_members(data, limits)
        return cls(
            whole=members.get(WHOLE),
            segmented=members.get(SEGMENTED),
            labels=members.get(LABELS),
            parts={
                int(found[1]): content
                for name, content in sorted(members.items())
                if (found := _PART.fullmatch(name))
            },
            captions=members.get(CAPTIONS),
            facts=members.get(FACTS),
        )


def parsed(data: bytes, *, reason: str, what: str) -> Any:
    """The JSON of a file; Rejected with `reason` if it is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Rejected(reason, f"{what} is no JSON: {error}") from error
