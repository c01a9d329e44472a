"""A reviewer at the page: real keys and mouse, at pixels that the page's test port names."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

FLAGS = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
PATIENCE = 30.0


def chromium() -> str | None:
    """Debian's Chromium; no browser is ever downloaded."""
    return shutil.which("chromium")


@contextmanager
def browser() -> Iterator[Browser]:
    """Headless Chromium that draws on the processor."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield opened
        opened.close()


class Reviewer:
    """Somebody with the page open.

    Args:
        page: a fresh page.
        address: of the server.
    """

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.problems: list[str] = []
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    def _listen(self, message: ConsoleMessage) -> None:
        # What the browser says about answers such as 409 and 503 is what those tests are about.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.problems.append(message.text)

    def open(self) -> None:
        """Load the page and wait until clicks work."""
        self.page.goto(self.address)
        self.wait_ready()

    def wait_ready(self, *, task: int | None = None) -> None:
        """Until an object (a certain one) is on the desk, with lines between its parts."""

        def ready() -> bool:
            state = self.state()
            return bool(state and state["adjacency"] and task in (None, state["task"]))

        self.wait(ready, "an object on the desk")

    def wait(self, condition: Callable[[], Any], what: str) -> None:
        """Until something holds; the page's policy forbids to wait inside it by text."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"no {what} after {PATIENCE} s: {self.problems}"
            self.page.wait_for_timeout(40)

    def state(self) -> dict[str, Any] | None:
        """What the page says about itself."""
        found = self.page.evaluate("() => window.app && window.app.ready ? window.app.state : null")
        assert found is None or isinstance(found, dict)
        return found

    def now(self, key: str) -> Any:
        """One entry of the state."""
        state = self.state()
        assert state is not None
        return state[key]

    def pixel(self, group: int) -> tuple[float, float]:
        """Where a group can be clicked."""
        found = self.page.evaluate("group => window.app.pixelOf(group)", group)
        assert found is not None, f"group {group} is not seen"
        return found["x"], found["y"]

    def click(self, group: int, *, add: bool = False) -> None:
        """Click a part on the canvas."""
        x, y = self.pixel(group)
        self.page.mouse.move(x, y)
        if add:
            self.page.keyboard.down("Shift")
        self.page.mouse.click(x, y)
        if add:
            self.page.keyboard.up("Shift")

    def drag(self, *points: tuple[float, float]) -> None:
        """Press at the first point, go through the others, let go at the last."""
        self.page.mouse.move(*points[0])
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*point, steps=4)
        self.page.mouse.up()

    def press(self, *keys: str) -> None:
        """Press keys one after another."""
        for key in keys:
            self.page.keyboard.press(key)

    def wait_saved(self) -> None:
        """Until the server has everything."""

        def saved() -> bool:
            state = self.state()
            return bool(state and state["unsent"] == 0 and state["saved"] == "saved")

        self.wait(saved, "saved state")
