"""Shards: what training reads.

For one object: check that mesh, parts, renders and captions belong together, and that the renders
have what the preset wants; order the parts, and drop or merge the tail; choose views and encode
them; sample points, distances and voxels; describe it all in a json; pack it in a small tar,
`samples/xx/<uid>.tar`. For the data set: put the samples of each split into shards behind one
another, with an index, a card and the attributions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version as package_version
from typing import Any, ClassVar

import numpy as np

from partworks import layout
from partworks.artifacts.captions import Captions
from partworks.artifacts.npz import check_geometry, to_npz
from partworks.artifacts.parts import Parts
from partworks.artifacts.renders import OBJECT, Renders
from partworks.errors import Failed, Rejected
from partworks.geometry.glb import read_glb
from partworks.geometry.mesh import Mesh
from partworks.records import Attempt, Item, Outcome
from partworks.stage import Resources, Stage
from shards import record, tar
from shards.choice import check_rendered, choose_all
from shards.config import ShardsConfig
from shards.dataset import build_dataset
from shards.field.sampling import FieldSamples, sample_field
from shards.grid import sparse_structure
from shards.mesh import sample_mesh
from shards.pictures import Encoder, part_numbers, wireframes
from shards.points import sample_points
from shards.selection import Selection, select_parts
from shards.shape import shape_descriptor
from shards.shelf import leftovers
from shards.statistics import sample_statistics
from shards.surface import Surface
from shards.verification import ShardExamination, packed_keys
from shards.views import ViewSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What earlier stages say of one object."""

    mesh: Mesh
    parts: Parts
    renders: Renders
    captions: Captions


def _place(member: str) -> tuple[int, str]:
    """Where a member stands: json, arrays, pictures.

    An npz is a zip, whose directory comes last, so a tar that ends with one passes for a zip.
    """
    return (member != "json") + (not member.endswith((".npz", "json"))), member


class Shards(Stage[ShardsConfig]):
    """Packs one object into a sample, and all samples into shards."""

    name: ClassVar[str] = "shards"
    version: ClassVar[int] = 4
    needs: ClassVar[tuple[str, ...]] = ("ingest", "annotate", "render", "caption")
    resources: ClassVar[Resources] = Resources(cpus=1.0, memory_mb=2048, deadline_s=300.0)
    reasons: ClassVar[Mapping[str, str]] = {
        "geometry_mismatch": "the part labels were made for another mesh than the object's",
        "parts_mismatch": "renders or captions were made for another number of parts",
        "no_parts": "the object has no part with a surface to sample",
        "not_rendered": "the renders have no views, passes or grids of the kind that the shards "
        "settings want; run the render stage with the preset that the message names",
        "flawed_grid": "a view in the grid of the object's views has a flaw",
        "sample_changed": "a sample on disk is not the one that the ledger knows",
    }

    def process(self, item: Item) -> Outcome:
        """Make the sample of one object."""
        uid, chosen = item.uid, self.config.chosen
        inputs = self._read(uid)
        check_rendered(inputs.renders, chosen)
        surface = Surface(inputs.mesh.vertices, inputs.mesh.faces)
        selection = self._select(uid, inputs, surface)
        views = choose_all(inputs.renders, selection, chosen=chosen)
        images = self._images(inputs, selection, views)
        # A generator for each, so that no setting of the one moves the points of the other.
        for_points, for_field = self.generator(uid).spawn(2)
        points = sample_points(surface, selection, config=chosen.points, generator=for_points)
        field = self._field(surface, selection, for_field)
        arrays = {"points": points, "field": field.arrays if field else {}}
        if chosen.grid.resolution:
            arrays["grid"] = sparse_structure(surface, selection, config=chosen.grid)
        if chosen.mesh:
            arrays["mesh"] = sample_mesh(surface, selection)
        files = {f"{name}.npz": to_npz(group) for name, group in arrays.items() if group}
        content = {
            **self._facts(uid, inputs, selection),
            "cameras": {each.name: each.described() for each in views},
            "shape": shape_descriptor(surface),
            "field": self._signs(field),
            "statistics": sample_statistics(images, points, field.arrays if field else None),
        }
        members = {**images, **files, "json": record.to_json(content)}
        sample = tar.pack({f"{uid}.{name}": members[name] for name in sorted(members, key=_place)})
        metrics = self._metrics(selection, field, sample)
        return Outcome.ok({layout.sample(uid): sample}, metrics=metrics)

    def tools(self) -> Mapping[str, str]:
        """The libraries that the bytes depend on."""
        names = ("numpy", "pillow", "libigl", "point-cloud-utils")
        return {name: package_version(name) for name in names}

    def finish(self, done: Sequence[Attempt]) -> Iterable[tuple[str, bytes | None]]:
        """Put the samples into `shards/`."""
        return build_dataset(done, store=self.store, config=self.config, version=self.version)

    def leftovers(self) -> Iterable[str]:
        """Shards and manifests, also those of a run that was interrupted."""
        return leftovers(self.store)

    def packed(self) -> Collection[str]:
        """The objects in the index of the shards."""
        return packed_keys(self.store)

    def examine(self, done: Sequence[Attempt]) -> ShardExamination:
        """Check the shards against their index and all that they were made from."""
        return ShardExamination(self.store, done)

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

    def _select(self, uid: str, inputs: Inputs, surface: Surface) -> Selection:
        selection = select_parts(
            inputs.mesh,
            inputs.parts.face_labels,
            surface=surface,
            count=inputs.parts.count,
            max_parts=self.config.chosen.max_parts,
            tail=self.config.chosen.tail,
        )
        if not selection.kept:
            raise Rejected(
                "no_parts",
                f"none of the {inputs.parts.count} parts of {uid} has an area; label its "
                "faces in the annotate stage",
            )
        return selection

    def _images(
        self, inputs: Inputs, selection: Selection, views: Sequence[ViewSet]
    ) -> dict[str, bytes]:
        """The pictures of the sample by member, boxes among them."""
        encoder = Encoder(
            renders=inputs.renders,
            numbers=part_numbers(selection, count=inputs.parts.count),
            quality=self.config.webp_quality,
            method=self.config.webp_method,
        )
        images: dict[str, bytes] = {}
        for each in views:
            images |= encoder.encode(each)
            if self.config.chosen.wireframes and each.name == OBJECT:
                images |= wireframes(each, selection)
        return images

    def _field(
        self, surface: Surface, selection: Selection, generator: np.random.Generator
    ) -> FieldSamples | None:
        config = self.config.chosen.field
        if not config.wanted:
            return None
        return sample_field(surface, selection, config=config, generator=generator)

    def _signs(self, field: FieldSamples | None) -> dict[str, Any] | None:
        """How the sign of distances was found for each part, or why it was not."""
        if field is None:
            return None
        truncation = self.config.chosen.field.truncation
        return {"parts": list(field.parts), "object": field.whole, "truncation": truncation}

    def _facts(self, uid: str, inputs: Inputs, selection: Selection) -> dict[str, Any]:
        """What the json of a sample says that comes from earlier stages."""
        return {
            "format": record.FORMAT,
            "uid": uid,
            "preset": self.config.preset,
            **record.provenance(inputs.mesh.extras),
            "geometry_hash": inputs.mesh.geometry_hash,
            "made_by": {
                "parts": inputs.parts.source,
                "captioner": inputs.captions.captioner,
                "renderer": inputs.renders.backend,
            },
            "captions": record.caption_table(inputs.captions),
            "part_count": len(selection.kept),
            **record.part_table(selection, parts=inputs.parts, captions=inputs.captions),
        }

    def _metrics(
        self, selection: Selection, field: FieldSamples | None, sample: bytes
    ) -> dict[str, float | int | str]:
        """Counts for the ledger."""
        return {
            "parts": len(selection.kept),
            "dropped_parts": len(selection.dropped),
            "merged_parts": sum(len(part.labels) for part in selection.kept if part.merged),
            "parts_with_field": int((field.arrays["part_row"] >= 0).sum()) if field else 0,
            "sample_bytes": len(sample),
        }
