from pathlib import Path

from partworks import layout
from partworks.artifacts.segments import Segments
from partworks.geometry.glb import write_glb
from partworks.records import Item
from partworks.store import Store
from segment.config import SegmentConfig
from segment.stage import Segment
from tests.segment.shapes import chair, groups_of


def test_leaves_the_segments_of_the_object(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    whole = chair()
    store.write(layout.object_glb("chair"), write_glb(whole))
    stage = Segment(SegmentConfig(), store=store)
    stage.open()
    outcome = stage.process(Item(uid="chair"))
    assert outcome.status == "ok" and set(outcome.files) == {layout.segments("chair")}
    assert outcome.metrics == {"segments": 36, "segmenter": "structure"}
    found = Segments.from_bytes(outcome.files[layout.segments("chair")])
    assert found.geometry_hash == whole.geometry_hash
    assert groups_of(found.at_count(6)) == groups_of(whole.face_node)


def test_bytes_depend_on_neither_worker_nor_order(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    store.write(layout.object_glb("chair"), write_glb(chair()))
    first, second = (Segment(SegmentConfig(), store=store) for _ in range(2))
    files = [stage.process(Item(uid="chair")).files for stage in (second, first, second)]
    assert files[0] == files[1] == files[2]
