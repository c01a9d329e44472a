from dataclasses import replace
from pathlib import Path

import pytest

from caption.config import CaptionConfig
from caption.stage import Caption
from partworks import layout
from partworks.artifacts.captions import Captions
from partworks.errors import Failed
from partworks.geometry.glb import write_glb
from partworks.records import Item
from partworks.store import Store
from tests.caption.shapes import ball_on_box, parts_of, renders


def prepared(
    folder: Path, *, geometry_hash: str | None = None, seen: tuple[int, ...] = (9, 0)
) -> Caption:
    store, mesh = Store(str(folder)), ball_on_box()
    parts = parts_of(mesh, ["box", "ball"])
    if geometry_hash is not None:
        parts = replace(parts, geometry_hash=geometry_hash)
    store.write(layout.object_glb("toy"), write_glb(mesh))
    store.write(layout.parts("toy"), parts.to_bytes())
    store.write(layout.renders("toy"), renders([[pixels] for pixels in seen]))
    stage = Caption(CaptionConfig(), store=store)
    stage.open()
    return stage


def test_leaves_the_captions(tmp_path: Path) -> None:
    outcome = prepared(tmp_path).process(Item(uid="toy"))
    assert outcome.status == "ok" and outcome.cost == 0
    assert outcome.metrics == {
        "captioner": "template",
        "hidden_parts": 1,
        "tokens": 0,
        "captions": 3,
        "flagged_captions": 0,
    }
    captions = Captions.from_bytes(outcome.files[layout.captions("toy")])
    assert captions.parts[1].short == "A hidden red ball at the top of the toy."


def test_same_bytes_again(tmp_path: Path) -> None:
    first, second = prepared(tmp_path / "a"), prepared(tmp_path / "b")
    files = [stage.process(Item(uid="toy")).files for stage in (first, second, first)]
    assert files[0] == files[1] == files[2]


def test_parts_of_another_mesh_are_refused(tmp_path: Path) -> None:
    stage = prepared(tmp_path, geometry_hash="0" * 64)
    with pytest.raises(Failed) as caught:
        stage.process(Item(uid="toy"))
    assert caught.value.reason == "geometry_mismatch" and "geometry_mismatch" in stage.reasons


def test_renders_of_other_parts_are_refused(tmp_path: Path) -> None:
    stage = prepared(tmp_path, seen=(9, 9, 9))
    with pytest.raises(Failed) as caught:
        stage.process(Item(uid="toy"))
    assert caught.value.reason == "stale_renders" and "stale_renders" in stage.reasons
