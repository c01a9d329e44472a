from __future__ import annotations

from pathlib import Path

from annotate.config import AnnotateConfig
from annotate.stage import Annotate
from caption.config import CaptionConfig
from partworks import dataset, layout
from partworks.geometry.glb import write_glb
from partworks.ledger import Ledger
from partworks.records import Item
from partworks.report.facts import STAND_INS, makers, public_url, root_facts, stage_rows
from partworks.report.measurements import measure
from partworks.report.page import HISTOGRAMS
from partworks.stages import STAGES
from partworks.store import Store
from partworks.summary import count_stages
from render.config import RenderConfig
from segment.config import SegmentConfig
from segment.stage import Segment
from tests.report.made import build_root, make_mesh


def test_a_password_in_a_url_is_not_published() -> None:
    assert public_url("ftp://me:secret@host/run") == "ftp://host/run"
    assert public_url("s3://bucket/run@2") == "s3://bucket/run@2"
    assert public_url("data/run1") == "data/run1"


def test_stages_give_the_metrics_that_the_page_looks_for(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    store.write(layout.object_glb("one"), write_glb(make_mesh()))
    seen = {}
    for stage in (Segment(SegmentConfig(), store=store), Annotate(AnnotateConfig(), store=store)):
        stage.open()
        outcome = stage.process(Item(uid="one"))
        store.write_all(outcome.files.items())
        seen[stage.name] = outcome.metrics
    assert (("segment", str(seen["segment"]["segmenter"]))) in STAND_INS
    assert (("annotate", str(seen["annotate"]["annotator"]))) in STAND_INS
    for stage_name, metric, _ in HISTOGRAMS[1:]:
        assert isinstance(seen[stage_name][metric], int)
    assert ("caption", CaptionConfig().captioner) in STAND_INS
    assert ("render", RenderConfig().backend) in STAND_INS


def test_rows_and_makers_of_a_root(tmp_path: Path) -> None:
    store = build_root(str(tmp_path))
    known = dataset.require(store)
    measured = {name: measure(Ledger(store), name) for name in STAGES}
    rows = {row.name: row for row in stage_rows(known, count_stages(store), measured)}
    assert list(rows) == list(STAGES)
    assert rows["ingest"].counts == {
        "ok": 8,
        "failed": 0,
        "rejected": 1,
        "stale": 1,
        "pending": 0,
        "waiting": 0,
    }
    assert rows["segment"].counts["pending"] == 1
    assert rows["ingest"].changed == (("seed_of", "<script>alert(1)</script>"),)
    assert rows["ingest"].words == ("licence: CC-BY-4.0 (8)",)
    assert [(maker.what, maker.maker, maker.objects) for maker in makers(known, measured)] == [
        ("segmenter", "structure", 6),
        ("annotator", "auto", 6),
        ("backend", "raster", 6),
        ("captioner", "template", 6),
    ]
    assert all(maker.meaning for maker in makers(known, measured))
    facts = {fact.label: fact.value for fact in root_facts(known, {"MIT": 3}, url="x://a:b@c")}
    assert facts["root"] == "x://c" and facts["seed"] == "7" and facts["licences"] == "MIT (3)"
