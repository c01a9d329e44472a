"""What is known of a shard of latents, in a small file beside it.

The manifest is written after its shard, and removed before a shard is written anew: wherever a run
ends, a manifest speaks of a shard that is whole. Index and statistics are made from manifests.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from shards.reader.writing import to_json
from train.encode.moments import Moments
from train.encode.output import OutputFolder
from train.encode.plan import ShardPlan

FOLDER = "manifests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A shard that has been written.

    Attributes:
        digest: of its plan.
        sha256, size: of the file.
        rows: of the index, one per member, without the columns that name the shard.
        moments: by array of `latents.npz`.
    """

    digest: str
    sha256: str
    size: int
    rows: list[dict[str, Any]]
    moments: dict[str, Moments]

    def to_bytes(self) -> bytes:
        """JSON; the same bytes for the same manifest."""
        return to_json(
            {
                "digest": self.digest,
                "sha256": self.sha256,
                "size": self.size,
                "rows": self.rows,
                "moments": {name: each.to_tree() for name, each in self.moments.items()},
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Manifest | None:
        """The inverse of `to_bytes`; None for what is no manifest."""
        try:
            tree = json.loads(data)
            moments = {name: Moments.from_tree(each) for name, each in tree["moments"].items()}
            return cls(**{**tree, "moments": moments})
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


def manifest_name(shard: str) -> str:
    """Where the manifest of a shard lies."""
    return f"{FOLDER}/{shard.removesuffix('.tar')}.json"


def find(folder: OutputFolder, plan: ShardPlan) -> Manifest | None:
    """The manifest of the very shard that is planned, if that shard is there and whole."""
    data = folder.read(manifest_name(plan.shard))
    manifest = None if data is None else Manifest.from_bytes(data)
    if manifest is None or manifest.digest != plan.digest:
        return None
    return manifest if folder.size(plan.shard) == manifest.size else None
