"""What can be measured in a composite whose part is green and whose rest is blue."""

import numpy as np

from caption.composite.canvas import REACH
from caption.composite.composite import Box, Composite
from caption.composite.marks import GAP, LINE, RED
from tests.caption.pictures import decoded

BLUE, GREEN, YELLOW = (0, 0, 255), (0, 255, 0), (240, 210, 40)
MARGIN = GAP + LINE


def bounds_of(mask: np.ndarray) -> Box:
    rows, columns = np.nonzero(mask)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def near(image: np.ndarray, color: tuple[int, int, int], within: int = 40) -> np.ndarray:
    result: np.ndarray = np.abs(image.astype(int) - color).max(axis=-1) <= within
    return result


def green(image: np.ndarray) -> np.ndarray:
    """Where at least two fifths of a pixel are the part's, whatever it is blended with."""
    result: np.ndarray = image[..., 1].astype(int) - image[..., 0] > 100
    return result


def panel(image: np.ndarray, box: Box) -> np.ndarray:
    return image[box[1] : box[3], box[0] : box[2]]


def is_inside(inner: Box, outer: Box) -> bool:
    return (
        inner[0] >= outer[0]
        and inner[1] >= outer[1]
        and inner[2] <= outer[2]
        and inner[3] <= outer[3]
    )


def check_box(found: Composite) -> None:
    """The box is that of the green pixels, and its line is whole and leaves them alone."""
    image = decoded(found.image)
    left, top = found.panels[0][:2]
    first = panel(image, found.panels[0])
    assert found.box is not None
    expected = np.add(bounds_of(green(first)), (left, top, left, top))
    assert np.abs(np.subtract(found.box, expected)).max() <= 2
    red = np.zeros(image.shape[:2], bool)
    red[:, : found.panels[0][2]] = (image == RED).all(axis=-1)[:, : found.panels[0][2]]
    line = bounds_of(red)
    assert line == tuple(np.add(found.box, (-MARGIN, -MARGIN, MARGIN, MARGIN)))
    assert is_inside(line, found.panels[0])
    assert not (panel(image, found.box) == RED).all(axis=-1).any()


def check_arrow(found: Composite) -> None:
    """The tip lies in the last panel, drawn, just before a pixel of the part, and points at it."""
    image = decoded(found.image)
    assert found.arrow is not None and found.alone is not None
    tail, tip = np.array(found.arrow[0]), np.array(found.arrow[1])
    x0, y0, x1, y1 = found.panels[-1]
    assert x0 <= tip[0] < x1 and y0 <= tip[1] < y1
    assert found.panels[-2][2] <= tail[0] < x0, "it starts between the panels"
    assert (image[tip[1], tip[0]] == RED).all()
    along = (tip - tail) / np.linalg.norm(tip - tail)
    ahead = [np.rint(tip + along * step).astype(int) for step in range(REACH, REACH + 3)]
    around = [panel(image, (x - 1, y - 1, x + 2, y + 2)) for x, y in ahead]
    assert any(green(some).any() for some in around)


def check_whole(found: Composite) -> None:
    """Nothing of the part alone is cropped, and it is not lost in its panel."""
    image = decoded(found.image)
    last = panel(image, found.panels[-1])
    assert found.alone is not None and is_inside(found.alone, found.panels[-1])
    x0, y0 = found.panels[-1][:2]
    shown = bounds_of(green(last))
    placed = np.subtract(found.alone, (x0, y0, x0, y0))
    assert np.abs(np.subtract(shown, placed)).max() <= 4
    side = last.shape[0]
    assert min(placed[:2]) >= 1 and max(placed[2:]) <= side - 1
