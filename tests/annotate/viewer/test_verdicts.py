"""How objects come to the desk and leave it."""

from __future__ import annotations

import pytest

from tests.annotate.viewer.conftest import Open
from tests.annotate.viewer.driver import Reviewer
from tests.annotate.viewer.mock_server import MockReview
from tests.annotate.viewer.objects import chair

pytestmark = pytest.mark.browser


@pytest.fixture
def review() -> MockReview:
    return MockReview([chair("chair a"), chair("chair b")])


@pytest.fixture
def reviewer(open_page: Open, review: MockReview) -> Reviewer:
    page = open_page(review)
    page.open()
    return page


def test_accept_brings_the_next_object_and_can_be_taken_back(
    reviewer: Reviewer, review: MockReview
) -> None:
    reviewer.press("Control+Enter")
    reviewer.wait_ready(task=2)
    submission = review.submissions[0]
    assert (submission["task"], submission["verdict"], submission["version"]) == (1, "accept", 0)
    assert 0 < submission["active_ms"] < 60_000
    reviewer.page.get_by_role("button", name="Take it back").click()
    reviewer.wait_ready(task=1)
    assert review.released == [(2, "later")]


def test_warnings_are_shown_before_accepting(reviewer: Reviewer, review: MockReview) -> None:
    reviewer.click(10)
    reviewer.press("F2")
    reviewer.page.keyboard.type("leg")
    reviewer.press("Enter", "Control+Enter")
    dialog = reviewer.page.get_by_role("dialog")
    dialog.get_by_text("9 parts unnamed").wait_for()
    dialog.get_by_role("button", name="Show").click()
    assert 10 not in reviewer.now("chosen")
    assert len(reviewer.now("chosen")) == 9
    assert review.submissions == []
    reviewer.press("Control+Enter")
    dialog.get_by_role("button", name="Accept anyway").click()
    reviewer.wait_ready(task=2)
    assert review.submissions[0]["verdict"] == "accept"


def test_reject_asks_for_a_reason(reviewer: Reviewer, review: MockReview) -> None:
    reviewer.press("r", "9")
    assert reviewer.page.get_by_text("Say in the note what is wrong.").is_visible()
    reviewer.page.keyboard.type("two chairs in one")
    reviewer.page.get_by_role("button", name="Something else").click()
    reviewer.wait_ready(task=2)
    assert review.submissions[0]["verdict"] == "reject"
    assert review.submissions[0]["reason"] == "other"
    assert review.submissions[0]["note"] == "two chairs in one"
    reviewer.press("q", "2")
    reviewer.wait(lambda: len(review.submissions) == 2, "second rejection")
    assert review.submissions[1]["reason"] == "scene"
    # The same keys take suggestions elsewhere; "2" was for the dialog alone.
    assert [task.operations for task in review.tasks] == [[], []]
    reviewer.page.get_by_text("Every object has been reviewed.").wait_for()


def test_skip_and_later_give_the_object_back(reviewer: Reviewer, review: MockReview) -> None:
    reviewer.press("k")
    reviewer.wait_ready(task=2)
    reviewer.press("Shift+K")
    reviewer.wait(lambda: len(review.released) == 2, "second release")
    assert review.released == [(1, "skip"), (2, "later")]


def test_tool_and_look_stay_from_object_to_object(reviewer: Reviewer) -> None:
    reviewer.press("b", "x", "Control+Enter")
    reviewer.wait_ready(task=2)
    assert reviewer.now("tool") == "brush"


def test_the_next_object_is_fetched_ahead(reviewer: Reviewer, review: MockReview) -> None:
    fetched = "() => performance.getEntriesByType('resource').map(entry => entry.name)"
    wanted = review.blob("mesh-2.")
    reviewer.wait(
        lambda: any(name.endswith(wanted) for name in reviewer.page.evaluate(fetched)),
        "fetch of the next mesh",
    )


def test_sign_in(open_page: Open) -> None:
    review = MockReview([chair()], signed_in=False)
    reviewer = open_page(review)
    reviewer.page.goto(reviewer.address)
    reviewer.page.get_by_label("Name").fill("ada")
    reviewer.page.get_by_label("Password").fill("wrong")
    reviewer.press("Enter")
    reviewer.page.get_by_text("do not fit").wait_for()
    reviewer.page.get_by_label("Password").fill("secret")
    reviewer.press("Enter")
    reviewer.wait_ready()
    reviewer.page.get_by_role("button", name="Sign out").click()
    reviewer.page.get_by_label("Password").wait_for()
    assert review.user is None


def test_a_token_in_the_address_is_used_and_removed(open_page: Open) -> None:
    reviewer = open_page(MockReview([chair()], signed_in=False))
    reviewer.page.goto(reviewer.address + "?token=token")
    reviewer.wait_ready()
    assert "token" not in reviewer.page.url


def test_keys_are_shown_and_can_be_changed(reviewer: Reviewer) -> None:
    reviewer.press("?")
    dialog = reviewer.page.get_by_role("dialog")
    assert dialog.get_by_text("Merge the chosen parts").is_visible()
    dialog.get_by_text("Change keys").click()
    field = dialog.get_by_label("Changes as JSON")
    field.fill('{"merge": ["KeyU"]}')
    dialog.get_by_role("button", name="Use these keys").click()
    assert dialog.get_by_role("alert").inner_text().startswith("U is given to")
    field.fill('{"merge": ["KeyA"]}')
    dialog.get_by_role("button", name="Use these keys").click()
    reviewer.click(10)
    reviewer.click(11, add=True)
    reviewer.press("m")
    assert len(reviewer.now("groups")) == 10
    reviewer.press("a")
    assert len(reviewer.now("groups")) == 9
