"""The lead's overview."""

from __future__ import annotations

from typing import Any

import pytest

from tests.annotate.viewer.conftest import Open
from tests.annotate.viewer.driver import Reviewer
from tests.annotate.viewer.mock_server import MockReview
from tests.annotate.viewer.objects import chair

pytestmark = pytest.mark.browser


def reviewer_row(name: str, objects: int, seconds: float, gold: float | None) -> dict[str, Any]:
    return {
        "reviewer": name,
        "role": "reviewer",
        "objects": objects,
        "accepted": objects - 3,
        "rejected": 3,
        "median_active_s": seconds,
        "mean_active_s": seconds * 1.4,
        "median_wall_s": seconds * 2.2,
        "per_active_hour": 3600 / seconds,
        "median_edits": 6,
        "as_is": 0.31,
        "suggested": 0.44,
        "gold_score": gold,
        "gold": 0 if gold is None else 9,
        "kappa": 0.83,
        "iou": 0.79,
        "same_verdict": 0.95,
        "compared": 14,
        "skipped": 2,
        "hasty": 0.01,
    }


def figures() -> dict[str, Any]:
    """Figures of a small team."""
    days = [(1, 0.6), (2, 0.7), (3, None), (4, 0.82), (5, 0.9)]
    return {
        "progress": [
            {
                "queue": "chairs",
                "tasks": 420,
                "open": 180,
                "adjudication": 6,
                "decided": 230,
                "superseded": 4,
                "ready": 190,
                "held": 3,
                "accepted": 190,
                "rejected": 31,
                "needs_better_atoms": 7,
                "cannot_decide": 2,
                "decided_in_week": 140,
                "active_hours_left": 1.35,
                "stale_leases": 1,
            }
        ],
        "reviewers": [
            reviewer_row("ada", 120, 17.0, 0.91),
            reviewer_row("<script>alert(1)</script>", 96, 31.0, 0.84),
            reviewer_row("grace", 14, 74.0, None),
        ],
        "agreement": [
            {
                "first": "ada",
                "second": "grace",
                "compared": 14,
                "same_verdict": 0.93,
                "verdict_kappa": 0.71,
                "kappa": 0.83,
                "iou": None,
                "adjudicated": 2,
            }
        ],
        "reasons": [
            {"queue": "chairs", "reason": "scene", "objects": 12},
            {"queue": "chairs", "reason": "bad_texture", "objects": 19},
        ],
        "slowest": [
            {
                "uid": "x",
                "name": "sideboard",
                "queue": "chairs",
                "reviewer": "grace",
                "verdict": "accept",
                "active_s": 431.0,
                "wall_s": 1300.0,
                "edits": 58,
                "suggested": 9,
                "faces": 204311,
            }
        ],
        "suggestions": [
            {
                "day": f"2026-03-0{day}",
                "objects": 20,
                "merges": 50,
                "taken": 30,
                "kept": 27,
                "share_of_merges": 0.6,
                "accepted": accepted,
            }
            for day, accepted in days
        ],
    }


def task_row(number: int, state: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "queue": "chairs",
        "uid": f"object-{number}",
        "name": f"chair {number}",
        "state": state,
        "round": 1,
        "gold": False,
        "verdict": None,
        "reason": None,
        "holders": [],
        "reviewers": [],
        **more,
    }


@pytest.fixture
def review() -> MockReview:
    made = MockReview([chair()])
    decided = task_row(1, "decided", verdict="reject", reason="scene", reviewers=["ada"])
    held = task_row(2, "open", holders=["grace"])
    made.figures = {"stats": figures(), "tasks": {"tasks": [decided, held], "after": None}}
    return made


@pytest.fixture
def lead(open_page: Open, review: MockReview) -> Reviewer:
    page = open_page(review)
    page.open()
    page.page.get_by_role("link", name="Overview").click()
    page.page.get_by_role("region", name="Tasks").get_by_text("chair 2").wait_for()
    return page


def test_figures_are_shown_as_text(lead: Reviewer) -> None:
    page = lead.page
    row = page.get_by_role("table", name="Reviewers").get_by_role("row").nth(1)
    assert "17 s" in row.inner_text()
    assert page.get_by_text("<script>alert(1)</script>").first.is_visible()
    pair = page.get_by_role("table", name="Agreement of pairs").get_by_role("row").nth(1)
    assert pair.inner_text().split("\t")[-3:] == ["0.83", "–", "2"]
    assert page.locator("svg.chart").count() >= 6
    hrefs = [link.get_attribute("href") for link in page.get_by_role("link", name="CSV").all()]
    assert "api/v1/stats/suggestions.csv" in hrefs


def test_columns_sort(lead: Reviewer) -> None:
    table = lead.page.get_by_role("table", name="Reviewers")
    names = table.locator("tbody tr td:first-child")
    table.get_by_role("button", name="Median").click()
    assert names.all_inner_texts()[0] == "grace"
    table.get_by_role("button", name="Median").click()
    assert names.all_inner_texts()[0] == "ada"
    table.get_by_role("button", name="Reviewer").click()
    assert names.all_inner_texts()[1:] == ["ada", "grace"]


def test_a_lead_frees_returns_and_makes_gold(lead: Reviewer, review: MockReview) -> None:
    tasks = lead.page.get_by_role("region", name="Tasks")
    tasks.get_by_role("button", name="Release").click()
    lead.wait(lambda: (2, "force-release") in review.released, "release")
    tasks.get_by_role("button", name="Make gold").click()
    lead.wait(lambda: (1, "gold") in review.released, "gold copy")
    review.tasks[0].done = True
    tasks.get_by_role("button", name="Return").click()
    lead.page.get_by_role("button", name="Anyone").click()
    lead.page.get_by_role("button", name="Keep").click()
    lead.wait(lambda: not review.tasks[0].done, "returned task")


def test_back_to_the_review(lead: Reviewer) -> None:
    lead.page.get_by_role("link", name="Review", exact=True).click()
    lead.wait_ready(task=1)


def test_reviewers_have_no_overview(open_page: Open, review: MockReview) -> None:
    review.user = {"name": "grace", "role": "reviewer"}
    reviewer = open_page(review)
    reviewer.page.goto(reviewer.address + "#/lead")
    reviewer.wait_ready()
    assert reviewer.page.get_by_role("link", name="Overview").count() == 0
