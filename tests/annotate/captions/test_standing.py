from dataclasses import replace
from pathlib import Path

import pytest

from annotate.captions.standing import (
    HARMLESS,
    Unreadable,
    is_doubtful,
    read_standing,
)
from caption.checks import everything
from partworks import layout
from partworks.artifacts.caption_edits import Author, CaptionEdits, labels_hash
from partworks.store import Store
from tests.annotate.captions.scene import GEOMETRY, LAMP, TWO, caption, parts_of, put

EDITS = CaptionEdits(
    texts={"whole": {"short": "A lamp of mine."}, "0": {"color": "pink"}},
    geometry_hash=GEOMETRY,
    labels_hash=labels_hash(TWO.face_labels),
    by="bob",
    at="later",
    authors={"0": {"color": Author(by="ann", at="then")}},
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(str(tmp_path))
    put(made, "lamp")
    return made


def test_what_reviewers_wrote_stands_before_what_was_generated(store: Store) -> None:
    before = read_standing(store, "lamp")
    assert before.fits and before.targets == ("whole", "0", "1")
    assert before.caption("0") == LAMP.parts[0] and before.texts == before.stale == {}
    store.write(layout.caption_edits("lamp"), EDITS.to_bytes())
    found = read_standing(store, "lamp")
    assert found.caption("whole").short == "A lamp of mine." and found.written("0").color == "red"
    shade = found.caption("0")
    assert (shade.color, shade.source, shade.flags) == ("pink", "reviewer", ())
    assert found.caption("1") == LAMP.parts[1]
    assert found.author("0", "color") == Author(by="ann", at="then")
    assert found.author("whole", "short") == Author(by="bob", at="later"), "the last one known"
    assert found.author("0", "name") is None and found.author("1", "name") is None


def test_edits_of_other_parts_hold_for_the_whole_alone(store: Store) -> None:
    store.write(layout.caption_edits("lamp"), EDITS.to_bytes())
    store.write(layout.parts("lamp"), parts_of([0, 1, 1], "shade", "foot").to_bytes())
    found = read_standing(store, "lamp")
    assert set(found.texts) == {"whole"} and set(found.stale) == {"0"}
    assert found.caption("0") == LAMP.parts[0] and found.author("0", "color") is None
    moved = replace(EDITS, geometry_hash="0" * 64)
    store.write(layout.caption_edits("lamp"), moved.to_bytes())
    assert read_standing(store, "lamp").texts == {}


def test_the_version_follows_all_that_is_shown(store: Store) -> None:
    versions = {read_standing(store, "lamp").version}
    assert read_standing(store, "lamp").version in versions
    for path, data in (
        (layout.captions("lamp"), replace(LAMP, model="eyes-2").to_bytes()),
        (layout.caption_edits("lamp"), EDITS.to_bytes()),
        (layout.caption_edits("lamp"), replace(EDITS, by="eve").to_bytes()),
        (layout.parts("lamp"), parts_of([0, 1, 1], "shade", "foot").to_bytes()),
        (layout.parts("lamp"), replace(TWO, geometry_hash="cd" * 32).to_bytes()),
    ):
        store.write(path, data)
        versions.add(read_standing(store, "lamp").version)
    assert len(versions) == 6


@pytest.mark.parametrize("path", [layout.captions, layout.parts, layout.caption_edits])
@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b'{"whole": 1}', b"PK\x03\x04"])
def test_damage_is_told(store: Store, path: object, data: bytes) -> None:
    where = path("lamp")  # type: ignore[operator]
    store.write(where, data)
    with pytest.raises(Unreadable, match=where):
        read_standing(store, "lamp")


def test_texts_that_are_none_are_damage(store: Store) -> None:
    data = LAMP.to_bytes().replace(b'"A shade."', b"7")
    store.write(layout.captions("lamp"), data)
    with pytest.raises(Unreadable, match="TypeError: texts are strings"):
        read_standing(store, "lamp")


def test_without_captions_there_is_nothing(store: Store) -> None:
    with pytest.raises(FileNotFoundError):
        read_standing(store, "chair")


def test_what_is_doubtful_is_what_the_caption_stage_counts() -> None:
    assert HARMLESS == everything.HARMLESS
    for flags in (
        (),
        ("never_visible",),
        ("twin_adjusted", "verify_no:color"),
        ("short_too_long",),
    ):
        for unsure in (False, True):
            one = replace(caption("leg", *flags), unsure=unsure)
            assert is_doubtful(one) == everything.is_doubtful(one)
    assert not is_doubtful(replace(caption("leg", "verify_no:color"), short=""))
