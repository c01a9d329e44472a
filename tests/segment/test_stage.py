from pathlib import Path

import pytest

from partworks import layout
from partworks.artifacts.segments import Segments
from partworks.errors import UsageError
from partworks.geometry.glb import write_glb
from partworks.records import Item
from partworks.store import Store
from segment.config import SegmentConfig
from segment.stage import Segment
from segment.views import ViewConfig
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
    first.open()
    second.open()
    files = [stage.process(Item(uid="chair")).files for stage in (second, first, second)]
    assert files[0] == files[1] == files[2]


def test_a_method_with_masks_is_named_and_gives_equal_bytes(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    whole = chair()
    store.write(layout.object_glb("chair"), write_glb(whole))
    config = SegmentConfig(method="geometric", views=ViewConfig(size=128))
    first, second = (Segment(config, store=store) for _ in range(2))
    for stage in (first, second):
        stage.open()
    outcome = first.process(Item(uid="chair"))
    assert outcome.metrics["segmenter"] == "geometric"
    assert outcome.files == second.process(Item(uid="chair")).files
    found = Segments.from_bytes(outcome.files[layout.segments("chair")])
    assert found.method == "geometric"
    assert groups_of(found.at_count(6)) == groups_of(whole.face_node)


def test_sam2_without_a_checkpoint_says_what_is_missing(tmp_path: Path) -> None:
    stage = Segment(SegmentConfig(method="sam2"), store=Store(str(tmp_path)))
    with pytest.raises(UsageError, match="checkpoint"):
        stage.open()
