"""Caption: a name, a short and a long text for the object and for each part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from caption.captioner import Captioner
from caption.checks.everything import check, is_doubtful
from caption.config import CaptionConfig
from caption.edits import REASONS as EDIT_REASONS
from caption.edits import apply_edits, read_edits, read_given
from caption.facts import observe
from caption.subject import Subject
from caption.template import TemplateCaptioner
from caption.views import Views
from caption.vlm.reasons import HALTING as VLM_HALTING
from caption.vlm.reasons import REASONS as VLM_REASONS
from caption.writing import Written, write_captions
from partworks import layout
from partworks.artifacts.caption_edits import edit_digests
from partworks.artifacts.captions import Captions
from partworks.artifacts.npz import check_geometry
from partworks.artifacts.parts import Parts
from partworks.artifacts.renders import Renders
from partworks.errors import Failed
from partworks.geometry.glb import read_glb
from partworks.outside import Voluntary, joined
from partworks.records import Item, Outcome
from partworks.stage import Resources, Stage
from partworks.store import Store


class Caption(Stage[CaptionConfig]):
    """Reads the object, its parts and its renders, leaves their captions.

    Captions that came with the asset stand before generated ones, and what a reviewer has written
    before both. Each caption says who wrote it, so that a template's never pass for a model's.
    """

    name: ClassVar[str] = "caption"
    version: ClassVar[int] = 2
    needs: ClassVar[tuple[str, ...]] = ("ingest", "annotate", "render")
    resources: ClassVar[Resources] = Resources(memory_mb=4096, deadline_s=1800.0)
    reasons: ClassVar[Mapping[str, str]] = {
        "geometry_mismatch": "The parts were made for another version of the object.",
        "stale_renders": "The renders show another number of parts than there are.",
        "no_pictures": "A model is to look at the object, and the renders hold no view of it.",
        **EDIT_REASONS,
        **VLM_REASONS,
    }

    halting: ClassVar[frozenset[str]] = VLM_HALTING

    _captioner: Captioner

    @classmethod
    def outside(cls, settings: Mapping[str, Any], *, store: Store) -> Mapping[str, str] | None:
        """Texts of reviewers, which no object waits for, and answers that come with batches."""
        edits = Voluntary(edit_digests(store))
        if settings.get("captioner") != "vlm":
            return edits
        from caption.vlm.batches import entering

        waits = settings.get("vlm", {}).get("mode") == "batch"
        return joined([edits, entering(store, waits=waits)])

    @classmethod
    def rehearsal(cls, config: CaptionConfig) -> CaptionConfig:
        """The same, with nobody asked and nothing paid."""
        return replace(config, vlm=replace(config.vlm, mode="rehearse"))

    def open(self) -> None:
        """Make the captioner."""
        if self.config.captioner == "template":
            self._captioner = TemplateCaptioner(max_words=self.config.max_words)
            return
        from caption.vlm.captioner import VlmCaptioner

        self._captioner = VlmCaptioner(
            self.config.vlm, store=self.store, max_words=self.config.max_words
        )

    def process(self, item: Item) -> Outcome:
        """Caption one object."""
        subject = self._read(item.uid)
        edits = read_edits(self.store, item.uid, outside=item.outside)
        written, hidden = self._write(subject)
        captions, stale = written.captions, 0
        if edits is not None:
            captions, stale = apply_edits(captions, edits, subject)
        return Outcome.ok(
            {layout.captions(item.uid): captions.to_bytes()},
            metrics={
                **_metrics(captions),
                "hidden_parts": hidden,
                **({"stale_edits": stale} if stale else {}),
            },
            cost=self._captioner.paid if written.asked else 0.0,
        )

    def _write(self, subject: Subject) -> tuple[Written, int]:
        """The checked captions of an object, and how many of its parts are hidden."""
        generator = self.generator(subject.uid)
        facts = observe(subject, samples=self.config.samples, generator=generator)
        views = Views(subject.renders)
        written = write_captions(
            facts,
            views=views,
            given=read_given(self.store, subject),
            captioner=self._captioner,
            config=self.config,
        )
        captions = check(
            written.captions,
            facts,
            views=views,
            source=self._captioner.name,
            max_words=self.config.max_words,
        )
        return replace(written, captions=captions), sum(part.hidden for part in facts.parts)

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


def _metrics(captions: Captions) -> dict[str, float | int | str]:
    """Who wrote the captions, and how many there are, how many in doubt, edited or given."""
    told = [caption for caption in captions.everything if caption.short]
    edited = sum(caption.source == "reviewer" for caption in told)
    return {
        "captioner": captions.captioner,
        "tokens": captions.tokens,
        "captions": len(told),
        "flagged_captions": sum(map(is_doubtful, told)),
        **({"edited_captions": edited} if edited else {}),
    }
