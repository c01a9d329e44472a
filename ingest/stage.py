"""Ingest: the source bytes are fetched and kept, decoded, judged and put into the object frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version as package_version
from typing import Any, ClassVar

import numpy as np

from ingest import archive, checks
from ingest.config import IngestConfig
from ingest.normalise import Float64, normalise
from ingest.samples import build_sample
from ingest.sources import fetch
from partworks import layout
from partworks.artifacts.parts import Parts
from partworks.errors import Rejected
from partworks.geometry import load
from partworks.geometry.glb import write_glb
from partworks.geometry.mesh import Mesh
from partworks.records import Item, Outcome, SourceRecord
from partworks.stage import Resources, Stage

FORMATS_WITH_AN_UP_AXIS = ("glb", "gltf")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decoded:
    mesh: Mesh
    ext: str
    warnings: tuple[str, ...]


class Ingest(Stage[IngestConfig]):
    """Fetches an asset, leaves its source bytes and the normalised object.

    1. the licence is checked, before anything is fetched;
    2. the bytes are fetched and kept as they came, also those of an object that is rejected;
    3. a zip is opened in memory, the model is decoded, and the rules are applied;
    4. the object is turned y up, centred and scaled, and written with the way back in its extras.

    The faces of the object are numbered as the loader gives them, and every label refers to that.
    """

    name: ClassVar[str] = "ingest"
    version: ClassVar[int] = 1
    needs: ClassVar[tuple[str, ...]] = ()
    resources: ClassVar[Resources] = Resources(memory_mb=3072, deadline_s=120.0)
    reasons: ClassVar[Mapping[str, str]] = {
        "fetch_failed": "The source bytes cannot be read, or are not what was listed.",
        **load.REASONS,
        **archive.REASONS,
        **checks.REASONS,
    }

    def process(self, item: Item) -> Outcome:
        """Bring in one object."""
        record = item.record
        assert record is not None, "ingest is the first stage, its items carry their records"
        checks.check_licence(record.licence, self.config)
        data = fetch(record)
        kept = {layout.source(item.uid, record.ext): data}
        words = {"ext": record.ext, "licence": record.licence}
        try:
            decoded = self._decode(data, record.ext)
        except Rejected as refusal:
            return Outcome.rejected(refusal.reason, refusal.message, files=kept, metrics=words)
        z_up = self.config.up_axis == "z" and decoded.ext not in FORMATS_WITH_AN_UP_AXIS
        mesh, to_source = normalise(decoded.mesh, z_up=z_up)
        mesh = replace(mesh, extras=_extras(record, mesh, to_source, decoded.warnings))
        kept[layout.object_glb(item.uid)] = write_glb(mesh)
        kept |= _truth(record, mesh)
        return Outcome.ok(kept, metrics={**words, **_metrics(decoded)})

    def _decode(self, data: bytes, ext: str) -> _Decoded:
        """Open, load and judge; raises Rejected."""
        files: Mapping[str, bytes] = {}
        if ext == "zip":
            opened = archive.open_archive(data, self.config.archive_limits)
            data, ext, files = opened.data, opened.ext, opened.files
        loaded = load.load_mesh(data, ext, files=files, limits=self.config.load_limits)
        warnings = checks.check_mesh(loaded.mesh, self.config)
        return _Decoded(
            mesh=loaded.mesh, ext=ext, warnings=tuple(sorted({*loaded.warnings, *warnings}))
        )

    def tools(self) -> Mapping[str, str]:
        """The packages that decode and compute."""
        return {name: package_version(name) for name in ("dracopy", "numpy", "pillow")}


def _extras(
    record: SourceRecord, mesh: Mesh, to_source: Float64, warnings: tuple[str, ...]
) -> Mapping[str, Any]:
    """What the object's GLB says of itself."""
    return {
        "name": record.name,
        "source": record.source,
        "licence": record.licence,
        "attribution": record.attribution,
        "uid": record.uid,
        # A path below the source's folder; that of the machine is nobody's business.
        "location": record.metadata.get("path", record.location),
        "to_source": to_source.tolist(),
        "face_count": mesh.face_count,
        "warnings": list(warnings),
        "welded": len(mesh.nodes) == 1,
    }


def _metrics(decoded: _Decoded) -> Mapping[str, float | int | str]:
    mesh = decoded.mesh
    return {
        "format": decoded.ext,
        "faces": mesh.face_count,
        "vertices": int(mesh.vertex_offsets[-1]),
        "nodes": len(mesh.nodes),
        "materials": len(mesh.materials),
        "images": len(mesh.images),
        "warnings": ",".join(decoded.warnings),
    }


def _truth(record: SourceRecord, mesh: Mesh) -> Mapping[str, bytes]:
    """The true parts of a generated sample, for tests and evaluation."""
    if record.source != "samples":
        return {}
    sample = build_sample(record.location)
    assert np.array_equal(sample.mesh.faces, mesh.faces), "loading has changed the sample's faces"
    parts = Parts(
        face_labels=sample.face_labels,
        part_names=sample.part_names,
        source="truth",
        geometry_hash=mesh.geometry_hash,
    )
    return {layout.truth(record.uid): parts.to_bytes()}
