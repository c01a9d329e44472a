"""Render: views of the object and of each part, and where in them each part is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from partworks import layout
from partworks.artifacts.npz import check_geometry
from partworks.artifacts.parts import Parts
from partworks.artifacts.renders import pack, view_name
from partworks.errors import Rejected
from partworks.geometry.cameras import transforms_table
from partworks.geometry.glb import read_glb
from partworks.geometry.mesh import Mesh
from partworks.records import Item, Outcome
from partworks.stage import Resources, Stage
from render.backend import Backend, Picture
from render.choice import make_backend
from render.config import RenderConfig
from render.overlap import measure_overlap
from render.packing import encode_json, encode_png
from render.passes import depth_scale, encode_passes, look, part_image
from render.subject import Subject, each_part, whole_object


class Render(Stage[RenderConfig]):
    """Reads the object and its parts, leaves one zip of pictures.

    Looks at the object from its cameras with rays, which gives passes and overlap; then has the
    backend take the colour pictures of the object and of each part; then packs everything.
    """

    name: ClassVar[str] = "render"
    version: ClassVar[int] = 1
    needs: ClassVar[tuple[str, ...]] = ("ingest", "annotate")
    resources: ClassVar[Resources] = Resources(memory_mb=6144, deadline_s=900.0, recycle_after=20)
    reasons: ClassVar[Mapping[str, str]] = {
        "blank_render": "no view of the object shows anything; its materials may be invisible",
        "geometry_mismatch": "the parts were made for another version of the object",
    }

    _backend: Backend

    def open(self) -> None:
        """Start the backend."""
        self._backend = make_backend(self.config, seed=self.seed)

    def tools(self) -> Mapping[str, str]:
        """Versions of what decides the pixels."""
        return self._backend.tools()

    def process(self, item: Item) -> Outcome:
        """Render one object."""
        mesh, parts = self._read(item.uid)
        generator = self.generator(item.uid)
        whole = whole_object(mesh, config=self.config, generator=generator)
        subjects = [whole, *each_part(mesh, parts, config=self.config, generator=generator)]

        seen = look(mesh, whole.cameras, layers=self.config.layers)
        part_images = [part_image(view, parts) for view in seen]
        overlap = measure_overlap(part_images, parts.count)
        scale = depth_scale(seen)
        members = encode_passes(whole, seen, part_images, config=self.config, scale=scale)

        blank = 0
        for subject, pictures in self._backend.photograph(mesh, parts, subjects):
            blank += _count_blank(pictures)
            if subject is whole:
                _refuse_blank(item.uid, pictures)
            members |= _colour_members(subject, pictures)
            extra = {"depth_scale": scale} if subject is whole else {}
            members |= _cameras_member(subject, **extra)

        data = pack(members, overlap=tuple(overlap), backend=self._backend.name)
        return Outcome.ok(
            {layout.renders(item.uid): data},
            metrics={
                "backend": self._backend.name,
                "views": sum(len(subject.cameras) for subject in subjects),
                "blank_views": blank,
                "hidden_parts": sum(part.best_view < 0 for part in overlap),
            },
        )

    def _read(self, uid: str) -> tuple[Mesh, Parts]:
        mesh = read_glb(self.store.read(layout.object_glb(uid)))
        parts = Parts.from_bytes(self.store.read(layout.parts(uid)))
        check_geometry(parts.geometry_hash, mesh.geometry_hash, what="parts", uid=uid)
        return mesh, parts


def _count_blank(pictures: Sequence[Picture]) -> int:
    return sum(not picture[..., 3].any() for picture in pictures)


def _refuse_blank(uid: str, pictures: Sequence[Picture]) -> None:
    if _count_blank(pictures) == len(pictures):
        raise Rejected(
            "blank_render",
            f"all {len(pictures)} views of {uid} are fully transparent; look at the alpha of its "
            "materials",
        )


def _colour_members(subject: Subject, pictures: Sequence[Picture]) -> dict[str, bytes]:
    return {
        view_name(subject.folder, view): encode_png(picture)
        for view, picture in enumerate(pictures)
    }


def _cameras_member(subject: Subject, **extra: float) -> dict[str, bytes]:
    paths = [view_name(subject.folder, view) for view in range(len(subject.cameras))]
    table = transforms_table(
        subject.own_cameras(),
        paths,
        center=np.asarray(subject.center).tolist(),
        scale=subject.scale,
        **extra,
    )
    return {f"{subject.folder}/transforms.json": encode_json(table)}
