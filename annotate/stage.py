"""Annotate: segments become named parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import zip_longest
from typing import Any, ClassVar

import numpy as np

from annotate.accept import accept
from annotate.config import AnnotateConfig
from annotate.decide import decide
from annotate.exchange.decided import Decided, current_digests, digest_of
from annotate.holes import holes_at_cuts
from annotate.names import part_names
from annotate.reject_reasons import REASONS
from partworks import layout
from partworks.artifacts.npz import check_geometry
from partworks.artifacts.parts import Parts
from partworks.artifacts.segments import Segments
from partworks.errors import Failed
from partworks.geometry.glb import read_glb
from partworks.geometry.mesh import Mesh
from partworks.geometry.submesh import write_parts_glb
from partworks.records import Item, Outcome
from partworks.stage import Resources, Stage
from partworks.store import Store


class Annotate(Stage[AnnotateConfig]):
    """Reads the object and its segments, leaves labels of parts and one textured mesh per part.

    Without a reviewer the parts that came with the asset are taken as they are, and say who made
    them; where none came, the merge tree is cut where parts usually end, and the result says
    `auto`. In mode `artist` the nodes of the asset's file come before the merge tree.
    In mode `review` it reads the decision on the object, and the result names the reviewers; an
    object without a decision waits. An object that is one part stays: it is for the shards to
    decide whether they want it.
    """

    name: ClassVar[str] = "annotate"
    version: ClassVar[int] = 2
    needs: ClassVar[tuple[str, ...]] = ("ingest", "segment")
    resources: ClassVar[Resources] = Resources(memory_mb=6144, deadline_s=300.0)
    reasons: ClassVar[Mapping[str, str]] = {
        "geometry_mismatch": "The segments were made for another version of the object.",
        "decision_changed": "The decision was exported anew while the run was under way.",
        "decision_mismatch": "The operations of the decision do not fit the segments.",
        "needs_better_atoms": "A reviewer found the segments too coarse or wrong to work with.",
        "cannot_decide": "A reviewer could not tell what the parts are.",
        "no_parts": "A reviewer dropped every part.",
        **{reason.code: f"A reviewer said: {reason.text}" for reason in REASONS},
    }

    @classmethod
    def outside(cls, settings: Mapping[str, Any], *, store: Store) -> Mapping[str, str] | None:
        """Decisions on the segments that are there now, in mode `review`."""
        return current_digests(store) if settings.get("mode") == "review" else None

    def process(self, item: Item) -> Outcome:
        """Accept the parts of one object, or make those that were decided."""
        mesh = read_glb(self.store.read(layout.object_glb(item.uid)))
        segments = Segments.from_bytes(self.store.read(layout.segments(item.uid)))
        check_geometry(segments.geometry_hash, mesh.geometry_hash, what="segments", uid=item.uid)
        generator = self.generator(item.uid)
        if self.config.mode != "review":
            for annotator, path in self._known(item.uid):
                if self.store.exists(path):
                    known = self._named(item.uid, mesh, path, generator=generator)
                    return _outcome(item.uid, mesh, known, annotator=annotator)
            parts = accept(mesh, segments, config=self.config, generator=generator)
            return _outcome(item.uid, mesh, parts, annotator="auto")
        decided = self._decision(item, mesh)
        parts = decide(mesh, segments, decided=decided, generator=generator)
        return _outcome(
            item.uid, mesh, parts, annotator="review", operations=len(decided.operations)
        )

    def _known(self, uid: str) -> Iterator[tuple[str, str]]:
        """Who may have made parts that ingest brought in, and where they would be."""
        yield "given", layout.given_parts(uid)
        if self.config.mode == "artist":
            yield "artist", layout.artist_parts(uid)

    def _named(self, uid: str, mesh: Mesh, path: str, *, generator: np.random.Generator) -> Parts:
        """The parts that came with the asset, as they are; those without a name get one."""
        parts = Parts.from_bytes(self.store.read(path))
        check_geometry(parts.geometry_hash, mesh.geometry_hash, what=f"labels in {path}", uid=uid)
        if all(parts.part_names):
            return parts
        guessed = part_names(mesh, parts.face_labels, generator=generator)
        names = (
            given or guess
            for given, guess in zip_longest(parts.part_names, guessed, fillvalue="part")
        )
        return replace(parts, part_names=tuple(names))

    def _decision(self, item: Item, mesh: Mesh) -> Decided:
        """The decision that the run was started with."""
        data = self.store.read(layout.decision(item.uid))
        if digest_of(data) != item.outside:
            path, wanted = layout.decision(item.uid), item.outside[:12]
            raise Failed("decision_changed", f"{path} is not what {wanted} stands for; run again")
        decided = Decided.from_bytes(data)
        check_geometry(decided.geometry_hash, mesh.geometry_hash, what="decision", uid=item.uid)
        return decided


def _outcome(uid: str, mesh: Mesh, parts: Parts, **metrics: int | str) -> Outcome:
    holes = holes_at_cuts(mesh, parts.face_labels)
    dropped = int((parts.face_labels < 0).sum())
    return Outcome.ok(
        {
            layout.parts(uid): parts.to_bytes(),
            layout.parts_glb(uid): write_parts_glb(mesh, parts.face_labels, parts.part_names),
        },
        metrics={
            "parts": parts.count,
            **metrics,
            "holes_at_cuts": holes.count,
            "parts_with_holes": holes.parts,
            **({"dropped_faces": dropped} if dropped else {}),
        },
    )
