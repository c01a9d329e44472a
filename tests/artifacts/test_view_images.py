from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import OpenEXR
import pytest
from PIL import Image

from partworks.artifacts.view_images import DROPPED, MAX_PIXELS, NOTHING, decode_view, open_picture


def encoded(pixels: np.ndarray, format: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format, **options)
    return buffer.getvalue()


def exr(**channels: np.ndarray) -> bytes:
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    buffer = io.BytesIO()
    OpenEXR.File(header, channels).write(buffer)
    return buffer.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def png_that_claims(width: int, height: int) -> bytes:
    """A few bytes that claim to be a large grey picture."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    content = zlib.compress(bytes(64))
    chunks = [chunk(b"IHDR", header), chunk(b"IDAT", content), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_colour_is_rgba_whether_the_file_has_alpha_or_not() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 4)).astype(np.uint8)
    for channel in ("", "albedo"):
        np.testing.assert_array_equal(decode_view(encoded(pixels), channel), pixels)
    lossless = encoded(pixels, "WEBP", lossless=True, exact=True)
    np.testing.assert_array_equal(decode_view(lossless), pixels)
    opaque = decode_view(encoded(pixels[..., :3]))
    np.testing.assert_array_equal(opaque[..., :3], pixels[..., :3])
    assert (opaque[..., 3] == 255).all()


def test_depth_is_infinite_where_nothing_is() -> None:
    grey = encoded(np.array([[0, 1, 65535]], np.uint16))
    expected = np.float32([[np.inf, 0.25, 16383.75]])
    found = decode_view(grey, "depth", depth_scale=0.25)
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.float32
    exact = exr(Z=np.float32([[0.0, 1.7, 3e-9]]))
    np.testing.assert_array_equal(decode_view(exact, "depth"), np.float32([[np.inf, 1.7, 3e-9]]))
    with pytest.raises(ValueError, match="needs the depth_scale"):
        decode_view(grey, "depth")


def test_normals_have_length_1_or_0() -> None:
    data = encoded(np.array([[[0, 0, 0], [255, 128, 0], [128, 128, 255]]], np.uint8))
    normal = decode_view(data, "normal_camera")
    np.testing.assert_array_equal(normal[0, 0], 0)
    np.testing.assert_allclose(np.linalg.norm(normal[0, 1:], axis=-1), 1, atol=1e-6)
    np.testing.assert_allclose(normal[0, 1], [0.7071, 0.0028, -0.7071], atol=1e-4)


def test_labels_count_from_0_and_say_why_there_are_none() -> None:
    part = decode_view(encoded(np.array([[0, 1, 65534, 65535]], np.uint16)), "part")
    assert part.tolist() == [[NOTHING, 0, 65533, DROPPED]] and part.dtype == np.int32
    colors = np.array([[[0, 0, 0], [1, 0, 0], [0, 1, 0], [4, 3, 2]]], np.uint8)
    face = decode_view(encoded(colors), "face")
    assert face.tolist() == [[NOTHING, 0, 255, 4 + 3 * 256 + 2 * 65536 - 1]]


def test_masks_and_drawings() -> None:
    mask = decode_view(encoded(np.array([[0, 255]], np.uint8)), "mask")
    assert mask.tolist() == [[False, True]]
    pixels = np.random.default_rng(0).integers(0, 256, (3, 4, 3)).astype(np.uint8)
    np.testing.assert_array_equal(decode_view(encoded(pixels), "boxes"), pixels)


def test_positions_are_three_channels() -> None:
    values = np.random.default_rng(0).normal(size=(4, 6, 3)).astype(np.float32)
    values[0, 0] = np.nan
    data = exr(X=values[..., 0].copy(), Y=values[..., 1].copy(), Z=values[..., 2].copy())
    np.testing.assert_array_equal(decode_view(data, "position"), values)


def test_an_unknown_pass_is_named() -> None:
    with pytest.raises(ValueError, match=r"no pass 'colour'; passes are albedo, boxes, depth"):
        decode_view(b"", "colour")


def test_huge_pictures_are_refused_before_they_are_decoded() -> None:
    for width, height in ((5000, 4000), (11000, 11000), (60000, 60000), (1 << 30, 1 << 30)):
        with pytest.raises(ValueError, match=f"at most {MAX_PIXELS} pixels"):
            open_picture(png_that_claims(width, height))
    assert open_picture(encoded(np.zeros((4096, 4096), np.uint8))).size == (4096, 4096)


def test_a_huge_exr_is_refused_before_it_is_decoded() -> None:
    small = exr(Z=np.ones((2, 2), np.float32))
    window = struct.pack("<4i", 0, 0, 1, 1)
    assert small.count(window) == 2  # of the data and of the display
    for corner in ((99999, 99999), (5000, 5000), (-1, 5)):
        huge = small.replace(window, struct.pack("<4i", 0, 0, *corner))
        with pytest.raises(ValueError, match="expected an EXR"):
            decode_view(huge, "depth")


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_cut_off_pictures_are_refused(format: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (20, 20, 4)).astype(np.uint8)
    data = encoded(noise, format, lossless=True)
    for length in (0, 1, 12, 40, len(data) // 2, len(data) - 60):
        with pytest.raises(ValueError, match="expected a PNG or WebP"):
            decode_view(data[:length])


def test_a_cut_off_exr_is_refused() -> None:
    noise = np.random.default_rng(0).normal(size=(40, 20)).astype(np.float32)
    data = exr(X=noise, Y=noise, Z=noise)
    for length in (0, 3, 8, 200, len(data) // 2, len(data) - 9):
        with pytest.raises(ValueError, match="expected an EXR"):
            decode_view(data[:length], "position")


def test_random_damage_is_refused_or_harmless() -> None:
    generator = np.random.default_rng(1)
    pixels = generator.integers(0, 256, (16, 16, 4)).astype(np.uint8)
    plane = generator.normal(size=(16, 16)).astype(np.float32)
    refused = 0
    for data, channel in (
        (encoded(pixels), ""),
        (encoded(pixels, "WEBP", lossless=True), ""),
        (exr(Z=plane), "depth"),
    ):
        for _ in range(100):
            damaged = bytearray(data)
            damaged[generator.integers(len(data))] ^= 1 << generator.integers(8)
            try:
                assert decode_view(bytes(damaged), channel).dtype in (np.uint8, np.float32)
            except ValueError:
                refused += 1
    assert 20 < refused < 300


def test_pictures_of_another_kind_are_refused() -> None:
    color = encoded(np.zeros((4, 4, 4), np.uint8))
    grey = encoded(np.zeros((4, 4), np.uint8))
    for data, channel in ((color, "part"), (grey, "part"), (grey, "face"), (color, "mask")):
        with pytest.raises(ValueError, match="expected a picture of mode"):
            decode_view(data, channel)
    with pytest.raises(ValueError, match="expected a PNG or WebP, found"):
        decode_view(encoded(np.zeros((4, 4, 3), np.uint8), "BMP"), "boxes")
    plane = np.zeros((4, 4), np.float32)
    with pytest.raises(ValueError, match="it has the channels Y"):
        decode_view(exr(Y=plane), "depth")
    with pytest.raises(ValueError, match="not of 32-bit floats"):
        decode_view(exr(Z=plane.astype(np.float16)), "depth")
