"""A root with segments of objects that a test can think about."""

from __future__ import annotations

from pathlib import Path

from partworks import dataset, layout
from partworks.artifacts.parts import Parts
from partworks.artifacts.segments import Segments
from partworks.dataset import Dataset
from partworks.geometry.glb import write_glb
from partworks.geometry.mesh import Mesh, MeshNode
from partworks.ledger import Ledger
from partworks.records import Attempt
from partworks.store import Store
from tests.evaluation.grids import cells, grid_mesh, tree

TRUTH = cells(0, 0, 1, 1)


def put(store: Store, uid: str, location: str, *, stages: str = "ingest,segment") -> None:
    """An object of four cells and four segments, of which the first two make part 0."""
    vertices, faces = grid_mesh(4, 1)
    mesh = Mesh(
        nodes=(MeshNode(vertices=vertices, faces=faces),), extras={"name": Path(location).stem}
    )
    made = tree(cells(0, 1, 2, 3), (0, 1), (2, 3), (4, 5))
    arrays = {name: getattr(made, name) for name in Segments.__slots__}
    segments = Segments(**{**arrays, "geometry_hash": mesh.geometry_hash})
    parts = Parts(
        face_labels=cells(0, 0, 0, 0),
        part_names=("all",),
        source="auto",
        geometry_hash=mesh.geometry_hash,
    )
    store.write(layout.object_glb(uid), write_glb(mesh))
    store.write(layout.segments(uid), segments.to_bytes())
    store.write(layout.parts(uid), parts.to_bytes())
    words = {"location": location, "ext": "glb"}
    for stage in stages.split(","):
        with Ledger(store).writer(stage) as writer:
            writer.append(Attempt(uid=uid, stage=stage, status="ok", fingerprint="", metrics=words))


def small_root(folder: Path) -> Store:
    """Two segmented objects, of which one has parts, and one that is not segmented."""
    found = Store(str(folder))
    dataset.save(found, Dataset())
    put(found, "aa11", "toys/car.glb", stages="ingest,segment,annotate")
    put(found, "bb22", "boat.obj")
    put(found, "cc33", "seen.obj", stages="ingest")
    return found
