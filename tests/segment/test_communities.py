import numpy as np

from segment.communities import find_communities
from segment.counts import MaskCounts
from tests.segment.painted import flat_counts

WIDE = 30


def views(images: list[str], masks: list[list[str]]) -> MaskCounts:
    """Views of faces a, b, c …, each pixel of the strings standing for `WIDE` pixels."""
    wide = [[ord(face) - ord("a") for face in image for _ in range(WIDE)] for image in images]
    drawn = [["".join(pixel * WIDE for pixel in mask) for mask in view] for view in masks]
    return flat_counts(wide, drawn)


def communities(images: list[str], masks: list[list[str]]) -> list[int]:
    return find_communities(views(images, masks)).tolist()


def test_same_part_in_two_views_is_one_community() -> None:
    assert communities(["aabb", "aaab"], [["##..", "..##"], ["###.", "...#"]]) == [0, 1, 1, 0]


def test_only_faces_that_both_views_see_count() -> None:
    assert communities(["aab", "ac"], [["##.", "..#"], ["##"]]) == [0, 1, 1]


def test_views_without_a_face_in_common_stay_apart() -> None:
    assert communities(["a", "b"], [["#"], ["#"]]) == [0, 1]


def test_whole_and_part_stay_apart() -> None:
    scene = ["abcd", "abcd"]
    assert communities(scene, [["####", "#..."], ["####", "#..."]]) == [0, 1, 0, 1]


def test_a_mask_over_two_parts_chains_no_communities() -> None:
    # The mask of the third view holds both; the last two views see only one of them each, and there
    # it agrees wholly with their masks.
    images = ["aab", "abb", "ab", "ac", "bc"]
    masks = [["##.", "..#"], ["#..", ".##"], ["##"], ["#."], ["#."]]
    found = communities(images, masks)
    # Small masks first in a view: b of the first view, a of the second.
    b_first, a_first, a_second, b_second, _, a_fourth, b_fifth = found
    assert a_first == a_second == a_fourth and b_first == b_second == b_fifth
    assert a_first != b_first


def test_masks_that_one_view_tells_apart_are_not_joined_by_another() -> None:
    # The second view sees a alone: its mask agrees as well with the whole of the first.
    found = communities(["ab", "a"], [["##", "#."], ["#"]])
    assert found == [0, 1, 0]


def test_a_box_of_which_each_view_sees_two_sides() -> None:
    """Every whole agrees wholly with a side of the next view, which sees only that side of it."""
    images = ["ab", "bc", "ca"]
    found = communities(images, [["##", "#.", ".#"]] * 3)
    sides = {}
    for view, image in enumerate(images):
        # Sides are smaller than the whole and come in the order of their faces.
        first, second, whole = found[3 * view : 3 * view + 3]
        low, high = sorted(image)
        sides.setdefault(low, set()).add(first)
        sides.setdefault(high, set()).add(second)
        assert whole not in (first, second)
    assert all(len(names) == 1 for names in sides.values())
    assert len(set.union(*sides.values())) == 3


def test_a_few_pixels_prove_little() -> None:
    few = flat_counts([[0, 0], [0, 0]], [["##"], ["##"]])
    assert find_communities(few).tolist() == [0, 1]


def test_no_masks() -> None:
    assert find_communities(flat_counts([[0]], [[]])).tolist() == []


def test_equal_masks_of_one_view_are_one_community() -> None:
    assert communities(["aab"], [["##.", "##."]]) == [0, 0]


def test_numbers_follow_the_first_mask() -> None:
    random = np.random.default_rng(0)
    images = ["".join(random.choice(list("abcdef"), 10)) for _ in range(4)]
    masks = [["".join(random.choice([".", "#"], 10)) for _ in range(6)] for _ in range(4)]
    found = find_communities(views(images, masks))
    _, first = np.unique(found, return_index=True)
    assert (np.diff(first) > 0).all()
