"""Annotate: segments become named parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from annotate.accept import accept
from annotate.config import AnnotateConfig
from partworks import layout
from partworks.artifacts.npz import check_geometry
from partworks.artifacts.segments import Segments
from partworks.geometry.glb import read_glb
from partworks.geometry.submesh import write_parts_glb
from partworks.records import Item, Outcome
from partworks.stage import Resources, Stage


class Annotate(Stage[AnnotateConfig]):
    """Reads the object and its segments, leaves labels of parts and one textured mesh per part.

    Without a reviewer the merge tree is cut where parts usually end, and the result says `auto`.
    An object that is one part stays: it is for the shards to decide whether they want it.
    """

    name: ClassVar[str] = "annotate"
    version: ClassVar[int] = 2
    needs: ClassVar[tuple[str, ...]] = ("ingest", "segment")
    resources: ClassVar[Resources] = Resources(memory_mb=6144, deadline_s=300.0)
    reasons: ClassVar[Mapping[str, str]] = {
        "geometry_mismatch": "The segments were made for another version of the object.",
    }

    def process(self, item: Item) -> Outcome:
        """Accept the parts of one object."""
        mesh = read_glb(self.store.read(layout.object_glb(item.uid)))
        segments = Segments.from_bytes(self.store.read(layout.segments(item.uid)))
        check_geometry(segments.geometry_hash, mesh.geometry_hash, what="segments", uid=item.uid)
        parts = accept(mesh, segments, config=self.config, generator=self.generator(item.uid))
        return Outcome.ok(
            {
                layout.parts(item.uid): parts.to_bytes(),
                layout.parts_glb(item.uid): write_parts_glb(
                    mesh, parts.face_labels, parts.part_names
                ),
            },
            metrics={"parts": parts.count, "annotator": parts.source},
        )
