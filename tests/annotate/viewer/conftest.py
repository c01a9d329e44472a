"""Browser and server for the viewer's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.annotate.viewer.built import ensure_built
from tests.annotate.viewer.driver import Reviewer, browser, chromium
from tests.annotate.viewer.mock_server import MockReview, serving

Open = Callable[[MockReview], Reviewer]


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """One browser for a module's tests."""
    if chromium() is None:
        pytest.skip("needs Debian's package chromium")
    ensure_built()
    with browser() as opened:
        yield opened


@pytest.fixture
def open_page(chrome: Browser) -> Iterator[Open]:
    """Opens the page of a server; afterwards the page must have had no error."""
    closers: list[Callable[[], None]] = []

    def open_it(review: MockReview, *, width: int = 960, height: int = 600) -> Reviewer:
        server = serving(review)
        address = server.__enter__()
        context = chrome.new_context(viewport={"width": width, "height": height})
        reviewer = Reviewer(context.new_page(), address)

        def close() -> None:
            context.close()
            server.__exit__(None, None, None)
            assert reviewer.problems == []

        closers.append(close)
        return reviewer

    yield open_it
    for close in closers:
        close()
