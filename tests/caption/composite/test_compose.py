from dataclasses import replace

import numpy as np
import pytest

from caption.composite.compose import UNSEEN, Composer
from caption.composite.composite import Composite
from caption.composite.config import CompositeConfig
from caption.composite.marks import LINE, RED
from caption.composite.shown import CROPPED, CUT_OUT
from caption.views import Views
from partworks.artifacts.renders import Renders
from tests.caption.composite.seen import (
    BLUE,
    GREEN,
    YELLOW,
    bounds_of,
    check_arrow,
    check_box,
    near,
    panel,
)
from tests.caption.pictures import decoded, disc, painted, scene

ALONE = {
    "part_00": [np.where(disc(64, (32, 32), 20), 0, -1)] * 4,
    "part_01": [np.where(disc(64, (32, 32), 8 + view), 1, -1) for view in range(4)],
    "part_02": [np.where(disc(64, (32, 32), 20), 2, -1)] * 4,
}


def composer(
    *,
    style: str = "box",
    panel: int = 256,
    alone: bool = True,
    views: list[np.ndarray] | None = None,
    colors: tuple[tuple[int, int, int], ...] = (BLUE, GREEN, YELLOW),
    with_pass: bool = True,
    **settings: object,
) -> Composer:
    data = painted(
        scene() if views is None else views,
        colors,
        alone=ALONE if alone else None,
        with_pass=with_pass,
    )
    config = replace(CompositeConfig(), style=style, panel=panel, **settings)  # type: ignore[arg-type]
    return Composer(Views(Renders(data)), config=config)


def made(one: Composite | None) -> Composite:
    assert one is not None
    return one


def test_the_box_is_the_box_of_the_parts_pixels() -> None:
    found = made(composer().part(1))
    image = decoded(found.image)
    left = panel(image, found.panels[0])
    ball = bounds_of(near(left, GREEN))
    offset = found.panels[0][:2]
    assert found.box is not None
    expected = tuple(value + offset[k % 2] for k, value in enumerate(ball))
    assert np.abs(np.subtract(found.box, expected)).max() <= 1


def test_the_red_line_runs_around_the_part_and_covers_none_of_it() -> None:
    check_box(made(composer().part(1)))


@pytest.mark.parametrize("style", ["box", "annulet"])
@pytest.mark.parametrize("part", [0, 1])
def test_no_mark_is_cut_however_large_the_part(style: str, part: int) -> None:
    whole_view = [np.zeros((64, 64), int), np.where(disc(64, (32, 32), 8), 1, 0)] * 2
    found = made(composer(style=style, views=whole_view).part(part))
    image = decoded(found.image)
    x0, y0, x1, y1 = found.panels[0]
    red = (image == RED).all(axis=-1)[y0:y1, x0:x1]
    sides = [red.any(axis=1), red.any(axis=0)]
    line = bounds_of(red)
    assert found.box is not None
    assert line[0] + x0 < found.box[0] and line[2] + x0 > found.box[2]
    assert line[1] + y0 < found.box[1] and line[3] + y0 > found.box[3]
    assert all(side.sum() > 0 for side in sides)


def test_every_pixel_of_the_part_lies_within_the_ring() -> None:
    square = np.full((128, 128), -1)
    square[30:70, 20:100] = 1
    found = made(composer(style="annulet", views=[square] * 2).part(1))
    image = decoded(found.image)
    x0, y0, x1, y1 = found.panels[0]
    red = bounds_of((image[y0:y1, x0:x1] == RED).all(axis=-1))
    rows, columns = np.nonzero(near(image[y0:y1, x0:x1], GREEN))
    middle = (red[0] + red[2]) / 2, (red[1] + red[3]) / 2
    radii = (red[2] - red[0]) / 2 - LINE, (red[3] - red[1]) / 2 - LINE
    away = ((columns + 0.5 - middle[0]) / radii[0]) ** 2 + (
        (rows + 0.5 - middle[1]) / radii[1]
    ) ** 2
    assert away.max() <= 1.02


def test_an_annulet_fades_the_rest_and_leaves_the_part_as_it_is() -> None:
    found = made(composer(style="annulet").part(1))
    left = panel(decoded(found.image), found.panels[0])
    assert near(left, GREEN, within=2).sum() > 100
    assert not near(left, BLUE).any()
    faded = tuple(round(value * 0.3 + 255 * 0.7) for value in BLUE)
    assert near(left, faded, within=3).sum() > 100  # type: ignore[arg-type]
    boxed = panel(decoded(made(composer().part(1)).image), found.panels[0])
    assert near(boxed, BLUE, within=2).sum() > 100


@pytest.mark.parametrize("style", ["box", "annulet"])
def test_the_arrow_points_at_the_part_alone(style: str) -> None:
    found = made(composer(style=style).part(1))
    check_arrow(found)


def test_a_small_part_is_shown_once_more_with_its_neighbours() -> None:
    views = scene()
    for view in views:
        view[view == 1] = -1
        view[56:60, 60:66] = 1
    found = made(composer(views=views).part(1))
    assert len(found.panels) == 3
    middle = panel(decoded(found.image), found.panels[1])
    assert near(middle, BLUE).any() and near(middle, GREEN).any()
    left = panel(decoded(found.image), found.panels[0])
    assert near(middle, GREEN).sum() > 2 * near(left, GREEN).sum()
    assert (middle == RED).all(axis=-1).any(), "marked here too"
    check_arrow(found)
    assert len(made(composer(views=views, neighbours=0.0).part(1)).panels) == 2


def test_nothing_is_cropped() -> None:
    """The object and the part alone are there whole, as large as the panels bear."""
    found = made(composer(panel=176).part(0))
    image = decoded(found.image)
    left, right = (panel(image, box) for box in found.panels)
    for picture, colors in ((left, (BLUE, GREEN)), (right, (BLUE,))):
        shown = np.any([near(picture, color) for color in colors], axis=0)
        box = bounds_of(shown)
        side = picture.shape[0]
        assert min(box[:2]) >= 1 and max(box[2:]) <= side - 1
        assert max(box[2] - box[0], box[3] - box[1]) >= 0.8 * side
    block = bounds_of(near(left, BLUE) | near(left, GREEN))
    views = scene()
    expected = bounds_of(views[1] >= 0)  # the ball hides nothing of the block there
    ratio = (expected[2] - expected[0]) / (expected[3] - expected[1])
    assert (block[2] - block[0]) / (block[3] - block[1]) == pytest.approx(ratio, rel=0.03)
    assert found.view == 1


def test_facts_are_those_of_the_best_view() -> None:
    found = made(composer().part(1))
    labels = scene()[0]
    assert found.view == 0 and found.note == ""
    assert found.pixels_of_part == (labels == 1).sum()
    assert found.visible_share == pytest.approx((labels == 1).sum() / (labels >= 0).sum(), abs=1e-6)


def test_the_part_alone_is_taken_from_the_same_side() -> None:
    views = scene()[2:] + scene()[:2]  # the ball is best seen from behind, in view 2
    found = made(composer(views=views).part(1))
    assert found.view == 2 and found.alone is not None
    scale = 4.0
    assert found.alone[2] - found.alone[0] == pytest.approx(2 * 10 * scale, abs=3)


def test_a_hidden_part_is_shown_alone_with_a_note() -> None:
    found = made(composer().part(2))
    assert (found.view, found.box, found.arrow, found.visible_share) == (-1, None, None, 0.0)
    assert found.note == UNSEEN and len(found.panels) == 1
    image = decoded(found.image)
    assert near(image, YELLOW).sum() > 1000 and not (image == RED).all(axis=-1).any()


def test_without_pictures_of_a_part_it_is_cut_out_of_the_view() -> None:
    found = made(composer(alone=False).part(1))
    right = panel(decoded(found.image), found.panels[-1])
    assert found.note == CUT_OUT
    assert near(right, GREEN).any() and not near(right, BLUE).any()
    assert composer(alone=False).part(2) is None, "there is no picture of it at all"


def test_without_a_part_pass_there_is_a_detail_of_the_view() -> None:
    found = made(composer(alone=False, with_pass=False).part(1))
    assert found.note == CROPPED
    assert found.box is not None
    both = made(composer().part(1))
    assert both.box == found.box, "the overlap table has the box"


def test_blank_pictures_of_a_part_are_passed_over() -> None:
    blank = np.full((64, 64), -1)
    alone = {"part_01": [blank, ALONE["part_01"][1], blank, blank]}
    data = painted(scene(), (BLUE, GREEN, YELLOW), alone=alone)
    found = Views(Renders(data)).alone(1, towards=0)
    assert found == ("part_01", 1)
    nothing = painted(scene(), (BLUE, GREEN, YELLOW), alone={"part_01": [blank] * 4})
    assert Views(Renders(nothing)).alone(1, towards=0) is None


def test_flawed_views_are_not_shown() -> None:
    data = painted(scene(), (BLUE, GREEN, YELLOW), alone=ALONE, flaws={0: "dark"})
    views = Views(Renders(data))
    found = made(Composer(views, config=CompositeConfig()).part(1))
    assert found.view == 1
    only = painted(
        scene(), (BLUE, GREEN, YELLOW), alone=ALONE, flaws={0: "dark", 1: "dark", 2: "dark"}
    )
    whole = Composer(Views(Renders(only)), config=CompositeConfig()).whole()
    assert len(whole.panels) == 1


def test_the_whole_is_shown_from_several_sides() -> None:
    found = composer().whole()
    assert len(found.panels) == 4 and found.box is None and found.arrow is None
    image = decoded(found.image)
    green = [near(panel(image, box), GREEN).any() for box in found.panels]
    assert green == [True, True, False, False]
    assert len(composer().whole().panels) == 4
    assert len(composer(views=scene()[:1]).whole().panels) == 1


def test_what_is_nearly_white_stands_before_grey() -> None:
    white = made(composer(colors=(BLUE, (250, 250, 250), YELLOW)).part(1))
    image = decoded(white.image)
    right = panel(image, white.panels[-1])
    assert near(right, (168, 168, 168), within=2).any()
    assert not near(right[:4], (255, 255, 255)).any()
    dark = panel(decoded(made(composer().part(1)).image), white.panels[-1])
    assert (dark[2, 2] == 255).all()
    fixed = decoded(made(composer(background=10).part(1)).image)
    assert (fixed[0, 0] == 10).all()


@pytest.mark.parametrize("style", ["box", "annulet"])
@pytest.mark.parametrize("image", ["png", "webp"])
def test_the_same_bytes_again(style: str, image: str) -> None:
    first, second = composer(style=style, image=image), composer(style=style, image=image)
    for part in range(3):
        one, other = made(first.part(part)), made(second.part(part))
        assert one.image == other.image and one.sha256 == other.sha256
        assert one.media_type == f"image/{image}"
        assert decoded(one.image).shape == (one.height, one.width, 3)
    assert made(first.part(0)).sha256 != made(first.part(1)).sha256
    assert first.whole().image == second.whole().image
