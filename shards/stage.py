"""Shards: what training reads.

For one object: check that mesh, parts, renders and captions belong together; order the parts and
drop the tail; sample points on the parts and on the whole; encode views and draw the boxes; pack it
all in a small tar, `samples/xx/<uid>.tar`. For the data set: put the samples of each split into
shards behind one another, with an index, a card and the attributions.

No distances are sampled in this version: a sample's json says `"field": null`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import PIL

from partworks import layout
from partworks.artifacts.captions import Captions
from partworks.artifacts.npz import check_geometry, to_npz
from partworks.artifacts.parts import Parts
from partworks.artifacts.renders import Renders, part_folder
from partworks.errors import Failed, Rejected
from partworks.geometry.boxes import draw_boxes
from partworks.geometry.glb import read_glb
from partworks.geometry.mesh import Mesh
from partworks.records import Attempt, Item, Outcome
from partworks.stage import Resources, Stage
from shards import record, tar
from shards.config import ShardsConfig
from shards.dataset import build_dataset
from shards.selection import Selection, select_parts
from shards.split import split_of
from shards.surface import Surface
from shards.views import ViewSet, choose_views, encode_drawing, encode_view, view_member


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What earlier stages say of one object."""

    mesh: Mesh
    parts: Parts
    renders: Renders
    captions: Captions


class Shards(Stage[ShardsConfig]):
    """Packs one object into a sample, and all samples into shards."""

    name: ClassVar[str] = "shards"
    version: ClassVar[int] = 2
    needs: ClassVar[tuple[str, ...]] = ("ingest", "annotate", "render", "caption")
    resources: ClassVar[Resources] = Resources(cpus=1.0, memory_mb=2048, deadline_s=300.0)
    reasons: ClassVar[Mapping[str, str]] = {
        "geometry_mismatch": "the part labels were made for another mesh than the object's",
        "parts_mismatch": "renders or captions were made for another number of parts",
        "no_parts": "the object has no part with a surface to sample",
        "sample_changed": "a sample on disk is not the one that the ledger knows",
    }

    def process(self, item: Item) -> Outcome:
        """Make the sample of one object."""
        inputs = self._read(item.uid)
        surface = Surface(inputs.mesh.vertices, inputs.mesh.faces)
        selection = select_parts(
            inputs.mesh,
            inputs.parts.face_labels,
            surface=surface,
            count=inputs.parts.count,
            max_parts=self.config.max_parts,
        )
        if not selection.kept:
            raise Rejected(
                "no_parts",
                f"none of the {inputs.parts.count} parts of {item.uid} has an area; label its "
                "faces in the annotate stage",
            )
        views = self._choose_views(inputs.renders, selection)
        files = self._images(inputs.renders, selection, views)
        files["points.npz"] = self._points(item.uid, surface, selection)
        files["json"] = self._json(item.uid, inputs, selection, views)
        sample = tar.pack({f"{item.uid}.{name}": files[name] for name in sorted(files)})
        return Outcome.ok(
            {layout.sample(item.uid): sample},
            metrics={
                "parts": len(selection.kept),
                "dropped_parts": len(selection.dropped),
                "split": split_of(item.uid, self.config.shares),
                "sample_bytes": len(sample),
            },
        )

    def tools(self) -> Mapping[str, str]:
        """The libraries that the bytes depend on."""
        return {"numpy": np.__version__, "pillow": PIL.__version__}

    def finish(self, done: Sequence[Attempt]) -> Iterable[tuple[str, bytes]]:
        """Put the samples into `shards/`."""
        return build_dataset(done, store=self.store, config=self.config, version=self.version)

    def _read(self, uid: str) -> Inputs:
        inputs = Inputs(
            mesh=read_glb(self.store.read(layout.object_glb(uid))),
            parts=Parts.from_bytes(self.store.read(layout.parts(uid))),
            renders=Renders(self.store.read(layout.renders(uid))),
            captions=Captions.from_bytes(self.store.read(layout.captions(uid))),
        )
        parts = inputs.parts
        check_geometry(parts.geometry_hash, inputs.mesh.geometry_hash, what="parts", uid=uid)
        counts = {"render": len(inputs.renders.overlap), "caption": len(inputs.captions.parts)}
        for stage, count in counts.items():
            if count != parts.count:
                raise Failed(
                    "parts_mismatch",
                    f"{uid} has {parts.count} parts, its {stage} output {count}; "
                    f"run the {stage} stage again",
                )
        return inputs

    def _choose_views(self, renders: Renders, selection: Selection) -> dict[str, ViewSet]:
        """The views of a sample by stem: `object`, `part00`, …"""
        views = {"object": choose_views(renders, "object", wanted=self.config.views)}
        for index, part in enumerate(selection.kept):
            folder = part_folder(part.label)
            views[f"part{index:02d}"] = choose_views(renders, folder, wanted=self.config.part_views)
        return views

    def _images(
        self, renders: Renders, selection: Selection, views: Mapping[str, ViewSet]
    ) -> dict[str, bytes]:
        quality, method = self.config.webp_quality, self.config.webp_method
        images = {}
        for stem, chosen in views.items():
            for index, path in enumerate(chosen.paths):
                png = renders.read(path)
                images[view_member(stem, index)] = encode_view(png, quality=quality, method=method)
        boxes = np.stack([part.box for part in selection.kept])
        for index, camera in enumerate(views["object"].cameras):
            images[view_member("boxes", index)] = encode_drawing(draw_boxes(boxes, camera))
        return images

    def _points(self, uid: str, surface: Surface, selection: Selection) -> bytes:
        """`points.npz`: the object first, so that its points stay when `max_parts` changes."""
        generator = self.generator(uid)
        every = np.arange(len(surface.areas))
        whole = surface.sample(every, count=self.config.object_points, generator=generator)
        parts = [
            surface.sample(part.faces, count=self.config.part_points, generator=generator)
            for part in selection.kept
        ]
        boxes = np.stack([part.box for part in selection.kept]).astype(np.float32)
        return to_npz({"part_surface": np.stack(parts), "object_surface": whole, "part_box": boxes})

    def _json(
        self, uid: str, inputs: Inputs, selection: Selection, views: Mapping[str, ViewSet]
    ) -> bytes:
        content: dict[str, Any] = {
            "format": record.FORMAT,
            "uid": uid,
            "split": split_of(uid, self.config.shares),
            **record.provenance(inputs.mesh.extras),
            "geometry_hash": inputs.mesh.geometry_hash,
            "made_by": {
                "parts": inputs.parts.source,
                "captioner": inputs.captions.captioner,
                "renderer": inputs.renders.backend,
            },
            "captions": record.caption_table(inputs.captions),
            **record.part_table(selection, parts=inputs.parts, captions=inputs.captions),
            "cameras": {stem: chosen.renamed(stem) for stem, chosen in views.items()},
            "field": None,
        }
        return record.to_json(content)
