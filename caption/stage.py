"""Caption: a name, a short and a long text for the object and for each part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from caption.captioner import Captioner, Subject
from caption.config import CaptionConfig
from caption.template import TemplateCaptioner
from partworks import layout
from partworks.artifacts.npz import check_geometry
from partworks.artifacts.parts import Parts
from partworks.artifacts.renders import Renders
from partworks.errors import Failed
from partworks.geometry.glb import read_glb
from partworks.records import Item, Outcome
from partworks.stage import Resources, Stage

CAPTIONERS = {"template": TemplateCaptioner}


class Caption(Stage[CaptionConfig]):
    """Reads the object, its parts and its renders, leaves their captions.

    The captions say who wrote them, so that a template's never pass for a model's.
    """

    name: ClassVar[str] = "caption"
    version: ClassVar[int] = 1
    needs: ClassVar[tuple[str, ...]] = ("ingest", "annotate", "render")
    resources: ClassVar[Resources] = Resources(memory_mb=4096, deadline_s=300.0)
    reasons: ClassVar[Mapping[str, str]] = {
        "geometry_mismatch": "The parts were made for another version of the object.",
        "stale_renders": "The renders show another number of parts than there are.",
    }

    _captioner: Captioner

    def open(self) -> None:
        """Make the captioner."""
        self._captioner = CAPTIONERS[self.config.captioner](
            samples=self.config.samples, max_words=self.config.max_words
        )

    def process(self, item: Item) -> Outcome:
        """Caption one object."""
        subject = self._read(item.uid)
        captions = self._captioner.caption(subject, generator=self.generator(item.uid))
        hidden = sum(not any(pixels) for pixels in subject.visible_pixels)
        return Outcome.ok(
            {layout.captions(item.uid): captions.to_bytes()},
            metrics={
                "captioner": captions.captioner,
                "hidden_parts": hidden,
                "tokens": captions.tokens,
            },
            cost=captions.cost,
        )

    def _read(self, uid: str) -> Subject:
        mesh = read_glb(self.store.read(layout.object_glb(uid)))
        parts = Parts.from_bytes(self.store.read(layout.parts(uid)))
        check_geometry(parts.geometry_hash, mesh.geometry_hash, what="parts", uid=uid)
        renders = Renders(self.store.read(layout.renders(uid)))
        if len(renders.overlap) != parts.count:
            raise Failed(
                "stale_renders",
                f"the renders of {uid} show {len(renders.overlap)} parts, it has {parts.count}; "
                "run the render stage again",
            )
        return Subject(uid=uid, mesh=mesh, parts=parts, renders=renders)
