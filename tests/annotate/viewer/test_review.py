"""A reviewer's work at the page, against a server in memory that checks and folds for real."""

from __future__ import annotations

import pytest

from annotate.review.digest import state_hash
from annotate.review.fold import fold
from tests.annotate.viewer.conftest import Open
from tests.annotate.viewer.driver import Reviewer
from tests.annotate.viewer.mock_server import MockReview
from tests.annotate.viewer.objects import chair

pytestmark = pytest.mark.browser

START = [0, 2, 4, 5, 6, 7, 8, 9, 10, 11]
FRONT = 11
"""The upper half of the leg nearest to the camera; 10 is its lower half."""

PLACES = """group => {
  const places = [];
  for (let x = 130; x < 680; x += 10)
    for (let y = 60; y < 480; y += 10)
      if ((window.app.pickAt(x, y) || {}).group === group) places.push([x, y]);
  return places;
}"""
"""Where on the page a group is hit."""


@pytest.fixture
def review() -> MockReview:
    return MockReview([chair("chair a"), chair("chair b")])


@pytest.fixture
def reviewer(open_page: Open, review: MockReview) -> Reviewer:
    page = open_page(review)
    page.open()
    return page


def in_order(review: MockReview, task: int) -> list[str]:
    return [operation["kind"] for operation in review.tasks[task].operations]


def test_merge_undo_redo_and_a_name_reach_the_server(
    reviewer: Reviewer, review: MockReview
) -> None:
    assert reviewer.now("groups") == START
    reviewer.click(10)
    assert reviewer.now("chosen") == [10]
    reviewer.click(FRONT, add=True)
    assert reviewer.now("chosen") == [10, FRONT]
    reviewer.press("m")
    assert reviewer.now("groups") == START[:-1]
    reviewer.press("Control+z")
    assert reviewer.now("groups") == START
    reviewer.press("Shift+U")
    assert reviewer.now("groups") == START[:-1]
    reviewer.click(10)
    reviewer.press("F2")
    reviewer.page.keyboard.type("front <b>leg</b>")
    reviewer.press("Enter")
    reviewer.wait_saved()
    assert in_order(review, 0) == ["merge", "undo", "redo", "rename"]
    assert review.tasks[0].state.names == {10: "front <b>leg</b>"}
    assert reviewer.page.locator("aside b").count() == 0
    assert reviewer.page.get_by_text("front <b>leg</b>").first.is_visible()


def test_brush_splits_what_was_painted(reviewer: Reviewer, review: MockReview) -> None:
    reviewer.click(2)
    reviewer.press("b")
    x, y = reviewer.pixel(2)
    reviewer.drag((x - 30, y), (x + 30, y))
    assert reviewer.now("pending")
    assert reviewer.now("version") == 0
    reviewer.press("Enter")
    reviewer.wait_saved()
    state = review.tasks[0].state
    assert set(in_order(review, 0)) == {"refine", "cleave"}
    new = reviewer.now("chosen")[0]
    faces = (state.group_of_face == new).sum()
    assert 0 < faces < (state.group_of_face == 2).sum()
    assert reviewer.now("hash") == state_hash(state)
    reviewer.press("u")
    reviewer.wait_saved()
    # One stroke is one gesture, however many atoms it cut.
    assert reviewer.now("groups") == START
    assert state_hash(review.tasks[0].state) == state_hash(fold(review.tasks[0].object.base, []))


def test_undo_wipes_what_is_half_painted_and_nothing_else(reviewer: Reviewer) -> None:
    reviewer.click(10)
    reviewer.click(FRONT, add=True)
    reviewer.press("m", "b")
    x, y = reviewer.pixel(10)
    reviewer.drag((x, y), (x + 4, y + 6))
    assert reviewer.now("pending")
    reviewer.press("u")
    assert not reviewer.now("pending")
    assert reviewer.now("groups") == START[:-1]


@pytest.mark.parametrize("through", [False, True])
def test_lasso_takes_what_is_seen_or_goes_through(
    reviewer: Reviewer, review: MockReview, through: bool
) -> None:
    reviewer.click(2)
    reviewer.press("l", *(["g"] if through else []))
    x, y = reviewer.pixel(2)
    reviewer.drag((x - 40, y - 40), (x + 40, y - 40), (x + 40, y + 40), (x - 40, y + 40))
    reviewer.press("Enter")
    reviewer.wait_saved()
    task = review.tasks[0]
    new = reviewer.now("chosen")[0]
    mesh = task.object.mesh
    normals = mesh.vertices[mesh.faces][task.state.group_of_face == new]
    depths = normals.mean(axis=1)[:, 2]
    # The front of the back is at z = -0.40, its rear at -0.50.
    assert (depths > -0.45).any()
    assert (depths < -0.45).any() == through


def test_two_seeds_split_a_part(reviewer: Reviewer, review: MockReview) -> None:
    reviewer.click(10)
    reviewer.click(FRONT, add=True)
    upper = reviewer.pixel(FRONT)
    lower = reviewer.pixel(10)
    reviewer.press("m", "s")
    reviewer.page.mouse.click(*upper)
    reviewer.page.mouse.click(*lower)
    reviewer.wait(lambda: reviewer.now("pending"), "preview of the split")
    reviewer.press("Enter")
    reviewer.wait_saved()
    assert len(reviewer.now("groups")) == len(START)
    assert reviewer.page.evaluate("p => window.app.pickAt(...p).group", list(upper)) != (
        reviewer.page.evaluate("p => window.app.pickAt(...p).group", list(lower))
    )
    assert len(review.tasks[0].state.groups) == len(START)


def test_slider_sets_the_level_with_mouse_and_keys(reviewer: Reviewer, review: MockReview) -> None:
    slider = reviewer.page.locator("[data-slider=level]")
    slider.focus()
    reviewer.press("ArrowLeft", "ArrowLeft")
    assert len(reviewer.now("groups")) == 8
    slider.fill("0")
    assert reviewer.now("groups") == [0]
    reviewer.page.locator("canvas").focus()
    reviewer.press("Period", "Period")
    assert len(reviewer.now("groups")) == 3
    reviewer.wait_saved()
    assert set(in_order(review, 0)) == {"level"}
    assert len(review.tasks[0].state.groups) == 3


def test_suggestions_are_stepped_through_and_enter_does_not_accept_too_soon(
    reviewer: Reviewer, review: MockReview
) -> None:
    reviewer.press("n")
    assert reviewer.now("suggestion") == [4, 5]
    reviewer.press("n")
    assert reviewer.now("suggestion") == [6, 7]
    reviewer.press("Enter", "Enter", "Enter", "Enter", "Enter")
    assert reviewer.now("groups") == [0, 2, 4, 6, 8, 10]
    reviewer.wait_saved()
    assert review.submissions == []
    assert {operation["tool"] for operation in review.tasks[0].operations} == {"suggestion"}


LEGS = [[4, 5], [6, 7], [8, 9], [10, 11]]


def test_a_listed_suggestion_is_taken_by_its_number(reviewer: Reviewer, review: MockReview) -> None:
    assert reviewer.now("listed") == LEGS
    offers = reviewer.page.locator(".suggestion .offer")
    assert offers.all_inner_texts()[1].split("\n")[0] == "2"
    assert "90 % sure" in offers.nth(1).inner_text()
    reviewer.press("2")
    assert reviewer.now("groups") == [0, 2, 4, 5, 6, 8, 9, 10, 11]
    assert reviewer.now("listed") == [LEGS[0], *LEGS[2:]]
    reviewer.press("u")
    assert reviewer.now("groups") == START
    assert reviewer.now("listed") == LEGS
    reviewer.press("5")
    assert reviewer.now("groups") == START
    reviewer.wait_saved()
    made = review.tasks[0].operations
    assert (made[0]["kind"], made[0]["tool"]) == ("merge", "suggestion")
    assert made[0]["groups"] == [6, 7]
    assert len(made) == 2


def test_suggestions_are_narrowed_to_what_is_chosen(reviewer: Reviewer) -> None:
    reviewer.click(10)
    assert reviewer.now("listed") == [[10, 11]]
    reviewer.press("n")
    assert reviewer.now("suggestion") == [10, 11]
    assert reviewer.now("chosen") == [10, 11]
    reviewer.press("Escape")
    assert reviewer.now("chosen") == [10]
    reviewer.press("Escape")
    assert reviewer.now("listed") == LEGS
    reviewer.click(10)
    reviewer.press("1")
    assert reviewer.now("groups") == START[:-1]
    # The result is chosen, but by the page: the others are a key away again.
    assert reviewer.now("chosen") == [10]
    assert reviewer.now("listed") == LEGS[:-1]
    reviewer.click(0)
    assert reviewer.now("listed") == []
    reviewer.press("n")
    assert reviewer.now("chosen") == [0]


def test_a_suggestion_under_pointer_or_focus_is_shown(reviewer: Reviewer) -> None:
    reviewer.click(0)
    reviewer.press("Escape")
    offers = reviewer.page.locator(".suggestion .offer")
    offers.nth(1).hover()
    assert (reviewer.now("marked"), reviewer.now("chosen")) == ([6, 7], [])
    reviewer.page.mouse.move(5, 5)
    assert reviewer.now("marked") == []
    offers.nth(2).focus()
    assert reviewer.now("marked") == [8, 9]
    reviewer.press("Enter")
    assert reviewer.now("groups") == [0, 2, 4, 5, 6, 7, 8, 10, 11]
    offers.first.click()
    assert reviewer.now("groups") == [0, 2, 4, 6, 7, 8, 10, 11]


def test_cleave_takes_the_clicked_segment_out(reviewer: Reviewer) -> None:
    untouched = reviewer.now("hash")
    reviewer.click(0)
    reviewer.press("c")
    assert len(set(reviewer.now("groups")) - set(START)) == 1
    assert len(reviewer.now("groups")) == len(START) + 1
    assert reviewer.now("hash") != untouched


def test_pieces_that_do_not_touch_are_separated(reviewer: Reviewer) -> None:
    reviewer.click(10)
    reviewer.click(8, add=True)
    reviewer.press("m")
    assert reviewer.now("groups") == [group for group in START if group != 10]
    reviewer.press("x")
    assert reviewer.now("groups") == START


def test_hidden_parts_are_not_hit_and_isolate_comes_back(reviewer: Reviewer) -> None:
    x, y = reviewer.pixel(0)
    reviewer.page.mouse.click(x, y)
    reviewer.press("h")
    behind = reviewer.page.evaluate("p => window.app.pickAt(...p)", [x, y])
    assert behind is None or behind["group"] != 0
    reviewer.press("Alt+h")
    assert reviewer.page.evaluate("p => window.app.pickAt(...p).group", [x, y]) == 0


def test_exploded_parts_are_hit_where_they_are_drawn(reviewer: Reviewer) -> None:
    before = reviewer.page.evaluate(PLACES, 10)
    reviewer.press("e")
    after = reviewer.page.evaluate(PLACES, 10)
    assert after
    assert after != before
    x, y = after[len(after) // 2]
    reviewer.page.mouse.click(x, y)
    assert reviewer.now("chosen") == [10]
    reviewer.press("e")
    assert reviewer.page.evaluate(PLACES, 10) == before


def test_keys_alone_merge_and_drop(reviewer: Reviewer, review: MockReview) -> None:
    reviewer.page.locator(".parts li").first.focus()
    reviewer.press("Space", "ArrowDown", "Space", "m")
    assert reviewer.now("groups") == [0, *START[2:]]
    reviewer.press("d")
    reviewer.wait_saved()
    assert review.tasks[0].state.dropped == {0}


def test_the_last_edit_is_done_on_the_other_side_too(
    reviewer: Reviewer, review: MockReview
) -> None:
    reviewer.click(10)
    reviewer.click(FRONT, add=True)
    reviewer.press("m")
    for left in (8, 7, 6):  # across x, then across z, then across x again
        reviewer.press("Shift+M")
        reviewer.wait(lambda left=left: len(reviewer.now("groups")) == left, "mirrored merge")
    assert reviewer.now("groups") == [0, 2, 4, 6, 8, 10]
    reviewer.press("Shift+M")
    reviewer.page.get_by_text("Nothing on the other side").wait_for()
    reviewer.press("u")
    assert len(reviewer.now("groups")) == 7
    reviewer.wait_saved()
    tools = [operation["tool"] for operation in review.tasks[0].operations]
    assert tools == ["key", "mirror", "mirror", "mirror", "key"]


def test_a_part_is_halved_by_the_tree(reviewer: Reviewer, review: MockReview) -> None:
    reviewer.click(2)
    reviewer.press("Shift+S")
    reviewer.wait(lambda: 3 in reviewer.now("groups"), "halves of the back")
    reviewer.press("Escape")
    reviewer.press("Shift+S")
    reviewer.page.get_by_text("Choose the part to split").wait_for()
    reviewer.click(3)
    reviewer.press("Shift+S")
    reviewer.page.get_by_text("a single segment").wait_for()
    reviewer.wait_saved()
    assert in_order(review, 0) == ["cleave"]


def test_a_line_cuts_a_part_along_a_plane(reviewer: Reviewer, review: MockReview) -> None:
    reviewer.click(2)
    x, y = reviewer.pixel(2)
    reviewer.press("j")
    reviewer.drag((x, y + 40), (x, y - 40))
    assert reviewer.now("pending")
    reviewer.press("Enter")
    reviewer.wait_saved()
    task = review.tasks[0]
    new = reviewer.now("chosen")[0]
    (rest,) = {2, *reviewer.now("groups")} - {*START, new} or {2}
    middles = task.object.mesh.vertices[task.object.mesh.faces].mean(axis=1)
    left = middles[task.state.group_of_face == new]
    right = middles[task.state.group_of_face == rest]
    assert len(left) and len(right) and left[:, 0].mean() < right[:, 0].mean()
    # Front and rear alike: a plane goes through.
    assert (left[:, 2] > -0.45).any() and (left[:, 2] < -0.45).any()


def test_two_points_are_parted_half_way_or_along_a_crease(
    reviewer: Reviewer, review: MockReview
) -> None:
    upper, lower = reviewer.pixel(FRONT), reviewer.pixel(10)
    reviewer.click(10)
    reviewer.click(FRONT, add=True)
    reviewer.press("m", "s", "s")
    reviewer.page.mouse.click(*upper)
    reviewer.page.mouse.click(*lower)
    reviewer.wait(lambda: reviewer.now("pending"), "preview of the split")
    reviewer.press("Escape", "s")
    reviewer.page.mouse.click(*upper)
    reviewer.page.mouse.click(*lower)
    reviewer.wait(lambda: len(review.methods) == 2, "second preview")
    assert review.methods == ["cut", "two-seed"]


def test_suggestions_are_ranked_anew_after_an_edit(reviewer: Reviewer, review: MockReview) -> None:
    seat = {"groups": [0, 10], "score": 0.7, "why": "same material"}
    review.ranked = [seat, *review.tasks[0].suggestions[:2]]
    reviewer.press("4")
    reviewer.wait(lambda: reviewer.now("listed") == [[0, 10], [4, 5], [6, 7]], "new ranking")
