from __future__ import annotations

import io
from typing import Literal

import numpy as np
import pytest
from PIL import Image

from partworks.artifacts.renders import Renders
from partworks.geometry.boxes import part_color
from shards.pictures import (
    Encoder,
    encode_depth,
    encode_drawing,
    encode_parts,
    encode_view,
    part_numbers,
    wireframes,
)
from shards.selection import select_parts
from shards.surface import Surface
from shards.views import choose_grid, choose_views
from tests.shards.made import (
    SIZE,
    TABLE,
    Made,
    depth_steps,
    flat_picture,
    make_object,
    make_renders,
    normal_colors,
    part_pixels,
    view_color,
)

PASSES = ("part", "depth", "normal")


def encoded(pixels: np.ndarray, format: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format, **options)
    return buffer.getvalue()


def decode(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def encode(renders: Renders, channel: str, *, view: int = 0) -> np.ndarray:
    numbers = np.array([1, 2, 0, 0], np.uint8)
    encoder = Encoder(renders=renders, numbers=numbers, quality=90, method=4)
    views = choose_views(renders, "object", stem="object", wanted=4, channels=(channel,))
    members = encoder.encode(views)
    assert len(members) == 8
    (name,) = (name for name in members if name.startswith(f"object.{view:02d}.{channel}."))
    return decode(members[name])


@pytest.mark.parametrize("extension", ["png", "webp"])
def test_alpha_is_exact_and_colours_are_close(extension: Literal["png", "webp"]) -> None:
    renders = Renders(make_renders(1, extension=extension))
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


def test_pictures_of_parts_tell_every_number_apart() -> None:
    labels = np.arange(-2, 255).reshape(1, -1)
    numbers = np.array([*range(255, 0, -1), 0, 0], np.uint8)
    image = decode(encode_parts(labels.astype(np.int32), numbers))
    assert image.shape == (1, 257, 3)
    for channel in np.moveaxis(image, 2, 0):
        assert channel[0].tolist() == [0, 0, *range(255, 0, -1)]


def test_parts_have_the_numbers_of_the_sample() -> None:
    """Nothing, faces of no part and parts that were dropped are 0; all of a rest is one number."""
    made = make_object()
    surface = Surface(made.mesh.vertices, made.mesh.faces)

    def numbers(tail: Literal["drop", "merge"]) -> list[int]:
        labels = made.parts.face_labels
        found = select_parts(made.mesh, labels, surface=surface, count=6, max_parts=3, tail=tail)
        return part_numbers(found, count=6).tolist()

    assert numbers("drop") == [2, 0, 3, 0, 0, 1, 0, 0]
    assert numbers("merge") == [2, 3, 3, 3, 3, 1, 0, 0]


def test_parts_of_renders_are_renumbered() -> None:
    renders = Renders(make_renders(2, passes=PASSES))
    for view in range(4):
        image = encode(renders, "parts", view=view)
        expected = np.clip(part_pixels(2, view) + 1, 0, None)
        np.testing.assert_array_equal(image, np.repeat(expected[..., None], 3, axis=2))


def test_depth_and_normals_come_through_exactly() -> None:
    renders = Renders(make_renders(2, passes=PASSES))
    depth = encode(renders, "depth", view=3)
    assert depth.dtype == np.uint16
    np.testing.assert_array_equal(depth, depth_steps(3))
    np.testing.assert_array_equal(encode(renders, "normal", view=2), normal_colors(2))


def test_depth_beyond_the_last_step_is_not_wrapped() -> None:
    depth = np.array([[0.0, 1.0, 65535.0, 65535.4, 70000.0, np.inf]], np.float32)
    steps = decode(encode_depth(depth, scale=1.0))
    assert steps.tolist() == [[0, 1, 65535, 65535, 65535, 0]]


def test_a_grid_is_encoded_whole() -> None:
    renders = Renders(make_renders(2, passes=["part"], grid=True))
    encoder = Encoder(
        renders=renders, numbers=np.array([1, 2, 0, 0], np.uint8), quality=90, method=4
    )
    views = choose_grid(renders, "object", stem="object", channels=("parts",))
    assert views is not None
    members = encoder.encode(views)
    assert list(members) == ["object.grid.webp", "object.grid.parts.webp"]
    whole, parts = (decode(data) for data in members.values())
    assert whole.shape == (2 * SIZE, 2 * SIZE, 4)
    for view in range(4):
        row, column = divmod(view, 2)
        cell = np.s_[row * SIZE : (row + 1) * SIZE, column * SIZE : (column + 1) * SIZE]
        expected = np.clip(part_pixels(2, view) + 1, 0, None)
        np.testing.assert_array_equal(parts[cell][..., 0], expected)
        assert np.abs(whole[cell][5, 5].astype(int) - view_color(-1, view)).max() <= 6


@pytest.fixture(scope="module")
def table() -> Made:
    return make_object()


def test_wireframes_use_the_colours_of_the_json(table: Made) -> None:
    renders = Renders(table.renders)
    surface = Surface(table.mesh.vertices, table.mesh.faces)
    selection = select_parts(
        table.mesh, table.parts.face_labels, surface=surface, count=len(TABLE), max_parts=32
    )
    drawn = wireframes(choose_views(renders, "object", stem="object", wanted=2), selection)
    assert list(drawn) == ["boxes.00.webp", "boxes.01.webp"]
    colors = {tuple(color) for color in decode(drawn["boxes.00.webp"]).reshape(-1, 3).tolist()}
    assert colors - {(255, 255, 255)} <= {part_color(index) for index in range(6)}
    assert len(colors) > 4
