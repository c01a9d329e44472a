"""An arbiter sees both opinions, and lets one stand or edits."""

from __future__ import annotations

from typing import Any

import pytest

from tests.annotate.viewer.conftest import Open
from tests.annotate.viewer.driver import Reviewer
from tests.annotate.viewer.mock_server import MockReview
from tests.annotate.viewer.objects import chair

pytestmark = pytest.mark.browser


def opinion(number: int, label: str, verdict: str, *groups: int) -> dict[str, Any]:
    merge = {
        "id": f"00000000-0000-4000-8000-00000000000{number}",
        "at": number,
        "tool": "key",
        "kind": "merge",
        "groups": list(groups),
    }
    return {
        "id": number,
        "label": label,
        "verdict": verdict,
        "reason": "",
        "note": f"note {label}",
        "operations": [merge],
    }


@pytest.fixture
def review() -> MockReview:
    made = MockReview([chair("chair a"), chair("chair b")])
    made.tasks[0].opinions = [opinion(7, "A", "accept", 10, 11), opinion(8, "B", "accept", 8, 9)]
    return made


@pytest.fixture
def reviewer(open_page: Open, review: MockReview) -> Reviewer:
    page = open_page(review)
    page.open()
    return page


def parts(reviewer: Reviewer) -> int:
    return reviewer.page.locator(".parts li").count()


def test_opinions_are_shown_without_changing_anything(reviewer: Reviewer) -> None:
    panel = reviewer.page.get_by_label("Opinions")
    show = panel.get_by_role("button", name="Show")
    show.first.click()
    reviewer.wait(lambda: parts(reviewer) == 9, "nine parts")
    assert reviewer.page.locator('.parts li[data-group="11"]').count() == 0
    show.last.click()
    reviewer.wait(
        lambda: reviewer.page.locator('.parts li[data-group="11"]').count() == 1, "the other"
    )
    show.last.click()
    reviewer.wait(lambda: parts(reviewer) == 10, "ten parts")
    assert reviewer.now("version") == 0
    assert not reviewer.now("pending")


def test_one_opinion_can_stand(reviewer: Reviewer, review: MockReview) -> None:
    panel = reviewer.page.get_by_label("Opinions")
    panel.get_by_role("button", name="Let stand").last.click()
    reviewer.wait_ready(task=2)
    assert review.submissions[0]["picked_id"] == 8
    assert review.submissions[0]["verdict"] == "accept"
    assert not panel.is_visible()
