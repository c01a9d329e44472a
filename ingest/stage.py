"""Ingest: the source bytes are fetched and kept, decoded, judged and put into the object frame."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version as package_version
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ingest import archive
from ingest.artist_parts import artist_parts
from ingest.blender import importer
from ingest.config import MEGA, IngestConfig
from ingest.fetch import trouble
from ingest.formats import UPRIGHT
from ingest.judge import rules
from ingest.judge.extents import resolution
from ingest.judge.measure import measure, warnings_of
from ingest.licences import REASONS as LICENCE_REASONS
from ingest.normalise import Float64, normalise
from ingest.partverse import reasons as partverse_reasons
from ingest.partverse.bundle import Bundle
from ingest.partverse.given import PARTVERSE, Given, given
from ingest.partverse.surface import labelled_object
from ingest.samples import build_sample
from ingest.settle import licence_refusal, licence_words, settle
from ingest.sources import fetch, states_licences
from ingest.sources.kept import kept_bytes
from partworks import layout
from partworks.artifacts.parts import Parts
from partworks.errors import Rejected
from partworks.geometry import load
from partworks.geometry.glb import write_glb
from partworks.geometry.mesh import Mesh
from partworks.records import Attempt, Item, Outcome, SourceRecord
from partworks.stage import Resources, Stage
from partworks.takedown.tombstones import REASON as TAKEN_DOWN
from partworks.takedown.tombstones import Tombstones

if TYPE_CHECKING:
    from ingest.judge.aesthetic import AestheticJudge


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decoded:
    mesh: Mesh
    ext: str
    warnings: tuple[str, ...]
    given: Given | None = None


class Ingest(Stage[IngestConfig]):
    """Fetches an asset, leaves its source bytes and the normalised object.

    1. the licence is checked, before anything is fetched;
    2. the bytes are fetched, unless an earlier run has kept them, and kept as they came, also those
       of an object that is rejected;
    3. a zip is opened in memory, and the model is decoded;
    4. the object is turned y up, centred and scaled, and written with the way back in its extras;
    5. it is measured, and the rules go by the measurements alone: they are applied again, to all
       objects of the root at once, whenever the stage runs.

    The faces of the object are numbered as the loader gives them, and every label refers to that.
    """

    name: ClassVar[str] = "ingest"
    version: ClassVar[int] = 2
    needs: ClassVar[tuple[str, ...]] = ()
    resources: ClassVar[Resources] = Resources(memory_mb=3072, deadline_s=240.0)
    reasons: ClassVar[Mapping[str, str]] = {
        "fetch_failed": "The source bytes cannot be read, or are not what was listed.",
        **trouble.REASONS,
        **LICENCE_REASONS,
        **load.REASONS,
        **importer.REASONS,
        **archive.REASONS,
        **rules.REASONS,
        **partverse_reasons.REASONS,
        TAKEN_DOWN: "The same bytes were taken down from this root, under this uid or another.",
    }

    _aesthetic: AestheticJudge | None = None

    def open(self) -> None:
        """Load the models of the aesthetic score, if there is to be one."""
        if self.config.judge.aesthetic.enabled:
            # Not above: torch takes seconds to import, and most runs do without.
            from ingest.judge.aesthetic import AestheticJudge

            self._aesthetic = AestheticJudge(self.config.judge.aesthetic)

    def process(self, item: Item) -> Outcome:
        """Bring in one object."""
        record = item.record
        assert record is not None, "ingest is the first stage, its items carry their records"
        stated = states_licences(record)
        words = {"ext": record.ext, **licence_words(record, stated=stated)}
        refused = licence_refusal(record.licence, self.config, stated=stated)
        if refused is not None:
            return Outcome.rejected(*refused, metrics=words)
        data = self._bytes(record)
        if self._taken_down.refuses(item.uid, hashlib.sha256(data).hexdigest()):
            message = f"the source bytes are those of an object in {layout.TAKEDOWNS}"
            return Outcome.rejected(TAKEN_DOWN, message, metrics=words)
        kept = {layout.source(item.uid, record.ext): data}
        try:
            decoded = self._decode(data, record)
        except Rejected as refusal:
            return Outcome.rejected(refusal.reason, refusal.message, files=kept, metrics=words)
        z_up = self.config.up_axis == "z" and decoded.ext not in UPRIGHT
        mesh, to_source = normalise(decoded.mesh, z_up=z_up)
        mesh = replace(mesh, extras=_extras(record, mesh, to_source, decoded.warnings))
        kept[layout.object_glb(item.uid)] = write_glb(mesh)
        kept |= _truth(record, mesh)
        if decoded.given is not None:
            kept |= decoded.given.files(item.uid, geometry_hash=mesh.geometry_hash)
        artist = artist_parts(mesh) if decoded.given is None else None
        if artist is not None:
            kept[layout.artist_parts(item.uid)] = artist.to_bytes()
        words |= {"artist_parts": 0 if artist is None else artist.count}
        words |= {"format": decoded.ext, **self._measure(mesh, decoded)}
        refused = rules.refusal(words, self.config.judge)
        if refused is not None:
            return Outcome.rejected(*refused, files=kept, metrics=words)
        return Outcome.ok(kept, metrics=words)

    def settle(self, attempts: Sequence[Attempt]) -> Iterable[Attempt]:
        """Apply the licences and thresholds anew; duplicates can only be found here."""
        return settle(attempts, self.config)

    @cached_property
    def _taken_down(self) -> Tombstones:
        """As the list was when the worker began: who takes down waits until a run has ended."""
        return Tombstones.load(self.store)

    def _measure(self, mesh: Mesh, decoded: _Decoded) -> Mapping[str, float | int | str]:
        found = measure(mesh, source_resolution=resolution(decoded.mesh), warnings=decoded.warnings)
        if self._aesthetic is not None:
            found["aesthetic"] = self._aesthetic.score(mesh)
        return found

    def _bytes(self, record: SourceRecord) -> bytes:
        """What an earlier run has kept, else what the source gives."""
        kept = kept_bytes(record, self.store)
        if kept is not None:
            return kept
        return fetch(record, self.config.fetch, most=self.config.max_source_mb * MEGA)

    def _decode(self, data: bytes, record: SourceRecord) -> _Decoded:
        """Open and load; raises Rejected."""
        if record.source == PARTVERSE:
            return self._decode_partverse(data, record)
        ext = record.ext
        files: Mapping[str, bytes] = {}
        if ext == "zip":
            opened = archive.open_archive(data, self.config.archive_limits)
            data, ext, files = opened.data, opened.ext, opened.files
        loaded = self._load(data, ext, files)
        warnings = warnings_of(loaded.mesh)
        return _Decoded(
            mesh=loaded.mesh, ext=ext, warnings=tuple(sorted({*loaded.warnings, *warnings}))
        )

    def _load(self, data: bytes, ext: str, files: Mapping[str, bytes]) -> load.Loaded:
        """Read a model of any format; what only Blender reads comes by way of a GLB."""
        limits = self.config.load_limits
        if ext not in importer.FORMATS:
            return load.load_mesh(data, ext, files=files, limits=limits)
        converted = importer.convert(
            data, ext, files=files, config=self.config.blender, limits=limits
        )
        loaded = load.load_mesh(converted.glb, "glb", limits=limits)
        return replace(loaded, warnings=tuple(sorted({*loaded.warnings, *converted.warnings})))

    def _decode_partverse(self, data: bytes, record: SourceRecord) -> _Decoded:
        """The same of an object that brings parts and captions along."""
        bundle = Bundle.from_bytes(data, self.config.archive_limits)
        labelled = labelled_object(bundle, self.config.load_limits)
        more = given(bundle, labelled, name=record.name)
        warnings = warnings_of(labelled.mesh)
        return _Decoded(
            mesh=labelled.mesh,
            ext="glb",
            warnings=tuple(sorted({*labelled.warnings, *more.warnings, *warnings})),
            given=more,
        )

    def tools(self) -> Mapping[str, str]:
        """The packages that decode and compute."""
        return {name: package_version(name) for name in ("dracopy", "numpy", "pillow", "pycollada")}


def _extras(
    record: SourceRecord, mesh: Mesh, to_source: Float64, warnings: tuple[str, ...]
) -> Mapping[str, Any]:
    """What the object's GLB says of itself."""
    return {
        "name": record.name,
        "source": record.source,
        "licence": record.licence,
        "attribution": record.attribution,
        "creator": record.creator,
        "creator_url": record.creator_url,
        "link": record.link,
        "categories": list(record.categories),
        "tags": list(record.tags),
        "uid": record.uid,
        # A path below the source's folder; that of the machine is nobody's business.
        "location": record.metadata.get("path", record.location),
        "to_source": to_source.tolist(),
        "face_count": mesh.face_count,
        "warnings": list(warnings),
        "welded": len(mesh.nodes) == 1,
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
