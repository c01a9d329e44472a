import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image as Pillow

from partworks.errors import Rejected
from partworks.geometry.limits import LoadLimits
from partworks.geometry.mesh import Image
from partworks.geometry.pictures import Pictures, keep_picture, to_png
from tests.geometry.made_mesh import jpeg, png


def read(data: bytes, limits: LoadLimits | None = None) -> tuple[Image | None, list[str]]:
    words: list[str] = []
    image = Pictures(limits or LoadLimits(), words.append).read(data, "name")
    return image, words


def pixels(data: bytes) -> list[int]:
    found: list[int] = np.asarray(Pillow.open(io.BytesIO(data)))[0, 0].tolist()
    return found


def encoded(picture: Pillow.Image, form: str) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form)
    return buffer.getvalue()


@pytest.mark.parametrize(("data", "mime"), [(png(), "image/png"), (jpeg(), "image/jpeg")])
def test_png_and_jpeg_keep_their_bytes(data: bytes, mime: str) -> None:
    image, words = read(data)
    assert image is not None
    assert (image.data, image.mime, image.name, words) == (data, mime, "name", [])


@pytest.mark.parametrize("form", ["WEBP", "BMP", "GIF", "TGA", "DDS"])
def test_other_forms_become_png(form: str) -> None:
    data = encoded(Pillow.new("RGB", (3, 2), (250, 0, 4)), form)
    image, words = read(data)
    assert image is not None and image.mime == "image/png"
    assert words == []
    np.testing.assert_allclose(pixels(image.data), [250, 0, 4], atol=4)
    assert image == read(data)[0]


def test_sixteen_bit_grey_keeps_its_high_byte() -> None:
    ramp = np.array([[0x1234, 0xFFFF], [0x00FF, 0x8000]], np.uint16)
    image, words = read(encoded(Pillow.fromarray(ramp), "PNG"))
    assert words == ["converted_texture"]
    assert image is not None
    grey = np.asarray(Pillow.open(io.BytesIO(image.data)))
    assert grey[..., 0].tolist() == [[0x12, 0xFF], [0x00, 0x80]]
    assert (grey == grey[..., :1]).all()


def test_cmyk_becomes_rgb() -> None:
    image, words = read(encoded(Pillow.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"))
    assert words == ["converted_texture"]
    assert image is not None
    np.testing.assert_allclose(pixels(image.data), [255, 0, 0], atol=8)


def test_alpha_survives_conversion_and_metadata_does_not() -> None:
    picture = Pillow.new("RGBA", (2, 2), (1, 2, 3, 77))
    picture.info["icc_profile"] = b"secret"
    data = to_png(picture)
    assert pixels(data) == [1, 2, 3, 77]
    assert b"iCCP" not in data


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "unreadable_texture"),
        (b"<html>", "unreadable_texture"),
        (png()[:-24], "unreadable_texture"),
        (jpeg()[:200], "unreadable_texture"),
        (b"\xabKTX 20\xbb\r\n\x1a\n", "unreadable_texture"),
        (b"\xabKTX 20\xbb\r\n\x1a\n" + bytes(80), "unsupported_texture"),
        (b"\xabKTX 11\xbb\r\n\x1a\n" + bytes(80), "unsupported_texture"),
        (b"DDS |", "unreadable_texture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "unreadable_texture"),
    ],
)
def test_what_cannot_be_decoded_is_left_out(data: bytes, word: str) -> None:
    assert read(data) == (None, [word])


def bomb(width: int, height: int) -> bytes:
    """A PNG header that claims a picture of any size."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + png()[33:]


@pytest.mark.parametrize("side", [10_000, 12_000, 100_000])
def test_bombs_are_refused_by_their_header(side: int) -> None:
    with pytest.raises(Rejected, match="too_large"):
        read(bomb(side, side))


def test_pixels_add_up() -> None:
    pictures = Pictures(LoadLimits(max_total_pixels=40), lambda word: None)
    assert pictures.read(png(), "first") is not None
    assert pictures.read(png(), "second") is not None
    with pytest.raises(Rejected, match=r"too_large.*more than 40 pixels together"):
        pictures.read(png(), "third")


def test_our_own_pictures_are_kept_unread() -> None:
    kept = keep_picture(b"not looked at", "a", "image/png")
    assert kept == Image(data=b"not looked at", mime="image/png", name="a")
    assert keep_picture(b"", "", "image/webp") is None


def test_a_limit_above_pillows_own_holds() -> None:
    """16384 × 16384, which Pillow by itself takes for a bomb."""
    buffer = io.BytesIO()
    Pillow.new("1", (16384, 16384)).save(buffer, "PNG", compress_level=1)
    before = Pillow.MAX_IMAGE_PIXELS
    roomy = LoadLimits(max_image_pixels=1 << 28)
    picture = Pictures(roomy, lambda warning: None).read(buffer.getvalue(), "huge")
    assert picture is not None and picture.data == buffer.getvalue()
    with pytest.raises(Rejected, match="16384 × 16384 pixels, the limit is 67108864"):
        read(buffer.getvalue())
    assert before == Pillow.MAX_IMAGE_PIXELS
