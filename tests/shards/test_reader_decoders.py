from __future__ import annotations

import json
import struct
import zlib
from typing import Any

import numpy as np
import pytest
import torch

from shards.reader import (
    Points,
    UndecodableError,
    decode_field,
    decode_grid,
    decode_image,
    decode_json,
    decode_member,
    decode_points,
)
from tests.shards.reader_set import npz, picture, points_of

OPTIONAL = {
    "part_sharp": np.zeros((3, 5, 6), np.float32),
    "object_sharp": np.ones((5, 6), np.float32),
    "part_farthest": np.zeros((3, 4), np.int32),
    "object_farthest": np.arange(4, dtype=np.int32),
    "box_surface": np.zeros((3, 7, 6), np.float32),
}


def field_arrays() -> dict[str, Any]:
    """Three parts, of which the middle one has no trusted sign."""
    arrays: dict[str, Any] = {"part_row": np.array([1, -1, 0], np.int32)}
    for whose, rows in (("part", 2), ("object", 1)):
        for name, width in (("surface", 6), ("near", 4), ("volume", 4)):
            arrays[f"{whose}_{name}"] = np.zeros((rows, 9, width), np.float32)
    return arrays


def png(width: int, height: int, *, bits: int = 8, kind: int = 2, rows: bytes = b"") -> bytes:
    """A png that claims a size, whatever its rows."""

    def chunk(name: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + body


def test_points_without_the_optional_arrays() -> None:
    points = decode_points(npz(**points_of(7)))
    assert points.part_surface.shape == (3, 8, 6)
    assert np.all(points.object_surface == 7)
    assert all(getattr(points, name) is None for name in OPTIONAL)


def test_points_with_all_of_them() -> None:
    points = decode_points(npz(**points_of(7), **OPTIONAL))
    for name, array in OPTIONAL.items():
        np.testing.assert_array_equal(getattr(points, name), array)
    assert len(OPTIONAL) + 5 == len(Points.__slots__)


def test_points_of_format_1_get_their_frames_from_their_boxes() -> None:
    arrays = points_of(7)
    true = arrays.pop("part_center"), arrays.pop("part_scale")
    points = decode_points(npz(**arrays))
    np.testing.assert_array_equal(points.part_center, true[0])
    np.testing.assert_array_equal(points.part_scale, true[1])
    assert points.part_center.dtype == points.part_scale.dtype == np.float32


def test_arrays_of_later_versions_are_left_out() -> None:
    assert decode_points(npz(**points_of(1), part_colour=np.zeros(3))).part_surface is not None


def test_points_that_do_not_fit_together_are_refused() -> None:
    arrays = points_of(7)
    arrays["part_box"] = arrays["part_box"][:2]
    with pytest.raises(UndecodableError, match=r"part_box is float32 \(2, 2, 3\)"):
        decode_points(npz(**arrays))
    del arrays["part_box"]
    with pytest.raises(UndecodableError, match="no array part_box"):
        decode_points(npz(**arrays))


def test_arrays_can_be_written_to() -> None:
    """torch warns of arrays that cannot."""
    points = decode_points(npz(**points_of(7)))
    torch.from_numpy(points.part_surface).add_(1)
    assert np.all(points.part_surface == 8)
    image = decode_image(picture(np.zeros((2, 2, 3), np.uint8)))
    torch.from_numpy(image).add_(1)


def test_a_field_maps_parts_to_rows() -> None:
    field = decode_field(npz(**field_arrays()))
    assert field.part_row.tolist() == [1, -1, 0]
    assert field.part_near.shape == (2, 9, 4)
    assert field.object_surface.shape == (1, 9, 6)


@pytest.mark.parametrize("rows", [[1, 1, 0], [2, -1, 0], [0, -1, -1], [1, -2, 0]])
def test_rows_that_do_not_fit_are_refused(rows: list[int]) -> None:
    arrays = {**field_arrays(), "part_row": np.array(rows, np.int32)}
    with pytest.raises(UndecodableError, match="expected each row once, or -1"):
        decode_field(npz(**arrays))


def test_an_object_without_a_trusted_sign_has_an_empty_field() -> None:
    arrays = field_arrays()
    arrays = {name: array[:0] for name, array in arrays.items()}
    arrays["part_row"] = np.full(3, -1, np.int32)
    field = decode_field(npz(**arrays))
    assert len(field.part_near) == len(field.object_near) == 0


def test_a_grid() -> None:
    arrays = {
        "occupied": np.array([[0, 1, 2], [63, 0, 5]], np.uint8),
        "visible": np.array([True, False]),
        "part": np.array([-1, 3], np.int16),
    }
    grid = decode_grid(npz(**arrays))
    assert all(np.array_equal(getattr(grid, name), array) for name, array in arrays.items())
    with pytest.raises(UndecodableError, match="visible"):
        decode_grid(npz(**{**arrays, "visible": np.array([True])}))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{", "no sound json"),
        (b"[1]", "a json with a list, expected an object"),
        (b"\xff\xfe{", "no sound json"),
        (b'{"a":' * 100_000, "no sound json"),
    ],
)
def test_a_json_that_is_none_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(UndecodableError, match=message):
        decode_json(data)


def test_a_huge_json_is_refused() -> None:
    with pytest.raises(UndecodableError, match="a json of 12 bytes, at most 11 allowed"):
        decode_json(json.dumps({"a": 12345}).encode(), limit=11)


@pytest.mark.parametrize("channels", [3, 4])
def test_webp_and_png_keep_every_pixel(channels: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, channels), np.uint8)
    if channels == 4:
        pixels[..., 3] |= 1  # webp may drop the colour of what cannot be seen
    for kind in ("webp", "png"):
        image = decode_image(picture(pixels, kind))
        assert image.dtype == np.uint8
        np.testing.assert_array_equal(image, pixels)


def test_grey_of_16_bits_stays_so() -> None:
    depth = np.random.default_rng(0).integers(0, 1 << 16, (5, 7)).astype(np.uint16)
    image = decode_image(picture(depth, "png"))
    assert image.dtype == np.uint16
    np.testing.assert_array_equal(image, depth)
    grey = decode_image(picture(depth.astype(np.uint8), "png"))
    assert (grey.dtype, grey.shape) == (np.uint8, (5, 7))


def test_colours_of_16_bits_are_refused_rather_than_halved() -> None:
    rows = (b"\0" + b"\x12\x34" * 6) * 2
    with pytest.raises(UndecodableError, match="16 bits and colours"):
        decode_image(png(2, 2, bits=16, rows=rows))


@pytest.mark.parametrize("side", [8193, 10_000, 100_000])
def test_a_huge_image_is_refused_before_it_is_unpacked(side: int) -> None:
    with pytest.raises(UndecodableError, match=r"too large|at most 67108864 allowed"):
        decode_image(png(side, side))


def test_broken_images_are_refused() -> None:
    whole = picture(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
    for data in (b"", b"GIF89a", whole[: len(whole) // 2], png(4, 4, rows=b"\0")):
        with pytest.raises(UndecodableError, match="no sound webp or png"):
            decode_image(data)


def test_palettes_are_refused() -> None:
    with pytest.raises(UndecodableError, match="an image of mode 1, expected one of L, RGB"):
        decode_image(png(1, 1, bits=1, kind=0, rows=b"\0\x80"))


def test_members_are_decoded_by_name() -> None:
    assert decode_member("json", b'{"a": 1}') == {"a": 1}
    assert isinstance(decode_member("points.npz", npz(**points_of(1))), Points)
    assert decode_member("part03.00.webp", picture(np.zeros((2, 3, 4), np.uint8))).shape == (
        2,
        3,
        4,
    )
    assert (
        decode_member("object.00.mask.png", picture(np.zeros((2, 3), np.uint16), "png")).ndim == 2
    )
    assert decode_member("latents.npz", npz(tokens=np.ones(3)))["tokens"].sum() == 3
    assert decode_member("overlap.json", b"{}") == {}
    assert decode_member("txt", b"a table") == b"a table"
