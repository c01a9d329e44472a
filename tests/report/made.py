"""Roots written by hand: objects of boxes at every point of the pipeline, some of them hostile."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from partworks import dataset, layout
from partworks.artifacts.captions import Caption, Captions
from partworks.artifacts.parts import Parts
from partworks.artifacts.renders import PartOverlap, ViewCheck, pack, part_folder, view_name
from partworks.artifacts.segments import Segments
from partworks.dataset import Dataset, SourceSummary, StageRecord
from partworks.geometry.cameras import ring, transforms_table
from partworks.geometry.glb import write_glb
from partworks.geometry.mesh import Mesh, MeshNode
from partworks.ledger import Ledger
from partworks.records import Attempt, Status
from partworks.stages import STAGES
from partworks.store import Store

VIEWS = 4
SIDE = 40
SCRIPT = "<script>alert(1)</script>"
BREAKOUT = "\"'><img src=x onerror=alert(1)>"
ARABIC = "كرسي \N{RIGHT-TO-LEFT OVERRIDE}gnp.exe"
EMOJI = "🪑👩‍👩‍👧‍👦 chair"
LONG = "longname" * 50

_QUADS = np.array(
    [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
)
BOX_FACES = np.concatenate([_QUADS[:, [0, 1, 2]], _QUADS[:, [0, 2, 3]]]).astype(np.int32)
SEAT = ((-1.0, -0.1, -1.0), (1.0, 0.1, 1.0))
BACK = ((-1.0, 0.1, -1.0), (1.0, 1.0, -0.8))
LEG = ((-0.1, -1.0, -0.1), (0.1, -0.1, 0.1))


def box_node(low: Sequence[float], high: Sequence[float]) -> MeshNode:
    """A closed box of 8 vertices and 12 faces, wound outwards."""
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    vertices = np.asarray(low) + corners * (np.asarray(high) - np.asarray(low))
    return MeshNode(vertices=vertices.astype(np.float32), faces=BOX_FACES)


def make_mesh(name: str = "chair", **extras: Any) -> Mesh:
    """A seat, a back and one leg, 36 faces."""
    told = {
        "name": name,
        "source": "folder",
        "licence": "CC-BY-4.0",
        "attribution": f"{name} by somebody",
        "location": "chairs/one.glb",
        "warnings": ["missing_texture"],
        **extras,
    }
    return Mesh(nodes=tuple(box_node(*box) for box in (SEAT, BACK, LEG)), extras=told)


def make_segments(mesh: Mesh) -> Segments:
    """Two segments a box."""
    labels = (np.arange(mesh.face_count) // 6).astype(np.int32)
    count = int(labels.max()) + 1
    return Segments(
        face_labels=labels,
        merge_children=np.array(
            [[k, count + k - 1 if k else 1] for k in range(count - 1)], np.int32
        ),
        merge_height=np.linspace(0, 1, count - 1).astype(np.float32),
        segment_area=np.ones(count, np.float32),
        segment_score=np.ones(count, np.float32),
        geometry_hash=mesh.geometry_hash,
        method="structure",
    )


def make_parts(mesh: Mesh, names: Sequence[str]) -> Parts:
    """A part each for the seat and the back; the leg was dropped."""
    labels = np.repeat(np.array([0, 1, -1], np.int32), 12)
    return Parts(
        face_labels=labels,
        part_names=tuple(names),
        source="auto",
        geometry_hash=mesh.geometry_hash,
    )


def make_captions(name: str, part_names: Sequence[str]) -> bytes:
    """Captions that say of whom they are."""
    captions = Captions(
        captioner="template",
        model="",
        prompt_hash="00",
        tokens=0,
        cost=0.0,
        whole=Caption(name=name, short=f"short of {name}", long=f"long of {name}"),
        parts=tuple(
            Caption(name=f"{part} too", short=f"short of {part}", long=f"long of {part}")
            for part in part_names
        ),
    )
    return captions.to_bytes()


def png(color: tuple[int, int, int, int], *, side: int = SIDE) -> bytes:
    """A flat picture whose lower half is empty."""
    image = Image.new("RGBA", (side, side))
    image.paste(color, (0, 0, side, side // 2))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def view_color(part: int, view: int) -> tuple[int, int, int, int]:
    """What stands for a view; part -1 is the whole object."""
    return (60 + 90 * (part + 1), 60 * view, 100, 255)


def view_check(*flaws: str) -> ViewCheck:
    """What would be said of a flat picture."""
    return ViewCheck(coverage=0.5, border=0.7, spread=0, magenta=0, brightness=99, flaws=flaws)


def make_renders(part_count: int, *, flawed: Mapping[str, Sequence[int]] = {}) -> bytes:
    """Flat pictures from a ring of cameras; part k is best seen in view k + 1 of the object.

    `flawed` says which views of which folder are too dark.
    """
    cameras = ring(VIEWS, radius=1.8, size=SIDE)
    members: dict[str, bytes] = {}
    checks: dict[str, list[ViewCheck]] = {}
    for part in range(-1, part_count):
        folder = "object" if part < 0 else part_folder(part)
        paths = [view_name(folder, view) for view in range(VIEWS)]
        members[f"{folder}/transforms.json"] = json.dumps(transforms_table(cameras, paths)).encode()
        members |= {path: png(view_color(part, view)) for view, path in enumerate(paths)}
        dark = flawed.get(folder, ())
        checks[folder] = [view_check(*(["dark"] if v in dark else [])) for v in range(VIEWS)]
    overlap = tuple(
        PartOverlap(
            pixels=(1,) * VIEWS, shares=(0.1,) * VIEWS, best_view=part + 1, box=(0, 0, 9, 9)
        )
        for part in range(part_count)
    )
    return pack(members, overlap=overlap, checks=checks, backend="raster")


@dataclass
class MadeRoot:
    """Writes rows and files as a run would; times are made up and always the same."""

    store: Store
    rows: dict[str, list[Attempt]] = field(default_factory=dict)

    def add(
        self,
        stage: str,
        uid: str,
        files: Mapping[str, bytes] | None = None,
        *,
        status: Status = "ok",
        reason: str = "",
        message: str = "",
        stderr: str = "",
        mark: str | None = None,
        **metrics: float | int | str,
    ) -> None:
        """One attempt; without `mark` it is current."""
        rows = self.rows.setdefault(stage, [])
        attempt = Attempt(
            uid=uid,
            stage=stage,
            status=status,
            fingerprint=mark or f"mark of {stage}",
            reason=reason,
            message=message,
            stderr=stderr,
            finished_at=float(len(rows)),
            seconds=0.5 + 0.25 * len(rows),
            outputs=self.store.write_all(sorted((files or {}).items())),
            metrics=metrics,
            tools={"partworks": "0.1.0"},
        )
        rows.append(attempt)

    def close(self, *, settings: Mapping[str, Any] | None = None) -> Store:
        """Write the ledger and `dataset.json`."""
        for stage, rows in self.rows.items():
            with Ledger(self.store).writer(stage) as writer:
                for row in rows:
                    writer.append(row)
        stages = {
            name: StageRecord(version=1, settings=settings or {}, fingerprint=f"mark of {name}")
            for name in STAGES
            if name in self.rows
        }
        source = SourceSummary(spec="folder:assets", records=9, duplicates=1, ignored={"txt": 2})
        dataset.save(self.store, Dataset(seed=7, source=source, stages=stages))
        return self.store

    def add_ingested(self, uid: str, mesh: Mesh) -> None:
        """What ingest leaves."""
        files = {layout.object_glb(uid): write_glb(mesh)}
        self.add("ingest", uid, files, faces=mesh.face_count, licence="CC-BY-4.0")

    def add_complete(self, uid: str, name: str, part_names: Sequence[str]) -> None:
        """An object that went through all stages."""
        mesh = make_mesh(name)
        self.add_ingested(uid, mesh)
        segments, parts = make_segments(mesh), make_parts(mesh, part_names)
        files = {layout.segments(uid): segments.to_bytes()}
        self.add("segment", uid, files, segments=segments.count, segmenter=segments.method)
        files = {layout.parts(uid): parts.to_bytes()}
        self.add("annotate", uid, files, parts=parts.count, annotator=parts.source)
        files = {layout.renders(uid): make_renders(parts.count)}
        self.add("render", uid, files, backend="raster")
        files = {layout.captions(uid): make_captions(name, part_names)}
        self.add("caption", uid, files, captioner="template")
        self.add("shards", uid, {layout.sample(uid): b"tar"}, parts=parts.count)


def build_root(url: str) -> Store:
    """Every kind of object that a page may meet."""
    root = MadeRoot(Store(url))
    root.add_complete("chair", "plain chair", ["seat", "back"])
    root.add_complete("hostile", SCRIPT + BREAKOUT, [ARABIC + SCRIPT, LONG])
    root.add_complete("picture", EMOJI, [EMOJI, BREAKOUT])
    root.add_ingested("waiting", make_mesh("only ingested"))
    message = f"starts with b'<!DOCTYPE {SCRIPT}'"
    root.add("ingest", "refused", status="rejected", reason="not_a_model", message=message)
    root.add_ingested("crashed", make_mesh("crashing one"))
    stderr = f"Fatal Python error: {SCRIPT}\x1b[0m\0"
    root.add("segment", "crashed", status="failed", reason="crashed", stderr=stderr)
    _add_broken(root)
    root.add("ingest", "stale", mark="older", faces=3)
    return root.close(settings={"seed_of": SCRIPT})


def _add_broken(root: MadeRoot) -> None:
    """Objects whose files are missing, cut off, or made for another mesh."""
    root.add_complete("missing", "gone", ["seat", "back"])
    for path in (layout.object_glb, layout.captions):
        root.store.delete(path("missing"))
    root.add_complete("damaged", "damaged one", ["seat", "back"])
    for path in (layout.segments, layout.parts, layout.renders, layout.captions):
        data = root.store.read(path("damaged"))
        root.store.write(path("damaged"), data[: len(data) // 2])
    root.add_complete("foreign", "foreign labels", ["seat", "back"])
    other = Mesh(nodes=(box_node(*SEAT), box_node(*BACK), box_node((0, 0, 0), (1, 1, 1))))
    parts = make_parts(other, ["seat", "back"])
    root.store.write(layout.parts("foreign"), parts.to_bytes())
