import numpy as np
import pytest

from caption.composite.marks import GAP, LINE, ring_around
from caption.composite.panels import bounds, flatten, make_panel, square_around


def test_flatten_blends_with_the_background() -> None:
    picture = np.array([[[200, 100, 0, 255], [200, 100, 0, 0], [200, 100, 0, 51]]], np.uint8)
    flat = flatten(picture, background=255)
    assert flat[0].tolist() == [[200, 100, 0], [255, 255, 255], [244, 224, 204]]


def test_bounds() -> None:
    mask = np.zeros((5, 7), bool)
    assert bounds(mask) is None
    mask[1:3, 4] = True
    assert bounds(mask) == (4, 1, 5, 3)


@pytest.mark.parametrize(
    ("box", "least", "expected"),
    [
        ((40, 40, 50, 44), 1, (30, 27, 60, 57)),
        ((0, 0, 10, 10), 1, (0, 0, 30, 30)),
        ((90, 95, 100, 100), 1, (70, 70, 100, 100)),
        ((48, 48, 52, 52), 50, (25, 25, 75, 75)),
        ((10, 10, 90, 20), 1, (0, 0, 100, 100)),
    ],
)
def test_squares_stay_in_the_picture(
    box: tuple[int, int, int, int], least: int, expected: tuple[int, int, int, int]
) -> None:
    found = square_around(box, factor=3.0, least=least, size=(100, 100))
    assert found == expected
    assert found[0] <= box[0] and found[1] <= box[1]
    assert found[2] >= box[2] and found[3] >= box[3]


@pytest.mark.parametrize("crop", [(0, 0, 60, 60), (10, 20, 50, 40), (30, 5, 33, 55)])
@pytest.mark.parametrize("most_scale", [1.0, 4.0])
def test_pixels_are_found_where_the_panel_shows_them(
    crop: tuple[int, int, int, int], most_scale: float
) -> None:
    picture = np.zeros((60, 60, 3), np.uint8)
    x, y = (crop[0] + crop[2]) // 2, (crop[1] + crop[3]) // 2
    picture[y, x] = 255
    made = make_panel(picture, crop, side=100, pad=6, most_scale=most_scale, background=0)
    shown = np.asarray(made.image)[..., 0]
    assert shown.shape == (100, 100)
    x0, y0, x1, y1 = made.place((x, y, x + 1, y + 1))
    assert shown[y0:y1, x0:x1].sum() > 0.5 * shown.sum()
    ((column, row),) = made.place_points(np.array([[x, y]])).tolist()
    assert x0 <= column < x1 and y0 <= row < y1
    left, top, right, bottom = made.place(crop)
    assert min(left, top) >= 6 and max(right, bottom) <= 94
    longer = max(crop[2] - crop[0], crop[3] - crop[1])
    assert max(right - left, bottom - top) == round(min(88, longer * most_scale))


def test_a_ring_goes_through_the_corners() -> None:
    box = (20, 30, 120, 70)
    ring = ring_around(box)
    middle = np.array([70.0, 50.0])
    radii = np.array([ring[2] - ring[0], ring[3] - ring[1]]) / 2 - LINE
    corner = np.array([box[2] + GAP, box[3] + GAP])
    assert ((corner - middle) / radii) @ ((corner - middle) / radii) == pytest.approx(
        0.98, abs=0.03
    )
    assert (ring[0] + ring[2]) / 2 == middle[0] and (ring[1] + ring[3]) / 2 == middle[1]
