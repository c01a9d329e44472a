from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from partworks import dataset
from partworks.dataset import Dataset
from partworks.report.page import build_page
from partworks.report.wording import printable
from partworks.store import Store
from tests.report.made import (
    ARABIC,
    BREAKOUT,
    EMOJI,
    LONG,
    SCRIPT,
    MadeRoot,
    build_root,
    make_mesh,
    view_color,
)
from tests.report.reading import Page

BROKEN = ("missing", "damaged", "foreign", "stale")
UIDS = ("chair", "hostile", "picture", "waiting", "refused", "crashed", *BROKEN)


def build(store: Store, *, limit: int = 200) -> bytes:
    return build_page(store, dataset.require(store), limit=limit)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    store = build_root(str(tmp_path_factory.mktemp("report") / "root"))
    return Page(build(store).decode("utf-8"))


def card(page: Page, uid: str) -> Page:
    """The article of one object, as a page of its own."""
    start = page.source.index(f'id="object-{uid}"')
    start = page.source.rindex("<article", 0, start)
    return Page(page.source[start : page.source.index("</article>", start) + len("</article>")])


def test_the_page_is_well_formed_and_every_id_is_there_once(page: Page) -> None:
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(set(ids)) == len(ids)
    targets = [link.attributes["href"] for link in page.all("a")]
    assert len(targets) > len(UIDS)
    assert {target.removeprefix("#") for target in targets} <= set(ids)
    labels = [e.attributes["aria-labelledby"] for e in page.elements if e.tag == "section"]
    assert set(labels) <= set(ids)


def test_the_page_loads_nothing_and_runs_nothing(page: Page) -> None:
    assert {element.tag for element in page.elements} & {
        "script",
        "link",
        "iframe",
        "base",
    } == set()
    for element in page.elements:
        for name, value in element.attributes.items():
            assert not name.startswith("on"), f"<{element.tag} {name}>"
            if name == "src":
                assert value.startswith("data:image/webp;base64,")
            elif name == "href":
                assert value.startswith("#")
            elif name == "style":
                assert re.fullmatch(r"background:#[0-9a-f]{6}", value)
    assert "url(" not in page.source and "@import" not in page.source
    (policy,) = [m for m in page.all("meta") if m.attributes.get("http-equiv")]
    assert policy.attributes["content"].startswith(
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    )


def test_hostile_text_arrives_as_text(page: Page) -> None:
    assert SCRIPT not in page.source and "<img src=x" not in page.source
    for text in (SCRIPT + BREAKOUT, EMOJI, BREAKOUT, ARABIC + SCRIPT, LONG):
        assert text in page.texts, text
    for name in ("plain chair", SCRIPT + BREAKOUT, EMOJI):
        assert f"short of {name}" in page.texts
        assert f"long of {name}" in page.texts
    assert f"seed_of =\n{SCRIPT}" in page.text
    assert f"starts with b'<!DOCTYPE {SCRIPT}'" in page.texts


def test_bytes_that_html_forbids_are_replaced(page: Page) -> None:
    assert f"Fatal Python error: {SCRIPT}\N{REPLACEMENT CHARACTER}[0m" in page.text
    assert printable(page.source) == page.source


def test_text_that_is_no_unicode_does_not_break_the_page(tmp_path: Path) -> None:
    root = MadeRoot(Store(str(tmp_path)))
    root.add_complete("one", "name", ["seat", "back"])
    store = root.close()
    path = "captions/on/one.json"
    store.write(path, store.read(path).replace(b"short of name", b"lone \\udc80 surrogate"))
    assert "lone \N{REPLACEMENT CHARACTER} surrogate" in Page(build(store).decode()).texts


def test_every_object_has_a_card_that_says_how_far_it_came(page: Page) -> None:
    assert {e.attributes["id"] for e in page.all("article") if "id" in e.attributes} == {
        f"object-{uid}" for uid in UIDS
    }
    crashed = card(page, "crashed")
    assert "segment: failed," in crashed.texts
    assert "crashing one" in crashed.texts
    assert "for instance by a segmentation fault" in crashed.text
    assert [step.attributes["class"] for step in crashed.all("li")][:3] == [
        "ok",
        "failed",
        "blocked",
    ]
    refused = card(page, "refused")
    assert refused.texts[0] == "refused"
    assert "not_a_model" in refused.texts
    assert "The bytes are something else" in refused.text
    assert "pending" in card(page, "waiting").texts
    assert "stale" in card(page, "stale").texts


def test_groups_for_the_filter(page: Page) -> None:
    classes = {
        element.attributes["id"].removeprefix("object-"): element.attributes["class"]
        for element in page.all("article")
        if "id" in element.attributes
    }
    assert classes["chair"] == "object complete"
    assert classes["waiting"] == classes["stale"] == "object unfinished"
    assert classes["refused"] == classes["crashed"] == "object trouble"
    labels = {"all 10", "complete 6", "unfinished 2", "failed or rejected 2"}
    assert labels <= set(page.texts)


def test_damaged_files_become_notes(page: Page) -> None:
    damaged = card(page, "damaged")
    for path in ("segments/da/damaged.npz", "parts/da/damaged.npz", "renders/da/damaged.zip"):
        assert f"{path} cannot be read: BadZipFile" in damaged.text
    assert "captions/da/damaged.json cannot be read: JSONDecodeError" in damaged.text
    assert "damaged one" in damaged.texts
    missing = card(page, "missing")
    note = "objects/mi/missing.glb: the ledger lists the file, but it is not there."
    assert note in missing.texts
    foreign = card(page, "foreign")
    assert "The parts were made for another geometry than the object's; not shown." in foreign.texts
    assert "2 parts" not in foreign.texts and "6 segments" in foreign.texts


def test_pictures_decode_and_show_what_they_should(page: Page) -> None:
    pictures = card(page, "chair").pictures()
    for element, image in pictures:
        size = (element.attributes["width"], element.attributes["height"])
        assert size == (str(image.width), str(image.height))
        assert element.attributes["alt"]
    view, segments, merged, parts, boxes, sheet, seat, back = (
        np.asarray(image.convert("RGBA")).astype(int) for _, image in pictures
    )
    # Of the four cameras, that at azimuth 0° is the nearest to a view from 40°.
    assert np.abs(view[30, 128, :3] - view_color(-1, 0)[:3]).max() < 8
    assert view[200, 128, 3] == 0
    assert sheet.shape == (116, 4 * 120 - 4, 4)
    for index in range(4):
        assert np.abs(sheet[20, 120 * index + 50, :3] - view_color(-1, index)[:3]).max() < 8
    # Part k is best seen in view k + 1.
    assert np.abs(seat[20, 50, :3] - view_color(0, 1)[:3]).max() < 8
    assert np.abs(back[20, 50, :3] - view_color(1, 2)[:3]).max() < 8
    for picture in (segments, merged, parts, boxes):
        assert picture.shape == (256, 256, 4)
        assert (picture[..., 3] == 255).sum() > 5000
    assert not np.array_equal(segments, parts)


def test_alternative_texts_name_the_object_and_keep_hostile_names(page: Page) -> None:
    alts = [element.attributes["alt"] for element in card(page, "hostile").all("img")]
    assert alts[0] == f"{SCRIPT}{BREAKOUT}, rendered"


def test_figures_of_the_whole_root(page: Page) -> None:
    assert "Faces per object" in page.texts
    assert "9 objects, 3 to 36, median 36, sum 291" in page.texts
    assert "6 objects, 6 each" in page.texts
    assert "Captions were filled into a template; no model saw the objects." in page.texts
    assert "CC-BY-4.0 (8)" in page.texts
    assert "9 assets, 1 duplicate; ignored files: 2 .txt" in page.texts


def test_equal_roots_give_equal_pages(tmp_path: Path) -> None:
    url = str(tmp_path / "root")
    first = build(build_root(url))
    ledger = {path.name for path in tmp_path.rglob("*.parquet")}
    shutil.rmtree(url)
    second = build(build_root(url))
    assert ledger.isdisjoint({path.name for path in tmp_path.rglob("*.parquet")})
    assert first == second


def test_a_limit_leaves_objects_out_and_says_so(tmp_path: Path) -> None:
    root = MadeRoot(Store(str(tmp_path)))
    for number in range(30):
        root.add_ingested(f"u{number:02d}", make_mesh(f"object {number}"))
    store = root.close()
    ten = Page(build(store, limit=10).decode())
    assert "10 of 30 objects are shown, 20 are left out" in ten.text
    shown = [e.attributes["id"] for e in ten.all("article")]
    assert len(shown) == 10 and shown == sorted(shown)
    eleven = {e.attributes["id"] for e in Page(build(store, limit=11).decode()).all("article")}
    assert set(shown) < eleven
    none = Page(build(store, limit=0).decode())
    assert "There are no objects to show." in none.texts
    assert "30 objects, 36 each" in ten.text and "30 objects, 36 each" in none.text


def test_a_root_where_nothing_has_run(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    dataset.save(store, Dataset())
    page = Page(build(store).decode())
    assert "No stage has been run on this root." in page.texts
    assert "Nothing has been measured yet." in page.texts


@pytest.mark.usefixtures("toys")
def test_stages_that_the_page_knows_nothing_of(tmp_path: Path) -> None:
    root = MadeRoot(Store(str(tmp_path)))
    root.add("make", "one", {"made/one.bin": b"12"}, bytes=2)
    root.add("make", "two", status="rejected", reason="ugly")
    root.add("use", "one", status="failed", reason="deadline")
    page = Page(build(root.close()).decode())
    assert "It is ugly." in page.text
    assert "Time per object" in page.texts
    assert "use: failed," in card(page, "one").texts
