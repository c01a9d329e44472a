"""Segment: the object's faces fall into many small segments, with a tree that says how to merge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from partworks import layout
from partworks.geometry.glb import read_glb
from partworks.records import Item, Outcome
from partworks.stage import Resources, Stage
from segment.config import SegmentConfig
from segment.proposers.base import Proposer
from segment.proposers.choice import make_proposer
from segment.segmenter import segment_mesh


class Segment(Stage[SegmentConfig]):
    """Reads the object, leaves its over-segmentation.

    Cuts where the asset itself does: connected shells, materials, nodes, creases; and where masks
    of its views end, if a method that finds masks is chosen. It would rather cut too often than let
    a segment straddle two parts: merging is one click, splitting is work.
    """

    name: ClassVar[str] = "segment"
    version: ClassVar[int] = 3
    needs: ClassVar[tuple[str, ...]] = ("ingest",)
    resources: ClassVar[Resources] = Resources(memory_mb=6144, deadline_s=300.0)
    reasons: ClassVar[Mapping[str, str]] = {}

    _proposer: Proposer | None

    def open(self) -> None:
        """Load the model, if the method has one."""
        self._proposer = make_proposer(self.config)

    def process(self, item: Item) -> Outcome:
        """Segment one object."""
        mesh = read_glb(self.store.read(layout.object_glb(item.uid)))
        segments = segment_mesh(
            mesh,
            config=self.config,
            generator=self.generator(item.uid),
            proposer=self._proposer,
        )
        return Outcome.ok(
            {layout.segments(item.uid): segments.to_bytes()},
            metrics={"segments": segments.count, "segmenter": segments.method},
        )
