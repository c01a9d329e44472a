import gzip
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import select

from annotate.blobs.labels import unpack_labels
from annotate.database.tables import Slot, Task
from annotate.exchange.decided import digest_of
from annotate.review.base import Base
from partworks import layout
from partworks.artifacts.segments import Segments
from partworks.geometry.load import load_mesh
from partworks.ledger import Ledger
from partworks.records import Attempt
from tests.annotate.exchange.desk import Desk


def slots(desk: Desk, uid: str) -> list[Slot]:
    with desk.database.read() as session:
        return list(session.scalars(select(Slot).where(Slot.task_id == desk.task(uid).id)))


def segment_anew(desk: Desk, uid: str, *, fingerprint: str = "f", height: float = 0.9) -> None:
    """Another over-segmentation of the same object."""
    segments = Segments.from_bytes(desk.store.read(layout.segments(uid)))
    heights = np.full(4, height, np.float32)
    output = desk.store.write(
        layout.segments(uid), replace(segments, merge_height=heights).to_bytes()
    )
    with Ledger(desk.store).writer("segment") as writer:
        writer.append(
            Attempt(
                uid=uid,
                stage="segment",
                status="ok",
                fingerprint=fingerprint,
                outputs=(output,),
                finished_at=desk.now,
            )
        )


def test_a_task_has_all_that_a_review_needs(desk: Desk) -> None:
    desk.put("one")
    assert desk.load().added == ("one",)
    task = desk.task("one")
    data = desk.store.read(layout.segments("one"))
    segments = Segments.from_bytes(data)
    assert task.revision == digest_of(data) and task.geometry_hash == segments.geometry_hash
    assert (task.faces, task.want, task.state) == (60, 1, "open")
    sha256, ext = task.atoms.split(".", 1)
    labels = unpack_labels(desk.blobs.path(sha256, ext).read_bytes(), ext)
    assert labels.tolist() == segments.face_labels.tolist()
    base = Base.from_json(labels, task.details["tree"])
    assert base.children.tolist() == segments.merge_children.tolist()
    sha256, ext = task.mesh.split(".", 1)
    glb = gzip.decompress(desk.blobs.path(sha256, ext).read_bytes())
    assert load_mesh(glb, "glb").mesh.face_count == 60
    assert len(slots(desk, "one")) == 1


def test_importing_again_changes_nothing(desk: Desk) -> None:
    desk.put("one", "two")
    desk.load()
    again = desk.load()
    assert (again.added, again.present, again.superseded) == ((), ("one", "two"), ())
    with desk.database.read() as session:
        assert len(session.scalars(select(Task)).all()) == 2


def test_what_is_not_current_is_no_task(desk: Desk) -> None:
    desk.put("one", "two")
    segment_anew(desk, "two", fingerprint="older settings")
    assert desk.load().added == ("one",)


def test_some_objects_and_a_limit(desk: Desk) -> None:
    desk.put("a", "b", "c")
    assert desk.load(uids=("b", "nobody")).added == ("b",)
    assert desk.load(limit=1).added == ("a",)
    assert desk.load(limit=5).added == ("c",)


def test_a_new_segmentation_takes_the_place_of_what_is_open(desk: Desk) -> None:
    desk.put("open", "done")
    desk.load(uids=("done",))
    assert desk.submit("ada") == "done"
    desk.load()
    for uid in ("open", "done"):
        segment_anew(desk, uid)
    again = desk.load()
    assert again.added == ("done", "open") and again.superseded == ("open",)
    states = {}
    with desk.database.read() as session:
        for task in session.scalars(select(Task).order_by(Task.id)):
            states.setdefault(task.uid, []).append(task.state)
    assert states == {"done": ["decided", "open"], "open": ["superseded", "open"]}


def test_a_share_is_reviewed_twice(desk: Desk) -> None:
    desk.put("one")
    desk.load(double_share=1.0)
    assert desk.task("one").want == 2 and len(slots(desk, "one")) == 2


def test_an_unfit_object_does_not_keep_others_out(desk: Desk) -> None:
    desk.put("good", "bad")
    segments = Segments.from_bytes(desk.store.read(layout.segments("bad")))
    desk.store.write(layout.segments("bad"), replace(segments, geometry_hash="0" * 64).to_bytes())
    done = desk.load()
    assert done.added == ("good",) and list(done.unfit) == ["bad"]
    assert "geometry" in done.unfit["bad"]


@pytest.mark.parametrize(("order", "first"), [(1.0, "sure"), (-1.0, "unsure")])
def test_the_queue_hands_out_by_priority(desk: Desk, order: float, first: str) -> None:
    from annotate.exchange.priority import Weights

    desk.put("sure", "unsure")
    segment_anew(desk, "sure", height=1.0)
    segment_anew(desk, "unsure", height=0.5)
    desk.load(weights=Weights(ease=order, balance=0.0))
    assert desk.claim("ada")[1].uid == first
