from __future__ import annotations

import io
from typing import Literal

import numpy as np
import pytest
from PIL import Image

from partworks.artifacts.renders import Renders
from shards.views import choose_views, encode_drawing, encode_view, spread
from tests.shards.made import SIZE, VIEWS, flat_picture, make_renders, view_color


def encoded(pixels: np.ndarray, format: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format, **options)
    return buffer.getvalue()


def decode(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize(
    ("available", "wanted", "expected"),
    [(8, 4, [0, 2, 4, 6]), (3, 8, [0, 1, 2]), (5, 2, [0, 2]), (0, 4, []), (4, 0, [])],
)
def test_spread(available: int, wanted: int, expected: list[int]) -> None:
    assert spread(available, wanted) == expected


def test_chosen_views_keep_their_cameras() -> None:
    renders = Renders(make_renders(2))
    chosen = choose_views(renders, "part_01", wanted=2)
    assert chosen.paths == ["part_01/000.png", "part_01/002.png"]
    everything = renders.transforms("part_01")
    table = chosen.renamed("part00")
    assert [frame["view"] for frame in table["frames"]] == [0, 2]
    assert [frame["file_path"] for frame in table["frames"]] == ["part00.00.webp", "part00.01.webp"]
    expected = everything["frames"][2]["transform_matrix"]
    assert table["frames"][1]["transform_matrix"] == expected
    np.testing.assert_array_equal(chosen.cameras[1].camera_to_world, expected)
    assert {key: table[key] for key in ("w", "h")} == {"w": SIZE, "h": SIZE}


def test_a_samples_table_tells_nothing_of_passes_that_it_lacks() -> None:
    renders = Renders(make_renders(1))
    assert "mask_file_path" in renders.transforms("object")["frames"][0]
    table = choose_views(renders, "object", wanted=2).renamed("object")
    assert set(table) == {"camera_angle_x", "w", "h", "frames"}
    for frame in table["frames"]:
        assert set(frame) == {"file_path", "camera_angle_x", "transform_matrix", "view"}


def test_views_with_flaws_are_not_taken() -> None:
    flawed = {"object": [0, 2], "part_00": range(VIEWS)}
    renders = Renders(make_renders(2, flawed=flawed))
    chosen = choose_views(renders, "object", wanted=VIEWS)
    assert [frame["view"] for frame in chosen.table["frames"]] == [1, 3]
    assert chosen.paths == ["object/001.png", "object/003.png"]
    assert choose_views(renders, "object", wanted=1).paths == ["object/001.png"]
    assert choose_views(renders, "part_00", wanted=2).paths == []
    assert choose_views(renders, "part_00", wanted=2).renamed("part00")["frames"] == []
    assert len(choose_views(renders, "part_01", wanted=2).paths) == 2


def test_a_folder_that_was_not_rendered_has_no_views() -> None:
    chosen = choose_views(Renders(make_renders(1)), "part_01", wanted=2)
    assert chosen.paths == []
    assert chosen.renamed("part00") == {"frames": []}


@pytest.mark.parametrize("extension", ["png", "webp"])
def test_alpha_is_exact_and_colours_are_close(extension: Literal["png", "webp"]) -> None:
    renders = Renders(make_renders(1, extension=extension))
    (path,) = choose_views(renders, "object", wanted=1).paths
    assert path == f"object/000.{extension}"
    image = decode(encode_view(renders.read(f"object/001.{extension}"), quality=90, method=4))
    assert image.shape == (SIZE, SIZE, 4)
    np.testing.assert_array_equal(image[: SIZE // 2, :, 3], 255)
    np.testing.assert_array_equal(image[SIZE // 2 :, :, 3], 0)
    inside = image[: SIZE // 2 - 2].astype(int)
    assert np.abs(inside - view_color(-1, 1)).max() <= 4


@pytest.mark.parametrize(("shape", "channels"), [((8, 8), 3), ((8, 8, 3), 3), ((8, 8, 4), 4)])
def test_every_mode_of_png_is_taken(shape: tuple[int, ...], channels: int) -> None:
    pixels = np.full(shape, 200, np.uint8)
    assert decode(encode_view(encoded(pixels), quality=90, method=0)).shape == (8, 8, channels)


def test_other_formats_and_damage_are_refused() -> None:
    pixels = np.asarray(flat_picture(0, 0))
    with pytest.raises(ValueError, match="expected a PNG or WebP"):
        encode_view(encoded(pixels[..., :3], "BMP"), quality=90, method=0)
    with pytest.raises(ValueError, match="cannot be decoded"):
        encode_view(encoded(pixels)[:-30], quality=90, method=0)


def test_quality_is_what_costs_bytes() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    sizes = [len(encode_view(encoded(noise), quality=q, method=4)) for q in (30, 90)]
    assert sizes[0] < 0.6 * sizes[1]


def test_drawings_are_lossless() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (32, 24, 3), np.uint8)
    np.testing.assert_array_equal(decode(encode_drawing(pixels)), pixels)
