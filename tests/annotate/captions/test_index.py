from dataclasses import replace
from pathlib import Path

import pytest

from annotate.captions import index
from annotate.captions.index import CaptionIndex
from partworks import layout
from partworks.artifacts.caption_edits import CaptionEdits, labels_hash
from partworks.store import Store
from tests.annotate.captions.scene import GEOMETRY, LAMP, TWO, parts_of, put, settled


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(str(tmp_path))
    for uid in ("a", "c"):
        put(made, uid, captions=settled(f"chair {uid}"), shown=False)
    for uid in ("b", "d"):
        put(made, uid, shown=False)
    return made


def uids(found: CaptionIndex, **query: object) -> list[str]:
    rows, _ = found.page(**{"limit": 100, **query})  # type: ignore[arg-type]
    return [row.uid for row in rows]


def edit(store: Store, uid: str, **texts: dict[str, str]) -> None:
    edits = CaptionEdits(
        texts={target.removeprefix("n"): fields for target, fields in texts.items()},
        geometry_hash=GEOMETRY,
        labels_hash=labels_hash(TWO.face_labels),
    )
    store.write(layout.caption_edits(uid), edits.to_bytes())


def test_flagged_ones_come_first_and_are_counted(store: Store) -> None:
    found = CaptionIndex(store)
    rows, total = found.page(limit=100)
    assert [(row.uid, row.flagged) for row in rows] == [("b", 1), ("d", 1), ("a", 0), ("c", 0)]
    assert total == 4 and (rows[0].name, rows[0].parts, rows[0].captioner) == ("lamp", 2, "vlm")
    assert uids(found, show="flagged") == ["b", "d"]
    assert uids(found, show="edited") == []


def test_every_object_is_on_one_page(store: Store) -> None:
    found = CaptionIndex(store)
    for limit in (1, 2, 3, 4):
        seen, after = list[str](), ""
        while rows := found.page(limit=limit, after=after)[0]:
            seen += [row.uid for row in rows]
            after = rows[-1].place
        assert seen == ["b", "d", "a", "c"]


def test_words_are_looked_for_in_uid_and_name(store: Store) -> None:
    found = CaptionIndex(store)
    assert uids(found, contains="CHAIR C") == ["c"]
    assert uids(found, contains="lamp", show="flagged") == ["b", "d"]
    assert uids(found, contains="b") == ["b"] and uids(found, contains=".*") == []


def test_edits_that_hold_settle_flags_and_others_do_not(store: Store) -> None:
    edit(store, "b", n0={"color": "pink"})
    edit(store, "d", n0={"color": "pink"})
    store.write(layout.parts("d"), parts_of([0, 1, 1], "x", "y").to_bytes())
    rows = {row.uid: row for row in CaptionIndex(store).page(limit=9)[0]}
    assert (rows["b"].flagged, rows["b"].edited) == (0, 1)
    assert (rows["d"].flagged, rows["d"].edited) == (1, 0)
    assert uids(CaptionIndex(store), show="edited") == ["b"]


def test_only_what_changed_is_read_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    found = CaptionIndex(store, clock=clock)
    uids(found)
    read = list[str]()
    parse = index.parse_captions
    monkeypatch.setattr(
        index, "parse_captions", lambda data, uid: (read.append(uid), parse(data, uid=uid))[1]
    )
    put(store, "a", captions=replace(LAMP, model="other"), shown=False)
    store.delete(layout.captions("c"))
    assert uids(found) == ["b", "d", "a", "c"], "looked at a moment ago"
    clock.now += 3
    assert uids(found) == ["a", "b", "d"] and read == ["a"]
    put(store, "e", captions=settled("table"), shown=False)
    found.expire()
    assert uids(found) == ["a", "b", "d", "e"] and read == ["a", "e"]


def test_damaged_ones_are_listed_with_their_reason(store: Store) -> None:
    store.write(layout.captions("a"), b"{")
    store.write(layout.caption_edits("c"), b"{")
    store.write("captions/notes.txt", b"not an object's")
    rows = {row.uid: row.problem for row in CaptionIndex(store).page(limit=9, show="flagged")[0]}
    assert set(rows) == {"a", "b", "c", "d"}
    assert layout.captions("a") in rows["a"] and layout.caption_edits("c") in rows["c"]
    assert rows["b"] == ""
