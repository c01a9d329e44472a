import numpy as np
import pytest

from caption.colors import PROTOTYPES, dominant_colors, name_colors, to_lab
from partworks.geometry.texture import srgb_to_linear


def linear(*srgb: tuple[int, int, int]) -> np.ndarray:
    return srgb_to_linear(np.asarray(srgb, np.float32) / 255)


@pytest.mark.parametrize(
    ("srgb", "lab"),
    [
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((119, 119, 119), (50.03, 0, 0)),
    ],
)
def test_lab_of_known_colours(srgb: tuple[int, int, int], lab: tuple[float, float, float]) -> None:
    assert to_lab(linear(srgb))[0] == pytest.approx(lab, abs=0.05)


def test_every_prototype_is_called_by_its_own_name() -> None:
    found = name_colors(linear(*(value for _, value in PROTOTYPES)))
    assert found.tolist() == list(range(len(PROTOTYPES)))


@pytest.mark.parametrize(
    ("srgb", "name"),
    [
        ((255, 0, 0), "red"),
        ((0, 0, 0), "black"),
        ((255, 255, 255), "white"),
        ((0, 0, 255), "blue"),
        ((0, 128, 0), "green"),
        ((255, 255, 0), "yellow"),
        ((255, 165, 0), "orange"),
        ((255, 192, 203), "pink"),
        ((128, 0, 128), "purple"),
        ((139, 69, 19), "brown"),
        ((245, 222, 179), "beige"),
        ((0, 0, 128), "dark blue"),
        ((135, 206, 235), "light blue"),
        ((0, 128, 128), "teal"),
        ((128, 128, 128), "grey"),
        ((64, 64, 64), "dark grey"),
        ((128, 128, 0), "olive"),
        ((210, 180, 140), "tan"),
    ],
)
def test_web_colours_get_their_everyday_names(srgb: tuple[int, int, int], name: str) -> None:
    assert dominant_colors(linear(srgb)) == (name,)


def test_the_commonest_comes_first_and_the_rare_not_at_all() -> None:
    red, white, black = (220, 30, 30), (250, 250, 250), (0, 0, 0)
    assert dominant_colors(linear(*[white] * 6, *[red] * 3, black)) == ("white", "red")
    assert dominant_colors(linear(*[white] * 8, *[red] * 2)) == ("white",)
    assert dominant_colors(np.zeros((0, 3))) == ()


def test_values_out_of_range_are_harmless() -> None:
    assert dominant_colors(np.asarray([[9.0, 9.0, 9.0]])) == ("white",)
    assert dominant_colors(np.asarray([[-1.0, -1.0, -1.0]])) == ("black",)
