"""The page of captions, before the real server and a small root."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Locator, Page, expect

from annotate.captions.changes import with_text
from annotate.captions.standing import read_standing
from annotate.server.app import create_app
from annotate.server.settings import ServerSettings
from partworks import layout
from partworks.artifacts.caption_edits import Author, CaptionEdits
from partworks.store import Store
from tests.annotate.captions.scene import LAMP, caption, put, settled
from tests.annotate.viewer.driver import PATIENCE, Reviewer

pytestmark = pytest.mark.browser

SCRIPT = '<img src=x onerror="document.title=1">'


@dataclass
class Desk:
    """Somebody at the page of captions."""

    page: Page
    root: Store

    def open(self, uid: str) -> None:
        """Choose an object in the list."""
        self.page.get_by_role("navigation", name="Objects").get_by_role("link", name=uid).click()
        self.text("Name of the object").wait_for()

    def text(self, name: str) -> Locator:
        return self.page.get_by_label(name, exact=True)

    def stored(self) -> CaptionEdits:
        return CaptionEdits.from_bytes(self.root.read(layout.caption_edits("lamp")))

    def wait(self, condition: Callable[[], Any], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"no {what}"
            self.page.wait_for_timeout(40)

    def wait_stored(self, target: str, field: str, text: str) -> None:
        """Until the root has a text."""

        def there() -> bool:
            known = self.root.exists(layout.caption_edits("lamp"))
            return known and self.stored().texts.get(target, {}).get(field) == text

        self.wait(there, f"{field} {text!r} of {target}")

    def meanwhile(self, target: str, field: str, text: str) -> None:
        """Somebody else edits."""
        author = Author(by="bob", at="2026-01-02T03:04:05+00:00")
        standing = read_standing(self.root, "lamp")
        edits = with_text(standing, target, field=field, text=text, author=author)
        self.root.write(layout.caption_edits("lamp"), edits.to_bytes())


@pytest.fixture
def desk(chrome: Browser, tmp_path: Path) -> Iterator[Desk]:
    """The page with two objects in its list; afterwards it must have had no error."""
    root = Store(str(tmp_path / "root"))
    put(root, "lamp")
    chair = settled("chair")
    put(root, "chair", captions=replace(chair, whole=caption(SCRIPT)), shown=False)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = ServerSettings(
        database=f"sqlite:///{tmp_path / 'review.db'}",
        blobs=tmp_path / "blobs",
        root=root.url,
        port=port,
        local_token="token",
    )
    config = uvicorn.Config(create_app(settings), port=port, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    context = chrome.new_context(viewport={"width": 1100, "height": 800})
    reviewer = Reviewer(context.new_page(), f"http://127.0.0.1:{port}/")
    found = Desk(reviewer.page, root)
    while not server.started:
        time.sleep(0.02)
    reviewer.page.set_default_timeout(1000 * PATIENCE)
    reviewer.page.goto(f"{reviewer.address}?token=token#/captions")
    reviewer.page.get_by_role("navigation", name="Objects").get_by_role("link").first.wait_for()
    yield found
    context.close()
    server.should_exit = True
    thread.join()
    assert reviewer.problems == []


def test_flagged_ones_come_first_with_pictures_and_flags_in_words(desk: Desk) -> None:
    links = desk.page.get_by_role("navigation", name="Objects").get_by_role("link")
    assert [text.splitlines()[0] for text in links.all_inner_texts()] == ["lamp", SCRIPT]
    assert "1 flagged" in links.first.inner_text()
    desk.open("lamp")
    shade = desk.page.get_by_role("region", name="Part 0")
    expect(shade).to_contain_text("called red, and hardly any of its pixels are")
    expect(shade.get_by_role("img", name="Part 0, shade, in the object")).to_be_visible()
    expect(shade.get_by_role("img", name="Part 0, shade, alone")).to_be_visible()
    foot = desk.page.get_by_role("region", name="Part 1")
    expect(foot).to_contain_text("There is no picture of it.")
    whole = desk.page.get_by_role("img", name="The object with 1 of its parts numbered")
    expect(whole.locator("text")).to_have_text("0")
    loaded = "images => images.every(one => one.getBBox().width > 0)"
    assert desk.page.locator("image").evaluate_all(loaded)
    desk.page.get_by_role("button", name="Next object").click()
    expect(desk.page.get_by_label("Name of the object")).to_have_value(SCRIPT)
    assert desk.page.title() == "Captions – Partworks review"


def test_texts_are_edited_by_keys_alone(desk: Desk) -> None:
    desk.open("lamp")
    name = desk.text("Name of part 0")
    name.focus()
    name.press("Control+a")
    desk.page.keyboard.type("hood")
    desk.page.keyboard.press("Tab")
    assert desk.text("Short of part 0").evaluate("node => node === document.activeElement")
    desk.page.keyboard.press("Control+a")
    desk.page.keyboard.type("A hood of glass.")
    desk.page.keyboard.press("Enter")
    desk.wait_stored("0", "short", "A hood of glass.")
    assert "name" not in desk.stored().of_part(0), "what was left is not saved"
    expect(name).to_have_value("hood")
    shade = desk.page.get_by_role("region", name="Part 0")
    expect(shade).to_contain_text("edited by local")
    expect(shade).to_contain_text("was “A shade.”")
    expect(shade.get_by_role("list", name="Flags")).to_be_hidden()
    name.press("Escape")
    expect(name).to_have_value("shade")
    shade.get_by_role("button", name="Withdraw").press("Enter")
    desk.wait(lambda: not desk.root.exists(layout.caption_edits("lamp")), "withdrawal")
    expect(desk.text("Short of part 0")).to_have_value("A shade.")


def test_what_was_typed_survives_a_conflict_and_a_look_elsewhere(desk: Desk) -> None:
    desk.open("lamp")
    color = desk.text("Colour of part 0")
    color.fill("crimson")
    desk.meanwhile("0", "color", "pink")
    color.press("Enter")
    alert = desk.page.get_by_role("region", name="Part 0").get_by_role("alert")
    expect(alert.filter(has_text="Somebody else made it “pink”")).to_be_visible()
    expect(color).to_have_value("crimson")
    assert desk.stored().of_part(0) == {"color": "pink"}
    desk.page.get_by_role("button", name="Next object").click()
    expect(desk.page.get_by_label("Name of the object")).to_have_value(SCRIPT)
    desk.open("lamp")
    expect(color).to_have_value("crimson")
    color.press("Enter")
    desk.wait_stored("0", "color", "crimson")


def test_quick_changes_are_all_made_and_bad_ones_are_explained(desk: Desk) -> None:
    desk.open("lamp")
    for field, text in (("Name", "hood"), ("Shape", "round"), ("Material", "glass")):
        box = desk.text(f"{field} of part 0")
        box.fill(text)
        box.press("Enter")
    desk.wait(
        lambda: (
            desk.root.exists(layout.caption_edits("lamp"))
            and desk.stored().of_part(0) == {"name": "hood", "shape": "round", "material": "glass"}
        ),
        "three texts",
    )
    short = desk.text("Short of the object")
    short.fill(" ".join(["word"] * 16))
    short.press("Enter")
    whole = desk.page.get_by_role("region", name="The object", exact=True)
    expect(whole.get_by_role("alert").filter(has_text="at most 15 words")).to_be_visible()
    assert short.get_attribute("aria-invalid") == "true" and desk.stored().of_whole == {}


def test_captions_of_earlier_parts_are_for_reading(desk: Desk) -> None:
    one = replace(LAMP, parts=LAMP.parts[:1])
    desk.root.write(layout.captions("lamp"), one.to_bytes())
    desk.open("lamp")
    expect(desk.page.get_by_text("run the pipeline up to the caption stage")).to_be_visible()
    assert desk.text("Name of part 0").get_attribute("readonly") is not None
