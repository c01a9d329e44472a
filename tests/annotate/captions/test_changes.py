from dataclasses import replace
from pathlib import Path

import pytest

from annotate.captions.changes import check_text, with_text, without_text
from annotate.captions.standing import Standing, read_standing
from partworks import layout
from partworks.artifacts.caption_edits import MOST_CHARACTERS, Author, CaptionEdits
from partworks.store import Store
from tests.annotate.captions.scene import parts_of, put

ANN, BOB = Author(by="ann", at="1"), Author(by="bob", at="2")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(str(tmp_path))
    put(made, "lamp")
    return made


def kept(store: Store, edits: CaptionEdits | None) -> Standing:
    if edits is None:
        store.delete(layout.caption_edits("lamp"))
    else:
        store.write(layout.caption_edits("lamp"), edits.to_bytes())
    return read_standing(store, "lamp")


def test_texts_gather_and_each_keeps_its_author(store: Store) -> None:
    first = kept(store, None)
    one = kept(store, with_text(first, "0", field="name", text="hood", author=ANN))
    two = kept(store, with_text(one, "0", field="color", text="", author=BOB))
    assert two.texts == {"0": {"name": "hood", "color": ""}}
    assert (two.author("0", "name"), two.author("0", "color")) == (ANN, BOB)
    assert two.edits is not None and (two.edits.by, two.edits.at) == ("bob", "2")
    again = kept(store, with_text(two, "0", field="name", text="cap", author=BOB))
    assert again.author("0", "name") == BOB and again.caption("0").name == "cap"


def test_withdrawing_everything_leaves_nothing(store: Store) -> None:
    one = kept(store, with_text(kept(store, None), "whole", field="name", text="x", author=ANN))
    two = kept(store, with_text(one, "1", field="shape", text="flat", author=ANN))
    left = kept(store, without_text(two, "whole", field="name", author=BOB))
    assert left.texts == {"1": {"shape": "flat"}} and left.author("1", "shape") == ANN
    assert without_text(left, "1", field="shape", author=BOB) is None
    for target, field in (("whole", "name"), ("7", "name"), ("1", "color")):
        with pytest.raises(ValueError, match="nothing to withdraw"):
            without_text(left, target, field=field, author=BOB)


def test_a_change_upon_other_parts_does_not_revive_what_was_of_earlier_ones(store: Store) -> None:
    one = kept(store, with_text(kept(store, None), "whole", field="name", text="x", author=ANN))
    kept(store, with_text(one, "1", field="shape", text="flat", author=ANN))
    store.write(layout.parts("lamp"), parts_of([0, 1, 1], "shade", "foot").to_bytes())
    now = read_standing(store, "lamp")
    after = kept(store, with_text(now, "0", field="name", text="hood", author=BOB))
    assert after.texts == {"whole": {"name": "x"}, "0": {"name": "hood"}} and after.stale == {}
    assert after.author("whole", "name") == ANN


@pytest.mark.parametrize("target", ["2", "-1", "all", "", "00", "²"])
def test_only_what_is_there_is_edited(store: Store, target: str) -> None:
    with pytest.raises(ValueError, match="0 to 1"):
        with_text(kept(store, None), target, field="name", text="x", author=ANN)


@pytest.mark.parametrize(
    "text", ["a\nb", "a\x00", "\u202egnihton", "a\u2028b", " a", "a ", "\ud800", "a\u200bb"]
)
def test_what_hides_or_breaks_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a text has no"):
        check_text("long", text)


def test_lengths() -> None:
    check_text("short", " ".join(["word"] * 15))
    with pytest.raises(ValueError, match="has 16"):
        check_text("short", " ".join(["word"] * 16))
    check_text("long", " ".join(["word"] * 160))
    check_text("name", "نیم\u200cفاصله <b>")
    check_text("short", "")
    with pytest.raises(ValueError, match="name is needed"):
        check_text("name", "")


def test_the_artifacts_own_rules_hold_too(store: Store) -> None:
    standing = kept(store, None)
    for field, text in (("long", "x" * (MOST_CHARACTERS + 1)), ("source", "me")):
        with pytest.raises(ValueError, match=r"letters|no 'source'"):
            with_text(standing, "0", field=field, text=text, author=ANN)
    assert replace(standing).texts == {}
