"""Segment: the object's faces fall into many small segments, with a tree that says how to merge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from partworks import layout
from partworks.geometry.glb import read_glb
from partworks.records import Item, Outcome
from partworks.stage import Resources, Stage
from segment.config import SegmentConfig
from segment.segmenter import segment_mesh


class Segment(Stage[SegmentConfig]):
    """Reads the object, leaves its over-segmentation.

    Cuts where the asset itself does: connected shells, materials, nodes, creases. It would rather
    cut too often than let a segment straddle two parts: merging is one click, splitting is work.
    """

    name: ClassVar[str] = "segment"
    version: ClassVar[int] = 1
    needs: ClassVar[tuple[str, ...]] = ("ingest",)
    resources: ClassVar[Resources] = Resources(memory_mb=6144, deadline_s=300.0)
    reasons: ClassVar[Mapping[str, str]] = {}

    def process(self, item: Item) -> Outcome:
        """Segment one object."""
        mesh = read_glb(self.store.read(layout.object_glb(item.uid)))
        segments = segment_mesh(mesh, config=self.config, generator=self.generator(item.uid))
        return Outcome.ok(
            {layout.segments(item.uid): segments.to_bytes()},
            metrics={"segments": segments.count, "segmenter": segments.method},
        )
