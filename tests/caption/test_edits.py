from dataclasses import replace
from pathlib import Path

import pytest

from caption.config import CaptionConfig
from caption.edits import apply_edits, read_edits, read_given
from caption.stage import Caption
from partworks import layout
from partworks.artifacts.caption_edits import CaptionEdits, labels_hash
from partworks.artifacts.captions import Caption as Text
from partworks.artifacts.captions import Captions
from partworks.errors import Failed
from partworks.records import Item
from tests.caption.shapes import ball_on_box, parts_of, subject_of
from tests.caption.test_stage import prepared

MESH = ball_on_box()
PARTS = parts_of(MESH, ["box", "ball"])
EDITS = CaptionEdits(
    texts={"whole": {"short": "A toy."}, "1": {"name": "globe", "color": "crimson"}},
    geometry_hash=MESH.geometry_hash,
    labels_hash=labels_hash(PARTS.face_labels),
    by="ann",
)


def outside(stage: Caption) -> str:
    found = Caption.outside({}, store=stage.store)
    assert found is not None
    return found["toy"]


def captioned(stage: Caption) -> Captions:
    outcome = stage.process(Item(uid="toy", outside=outside(stage)))
    assert outcome.status == "ok"
    return Captions.from_bytes(outcome.files[layout.captions("toy")])


def test_edits_win_and_survive_reruns(tmp_path: Path) -> None:
    stage = prepared(tmp_path)
    before = captioned(stage)
    stage.store.write(layout.caption_edits("toy"), EDITS.to_bytes())
    for config in (CaptionConfig(), CaptionConfig(max_words=8), CaptionConfig(samples=50)):
        again = Caption(config, store=stage.store)
        again.open()
        found = captioned(again)
        assert (found.whole.short, found.whole.source) == ("A toy.", "reviewer")
        assert (found.parts[1].name, found.parts[1].color) == ("globe", "crimson")
        assert found.parts[1].source == "reviewer" and found.parts[1].flags == ()
        assert found.parts[0].source == "template"
    assert captioned(stage).whole.long == before.whole.long, "what nobody edited stays generated"
    stage.store.delete(layout.caption_edits("toy"))
    assert captioned(stage) == before


def test_edits_are_counted(tmp_path: Path) -> None:
    stage = prepared(tmp_path)
    stage.store.write(layout.caption_edits("toy"), EDITS.to_bytes())
    metrics = stage.process(Item(uid="toy", outside=outside(stage))).metrics
    assert metrics["edited_captions"] == 2 and "stale_edits" not in metrics


def test_the_digest_follows_the_texts_alone(tmp_path: Path) -> None:
    stage = prepared(tmp_path)
    assert outside(stage) == "", "an object without edits does not wait"
    stage.store.write(layout.caption_edits("toy"), EDITS.to_bytes())
    first = outside(stage)
    stage.store.write(layout.caption_edits("toy"), replace(EDITS, by="bob").to_bytes())
    assert outside(stage) == first != ""


def test_edits_of_other_parts_do_not_hold() -> None:
    subject = subject_of(MESH, ["box", "ball"])
    captions = captions_of()
    moved = replace(EDITS, labels_hash="0" * 64)
    found, stale = apply_edits(captions, moved, subject)
    assert found.parts == captions.parts and found.whole.short == "A toy." and stale == 1
    elsewhere = replace(EDITS, geometry_hash="0" * 64)
    assert apply_edits(captions, elsewhere, subject) == (captions, 2)
    unknown = replace(EDITS, labels_hash="", texts={"7": {"name": "x"}})
    assert apply_edits(captions, unknown, subject) == (captions, 1)


def captions_of() -> Captions:
    toy = Text(name="toy", short="A toy, red.", long="", source="template")
    return Captions(
        captioner="template",
        model="",
        prompt_hash="",
        tokens=0,
        cost=0.0,
        whole=toy,
        parts=(toy, toy),
    )


def test_a_change_under_way_is_no_silent_one(tmp_path: Path) -> None:
    stage = prepared(tmp_path)
    with pytest.raises(Failed) as caught:
        stage.process(Item(uid="toy", outside="caption_edits:123"))
    assert caught.value.reason == "edits_changed" and "edits_changed" in stage.reasons
    stage.store.write(layout.caption_edits("toy"), EDITS.to_bytes())
    with pytest.raises(Failed) as caught:
        stage.process(Item(uid="toy"))
    assert caught.value.reason == "edits_changed"
    both = f"{'0' * 64}+{EDITS.digest}"
    assert read_edits(stage.store, "toy", outside=both) == EDITS, "beside a reviewer's decision"


def test_a_broken_file_is_said_to_be_broken(tmp_path: Path) -> None:
    stage = prepared(tmp_path)
    stage.store.write(layout.caption_edits("toy"), b'{"texts": {}}')
    with pytest.raises(Failed) as caught:
        captioned(stage)
    assert caught.value.reason == "bad_edits" and "bad_edits" in stage.reasons


def given(stage: Caption, *, captions: Captions, labels: object = PARTS.face_labels) -> None:
    parts = replace(PARTS, face_labels=labels, source="partverse")  # type: ignore[arg-type]
    stage.store.write(layout.given_parts("toy"), parts.to_bytes())
    stage.store.write(layout.given_captions("toy"), captions.to_bytes())


def partverse() -> Captions:
    captions = captions_of()
    blank = replace(captions.whole, short="", source="")
    parts = tuple(replace(part, short="A given thing.", source="") for part in captions.parts)
    return replace(captions, captioner="partverse", whole=blank, parts=parts)


def test_what_came_with_the_asset_is_taken_first(tmp_path: Path) -> None:
    stage = prepared(tmp_path)
    given(stage, captions=partverse())
    found = captioned(stage)
    assert [part.short for part in found.parts] == ["A given thing."] * 2
    assert {part.source for part in found.parts} == {"partverse"}
    assert found.captioner == "partverse"
    assert found.whole.source == "template" and found.whole.short


def test_given_captions_of_some_parts(tmp_path: Path) -> None:
    stage = prepared(tmp_path)
    some = partverse()
    given(stage, captions=replace(some, parts=(some.parts[0], replace(some.parts[1], short=""))))
    found = captioned(stage)
    assert [part.source for part in found.parts] == ["partverse", "template"]
    assert found.captioner == "template"


def test_given_captions_of_other_parts_are_not_taken(tmp_path: Path) -> None:
    stage = prepared(tmp_path)
    given(stage, captions=partverse(), labels=PARTS.face_labels[::-1].copy())
    assert captioned(stage).captioner == "template"
    subject = subject_of(MESH, ["box", "ball"])
    given(stage, captions=replace(partverse(), parts=()))
    assert read_given(stage.store, replace(subject, uid="toy")) is None
