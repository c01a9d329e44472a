from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from partworks.artifacts.renders import ViewCheck
from render.checks import (
    REASONS,
    Measured,
    common_flaw,
    is_magenta,
    judge,
    measure,
    must_show_shades,
)
from render.config import RasterConfig, RenderConfig
from render.rigs import Rig
from render.subject import make_subjects
from tests.render.scenes import board, parts_of, tower

CONFIG = RenderConfig()


def picture(color: tuple[int, int, int] = (200, 100, 50), *, size: int = 64) -> NDArray[np.uint8]:
    """A shaded square in the middle of nothing."""
    image = np.zeros((size, size, 4), np.uint8)
    quarter = size // 4
    square = image[quarter:-quarter, quarter:-quarter]
    square[..., :3] = np.asarray(color) * np.linspace(0.7, 1, square.shape[0])[:, None, None]
    square[..., 3] = 255
    return image


def flaws(*views: NDArray[np.uint8], bends: bool = True) -> list[tuple[str, ...]]:
    checks = judge([measure(view) for view in views], bends=bends, config=CONFIG)
    return [check.flaws for check in checks]


def test_a_good_picture_has_measures_and_no_flaw() -> None:
    (check,) = judge([measure(picture())], bends=True, config=CONFIG)
    assert check.flaws == ()
    assert check.coverage == pytest.approx(0.25) and check.border == 0 and check.magenta == 0
    assert check.brightness == pytest.approx(170, abs=1) and 50 < check.spread <= 60


def test_nothing_and_next_to_nothing_are_empty_and_only_that() -> None:
    nothing = np.zeros((64, 64, 4), np.uint8)
    speck = nothing.copy()
    speck[32, 32] = 255
    assert flaws(nothing, picture(), bends=False) == [("empty",), ()]
    assert flaws(speck, picture()) == [(), ()]  # 1 of 4096 pixels is the default limit
    strict = replace(CONFIG, least_coverage=0.001)
    (check,) = judge([measure(speck)], bends=False, config=strict)
    assert check.flaws == ("empty",)


@pytest.mark.parametrize("where", [(0, 20), (63, 20), (20, 0), (20, 63)])
def test_what_reaches_the_border_is_clipped(where: tuple[int, int]) -> None:
    view = picture()
    view[where] = (200, 100, 50, 9)
    assert flaws(view) == [("clipped",)]


def test_one_colour_in_all_views_is_a_flaw_of_what_bends() -> None:
    plain = picture()
    plain[plain[..., 3] > 0] = (90, 90, 90, 255)
    lighter = plain.copy()
    lighter[lighter[..., 3] > 0] = (120, 120, 120, 255)
    assert flaws(plain, plain) == [("constant",), ("constant",)]
    assert flaws(plain, lighter) == [(), ()]  # sides of a cube, seen straight on
    assert flaws(plain, plain, bends=False) == [(), ()]
    assert flaws(plain, np.zeros_like(plain)) == [("constant",), ("empty",)]


def test_magenta_under_any_light_is_a_missing_texture_unless_it_is_the_objects_own() -> None:
    for level in (255, 120, 70):
        view = picture((level, 0, level))
        assert flaws(view)[0][:1] == ("magenta",)
        own = judge([measure(view, albedo=lambda view=view: view)], bends=True, config=CONFIG)
        assert own[0].magenta == 0 and own[0].flaws == ()
        grey = judge([measure(view, albedo=picture)], bends=True, config=CONFIG)
        assert grey[0].magenta == 1
    for name, color in {
        "red": (255, 0, 0),
        "pink": (255, 150, 200),
        "violet": (90, 0, 255),
    }.items():
        assert flaws(picture(color)) == [()], name


def test_the_albedo_is_not_asked_for_where_nothing_is_magenta() -> None:
    def never() -> NDArray[np.uint8]:
        raise AssertionError

    assert measure(picture(), albedo=never).magenta == 0


def test_a_few_magenta_pixels_count_but_are_no_flaw() -> None:
    view = picture()
    view[20, 20:24, :3] = (255, 0, 255)
    (check,) = judge([measure(view)], bends=True, config=CONFIG)
    assert 0 < check.magenta < 0.01 and check.flaws == ()
    assert is_magenta(view).sum() == 4


def test_what_is_next_to_black_is_too_dark() -> None:
    dark = picture((9, 8, 7))
    assert flaws(dark)[0] == ("dark",)
    assert flaws(picture((30, 8, 7))) == [()]
    assert flaws(dark // 9)[0] == ("constant", "dark")


def test_flat_unlit_and_masked_subjects_may_have_one_colour() -> None:
    mesh, parts = tower()
    rigs = (
        Rig(views=1, size=16),
        Rig(target="parts", placement="object", masked=True, size=16),
    )
    generator = np.random.default_rng(0)
    whole, masked, *_ = make_subjects(mesh, parts, rigs, generator=generator)
    assert must_show_shades(mesh, whole, CONFIG)
    assert not must_show_shades(mesh, masked, CONFIG)
    unlit = RenderConfig(raster=RasterConfig(shading="unlit"))
    assert not must_show_shades(mesh, whole, unlit)
    assert must_show_shades(mesh, whole, replace(unlit, backend="blender"))
    flat = board()
    only = parts_of(flat, np.zeros(2, np.int32), names=("a",))
    (subject,) = make_subjects(flat, only, rigs[:1], generator=generator)
    assert not must_show_shades(flat, subject, CONFIG)


def check(*names: str) -> ViewCheck:
    return ViewCheck(coverage=0, border=0, spread=0, magenta=0, brightness=0, flaws=names)


def test_the_common_flaw_is_that_of_most_views_and_none_if_one_is_sound() -> None:
    assert common_flaw([check("dark"), check("empty"), check("dark", "clipped")]) == "dark"
    assert common_flaw([check("dark"), check()]) is None
    assert set(REASONS) == {"empty", "clipped", "constant", "magenta", "dark"}


def test_measures_of_an_empty_picture_are_numbers() -> None:
    found = measure(np.zeros((8, 8, 4), np.uint8))
    assert isinstance(found, Measured)
    assert found.coverage == found.magenta == found.brightness == 0
    assert np.isfinite(found.low).all()
