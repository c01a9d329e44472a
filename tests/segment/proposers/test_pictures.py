import numpy as np
import pytest

from segment.proposers.pictures import MODES, perceptual_colors, picture
from segment.views import ViewImages
from tests.segment.proposers.made_views import left_half, wall


def half_a_wall(**layers: np.ndarray) -> ViewImages:
    return wall(face_id=np.where(left_half(), 0, -1).astype(np.int32), **layers)


@pytest.mark.parametrize("mode", MODES)
def test_background_is_white_and_the_object_is_not(mode: str) -> None:
    image = picture(half_a_wall(), mode)  # type: ignore[arg-type]
    assert image.dtype == np.uint8 and image.shape == (64, 64, 3)
    assert (image[~left_half()] == 255).all()
    assert (image[left_half()].min(axis=1) < 250).all()


def test_normals_are_those_of_the_camera_and_lit_from_it() -> None:
    assert picture(wall(), "normal")[0, 0].tolist() == [128, 128, 255]
    away = np.broadcast_to(np.float32([1, 0, 0]), (64, 64, 3))
    assert picture(wall(normal=away), "normal")[0, 0].tolist() == [128, 64, 64]


def test_colors_are_lit() -> None:
    assert picture(wall(), "color")[0, 0].tolist() == [200, 200, 200]
    away = np.broadcast_to(np.float32([1, 0, 0]), (64, 64, 3))
    assert picture(wall(normal=away), "color")[0, 0].tolist() == [100, 100, 100]


def test_thicker_is_lighter() -> None:
    across = np.broadcast_to(np.linspace(0.01, 0.3, 64, dtype=np.float32), (64, 64))
    light = picture(wall(diameter=across), "diameter")[0] @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(light) > 0).all() and light[-1] - light[0] > 100


def test_one_thickness_everywhere_is_one_color() -> None:
    assert len(np.unique(picture(wall(), "diameter").reshape(-1, 3), axis=0)) == 1


def test_color_map_is_even_and_in_gamut() -> None:
    colors = perceptual_colors(np.linspace(0, 1, 101))
    assert colors.min() >= 0 and colors.max() <= 1
    linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    # CIE lightness, another measure than the one that the map is made with.
    steps = np.diff(116 * np.cbrt(luminance) - 16)
    assert steps.min() > 0.3 and steps.max() < 1.2
    assert np.array_equal(perceptual_colors(np.array([-1.0, 2.0])), colors[[0, -1]])
