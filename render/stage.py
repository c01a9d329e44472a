"""Render: views of the object and of each part, and where in them each part is seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from partworks import layout
from partworks.artifacts.npz import check_geometry
from partworks.artifacts.parts import Parts
from partworks.geometry.glb import read_glb
from partworks.geometry.mesh import Mesh
from partworks.records import Item, Outcome
from partworks.stage import Resources, Stage
from render.backend import Backend
from render.checks import REASONS
from render.choice import make_backend
from render.config import RenderConfig
from render.session import Session
from render.subject import make_subjects


class Render(Stage[RenderConfig]):
    """Reads the object and its parts, leaves one zip of pictures.

    Looks at the object from its cameras with rays, which gives passes and overlap; has the backend
    take the colour pictures of the object and of each part; cuts parts out of the object's views;
    checks every picture; then packs everything.
    """

    name: ClassVar[str] = "render"
    version: ClassVar[int] = 2
    needs: ClassVar[tuple[str, ...]] = ("ingest", "annotate")
    # Blender has a deadline for each view; this one covers an object of hundreds of parts.
    resources: ClassVar[Resources] = Resources(memory_mb=6144, deadline_s=7200.0)
    reasons: ClassVar[Mapping[str, str]] = {
        **dict(REASONS.values()),
        "geometry_mismatch": "The parts were made for another version of the object.",
        "blender_crashed": "Blender's process died at this object.",
        "blender_hung": "Blender took longer for a view than `view_deadline_s`, and was ended.",
        "blender_memory": "Blender needed more memory than `memory_mb`, and was ended.",
        "blender_error": "Blender refused the object with an error of its own.",
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
        rigs = self.config.chosen.rigs
        subjects = make_subjects(mesh, parts, rigs, generator=self.generator(item.uid))
        session = Session(item.uid, mesh, parts, subjects, config=self.config)
        session.look()
        session.photograph(self._backend)
        session.cut_out()
        overlaps = session.overlaps()
        data = session.album.pack(overlaps, backend=self._backend.name)
        return Outcome.ok(
            {layout.renders(item.uid): data},
            metrics={**session.metrics(overlaps), "backend": self._backend.name},
        )

    def _read(self, uid: str) -> tuple[Mesh, Parts]:
        mesh = read_glb(self.store.read(layout.object_glb(uid)))
        parts = Parts.from_bytes(self.store.read(layout.parts(uid)))
        check_geometry(parts.geometry_hash, mesh.geometry_hash, what="parts", uid=uid)
        return mesh, parts
