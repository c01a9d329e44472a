"""Nothing that a reviewer did is lost: reloads, a server that is away, another window."""

from __future__ import annotations

import pytest

from annotate.review.digest import state_hash
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


def merge(reviewer: Reviewer) -> None:
    reviewer.click(10)
    reviewer.click(11, add=True)
    reviewer.press("m")


def test_a_reload_in_the_middle_loses_nothing(reviewer: Reviewer, review: MockReview) -> None:
    review.fail = 100
    merge(reviewer)
    reviewer.click(2)
    reviewer.press("d")
    before = reviewer.now("hash")
    assert reviewer.now("unsent") == 2
    reviewer.page.reload()
    reviewer.wait_ready()
    assert review.tasks[0].operations == []
    assert reviewer.now("hash") == before
    review.fail = 0
    reviewer.wait_saved()
    assert state_hash(review.tasks[0].state) == before
    reviewer.press("u", "u")
    assert reviewer.now("groups") == [0, 2, 4, 5, 6, 7, 8, 9, 10, 11]


def test_the_dot_tells_that_the_server_is_away(reviewer: Reviewer, review: MockReview) -> None:
    review.fail = 2
    merge(reviewer)
    dot = reviewer.page.locator(".dot")
    reviewer.wait(lambda: "Offline" in dot.inner_text(), "word that it is offline")
    reviewer.wait_saved()
    assert dot.inner_text() == "Saved"
    assert len(review.tasks[0].operations) == 1


def test_an_answer_that_was_lost_applies_nothing_twice(
    reviewer: Reviewer, review: MockReview
) -> None:
    review.lose = 1
    merge(reviewer)
    reviewer.wait_saved()
    assert len(review.tasks[0].operations) == 1
    reviewer.press("u")
    reviewer.wait_saved()
    assert [one["kind"] for one in review.tasks[0].operations] == ["merge", "undo"]


@pytest.mark.parametrize(("answer", "kept"), [("Put my steps on top", 2), ("Drop my", 1)])
def test_another_window_is_a_clear_conflict(
    reviewer: Reviewer, review: MockReview, answer: str, kept: int
) -> None:
    task = review.tasks[0]
    other = {"at": 1, "tool": "click", "kind": "merge", "groups": [4, 5]}
    body = {"epoch": 1, "base_version": 0}
    identifier = "00000000-0000-4000-8000-000000000000"
    review.save(task, {**body, "operations": [{"id": identifier, **other}]})
    merge(reviewer)
    reviewer.page.get_by_role("button", name=answer).click()
    reviewer.wait(lambda: (reviewer.state() or {}).get("version") == kept, "both windows' steps")
    reviewer.wait_saved()
    assert len(task.operations) == kept
    assert task.operations[0]["id"] == identifier
    assert reviewer.now("hash") == state_hash(task.state)


def test_a_lost_lease_is_told_and_work_goes_on(reviewer: Reviewer, review: MockReview) -> None:
    review.tasks[0].epoch = 2
    review.tasks[0].done = True
    merge(reviewer)
    reviewer.page.get_by_role("button", name="Go on").click()
    reviewer.wait_ready(task=2)


def test_time_at_work_goes_on_after_a_reload(reviewer: Reviewer, review: MockReview) -> None:
    reviewer.page.wait_for_timeout(1500)
    reviewer.page.reload()
    reviewer.wait_ready()
    reviewer.press("Control+Enter")
    reviewer.wait_ready(task=2)
    assert 1500 <= review.submissions[0]["active_ms"] < 30_000
    reviewer.press("Control+Enter")
    reviewer.wait(lambda: len(review.submissions) == 2, "second submission")
    assert review.submissions[1]["active_ms"] < review.submissions[0]["active_ms"] + 1500
