import numpy as np

from caption.views import Views
from partworks.artifacts.renders import Renders
from tests.caption.pictures import disc, painted, scene

COLORS = ((40, 60, 200), (30, 160, 60), (240, 210, 40))
BALL = np.where(disc(32, (16, 16), 8), 1, -1)


def views_of(**alone: list[np.ndarray]) -> Views:
    return Views(Renders(painted(scene(), COLORS, alone=alone)))


def test_directions_are_those_of_the_cameras() -> None:
    found = views_of().directions("object")
    expected = [(0, 0, 1), (1, 0, 0), (0, 0, -1), (-1, 0, 0)]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_masks_are_those_of_the_part_pass() -> None:
    found = views_of().part_mask(0, 1)
    assert found is not None and (found == (scene()[0] == 1)).all()
    bare = Views(Renders(painted(scene(), COLORS, with_pass=False)))
    assert bare.part_mask(0, 1) is None


def test_further_rigs_of_a_part_are_taken_if_there_is_no_other() -> None:
    assert views_of(part_01_visible=[BALL]).alone(1, towards=0) == ("part_01_visible", 0)
    assert views_of(part_01=[BALL], part_01_visible=[BALL]).alone(1, towards=0) == ("part_01", 0)
    assert views_of(part_010=[BALL], part_11=[BALL]).alone(1, towards=0) is None


def test_the_nearest_view_is_taken() -> None:
    for towards in range(4):
        assert views_of(part_01=[BALL] * 4).alone(1, towards=towards) == ("part_01", towards)
    assert views_of(part_01=[BALL] * 4).alone(1, towards=-1) == ("part_01", 0), "the front"


def test_pictures_are_decoded_once() -> None:
    views = views_of()
    assert views.color("object", 0) is views.color("object", 0)
