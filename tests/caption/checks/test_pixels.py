import numpy as np
import pytest

from caption.checks.pixels import (
    ENOUGH,
    check_colors,
    color_shares,
    object_pixels,
    part_pixels,
)
from caption.colors import PROTOTYPES
from caption.views import Views
from partworks.artifacts.captions import Caption
from partworks.artifacts.renders import Renders
from tests.caption.pictures import disc, painted, scene

RED, BLUE, GREEN = (200, 30, 35), (45, 105, 200), (60, 160, 65)


def pixels(*colors: tuple[int, int, int], each: int = 100) -> np.ndarray:
    return np.repeat(np.array(colors, np.uint8), each, axis=0)


def said(color: str = "", *, short: str = "", material: str = "", name: str = "thing") -> Caption:
    return Caption(name=name, short=short, long="", color=color, material=material)


@pytest.mark.parametrize(("name", "value"), PROTOTYPES)
def test_every_colour_may_be_called_by_its_name(name: str, value: tuple[int, int, int]) -> None:
    assert color_shares(pixels(value))[name] == 1
    assert check_colors(said(name), pixels(value)).flags == ()


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        (RED, "blue"),
        (RED, "green"),
        (BLUE, "red"),
        (BLUE, "orange"),
        (GREEN, "purple"),
        ((245, 245, 245), "black"),
        ((15, 15, 15), "white"),
        ((15, 15, 15), "red"),
        ((130, 130, 132), "yellow"),
        ((245, 215, 60), "blue"),
    ],
)
def test_a_wrong_colour_is_flagged(value: tuple[int, int, int], wrong: str) -> None:
    assert check_colors(said(wrong), pixels(value)).flags == (f"color_disagrees:{wrong}",)


@pytest.mark.parametrize("light", [1.0, 0.7, 0.4])
@pytest.mark.parametrize(("name", "value"), [("red", RED), ("blue", BLUE), ("green", GREEN)])
def test_a_colour_in_the_shade_is_still_that_colour(
    name: str, value: tuple[int, int, int], light: float
) -> None:
    linear = (np.array(value) / 255) ** 2.2 * light
    shaded = pixels(tuple(np.rint(linear ** (1 / 2.2) * 255).astype(int).tolist()))  # type: ignore[arg-type]
    assert check_colors(said(name), shaded).flags == ()


def test_each_of_two_colours_is_judged() -> None:
    both = pixels(RED, BLUE)
    assert check_colors(said("red and blue"), both).flags == ()
    assert check_colors(said("red and green"), both).flags == ("color_disagrees:green",)
    speck = np.concatenate([pixels(RED, each=98), pixels(GREEN, each=2)])
    assert check_colors(said("red and green"), speck).flags == ("color_disagrees:green",)


def test_the_short_text_is_judged_too() -> None:
    caption = said("red", short="A green lamp on a blue table.")
    assert check_colors(caption, pixels(RED)).flags == ("color_disagrees:green",)


def test_what_cannot_be_judged_is_not() -> None:
    assert check_colors(said("blue", material="clear glass"), pixels(RED)).flags == ()
    assert check_colors(said("blue"), pixels(RED, each=ENOUGH - 1)).flags == ()
    assert check_colors(said("blue"), pixels(RED, each=ENOUGH)).flags != ()


def test_other_flags_stay() -> None:
    caption = Caption(name="x", short="", long="", color="blue", flags=("verify_no:name",))
    flags = check_colors(caption, pixels(RED)).flags
    assert flags == ("color_disagrees:blue", "verify_no:name")


def test_pixels_are_those_of_the_part() -> None:
    ball = np.where(disc(64, (32, 32), 20), 1, -1)
    views = Views(Renders(painted(scene(), (BLUE, RED, GREEN), alone={"part_01": [ball]})))
    found = part_pixels(views, 1)
    assert (found == RED).all() and len(found) > 500 + (scene()[0] == 1).sum() / 2
    assert (part_pixels(views, 0) == BLUE).all()
    assert len(part_pixels(views, 2)) == 0
    everything = object_pixels(views)
    assert {tuple(color) for color in everything.tolist()} == {BLUE, RED}
