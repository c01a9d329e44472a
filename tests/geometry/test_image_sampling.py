from __future__ import annotations

import io
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as PillowImage

from partworks.geometry import image_sampling
from partworks.geometry.image_sampling import (
    Texture,
    decode_image,
    linear_to_srgb,
    srgb_to_linear,
)
from partworks.geometry.mesh import Image, Wrap


def encoded(picture: PillowImage.Image, kind: str = "PNG") -> Image:
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return Image(data=buffer.getvalue(), mime="image/png" if kind == "PNG" else "image/jpeg")


def checker(*rows: str) -> Texture:
    """A texture of primary colours: r, g, b, w, k, and - for transparent white."""
    colors = {
        "r": (255, 0, 0, 255),
        "g": (0, 255, 0, 255),
        "b": (0, 0, 255, 255),
        "w": (255, 255, 255, 255),
        "k": (0, 0, 0, 255),
        "-": (255, 255, 255, 0),
    }
    return Texture(np.array([[colors[letter] for letter in row] for row in rows], np.uint8))


def sample(texture: Texture, u: float, v: float, wrap: Wrap = "repeat", level: int = 0) -> NDArray:
    return texture.sample(np.array([[u, v]]), wrap=(wrap, wrap), level=level)[0]


RED, GREEN, BLUE, WHITE = (1, 0, 0, 1), (0, 1, 0, 1), (0, 0, 1, 1), (1, 1, 1, 1)


def test_srgb_matches_the_standard_and_inverts() -> None:
    np.testing.assert_allclose(
        srgb_to_linear(np.array([0, 0.04045, 0.5, 1])), [0, 0.0031308, 0.214041, 1], rtol=1e-4
    )
    values = np.linspace(0, 1, 256)
    np.testing.assert_allclose(linear_to_srgb(srgb_to_linear(values)), values, atol=1e-6)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_every_mode_decodes_to_rgba(mode: str) -> None:
    picture = PillowImage.new("RGB", (3, 2), (255, 255, 255)).convert(mode)
    texels = decode_image(encoded(picture, "JPEG" if mode == "CMYK" else "PNG"))
    assert texels.dtype == np.uint8
    np.testing.assert_array_equal(texels, np.full((2, 3, 4), 255))


def test_16_bit_grey_keeps_its_high_byte() -> None:
    deep = np.array([[0, 256, 0x7FFF, 0xFFFF]], np.uint16)
    texels = decode_image(encoded(PillowImage.fromarray(deep)))
    np.testing.assert_array_equal(texels[0, :, 0], [0, 1, 127, 255])
    assert (texels[..., 3] == 255).all()


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n garbage"])
def test_bytes_that_are_no_image_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(ValueError, match="image 'hull' of"):
        decode_image(Image(data=data, mime="image/png", name="hull"))


def test_uv_0_0_is_the_top_left_and_texel_centres_are_exact() -> None:
    texture = checker("rg", "bw")
    np.testing.assert_array_equal(sample(texture, 0.25, 0.25), RED)
    np.testing.assert_array_equal(sample(texture, 0.75, 0.25), GREEN)
    np.testing.assert_array_equal(sample(texture, 0.25, 0.75), BLUE)
    np.testing.assert_array_equal(sample(texture, 0.75, 0.75), WHITE)


def test_between_texels_light_is_averaged_not_codes() -> None:
    grey = Texture(np.array([[[0, 0, 0, 255], [255, 255, 255, 255]]], np.uint8))
    np.testing.assert_allclose(sample(grey, 0.5, 0.5), [0.5, 0.5, 0.5, 1], atol=1e-6)
    np.testing.assert_allclose(sample(grey, 0.375, 0.5), [0.25, 0.25, 0.25, 1], atol=1e-6)
    mid = Texture(np.full((1, 1, 4), 188, np.uint8))
    np.testing.assert_allclose(
        sample(mid, 0.3, 0.9), [*[srgb_to_linear(np.array(188 / 255))] * 3, 188 / 255]
    )


@pytest.mark.parametrize(
    ("wrap", "at_5_4", "at_minus_1_4"),
    [("repeat", RED, WHITE), ("clamp", WHITE, RED), ("mirror", WHITE, RED)],
)
def test_wrap_modes(wrap: Wrap, at_5_4: tuple[int, ...], at_minus_1_4: tuple[int, ...]) -> None:
    texture = checker("rw")
    np.testing.assert_allclose(sample(texture, 1.25, 0.5, wrap), at_5_4, atol=1e-6)
    np.testing.assert_allclose(sample(texture, -0.25, 0.5, wrap), at_minus_1_4, atol=1e-6)


def test_the_seam_of_a_repeated_texture_blends_its_ends() -> None:
    texture = checker("rb")
    np.testing.assert_allclose(sample(texture, 1.0, 0.5), [0.5, 0, 0.5, 1], atol=1e-6)
    np.testing.assert_allclose(sample(texture, 1.0, 0.5, "mirror"), BLUE, atol=1e-6)
    np.testing.assert_allclose(sample(texture, 1.0, 0.5, "clamp"), BLUE, atol=1e-6)


@pytest.mark.parametrize("wrap", ["repeat", "clamp", "mirror"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30, -1e30, 12345.25])
def test_wild_coordinates_give_a_color(wrap: Wrap, value: float) -> None:
    color = sample(checker("rg", "bw"), value, value, wrap)
    assert np.isfinite(color).all() and (color >= 0).all() and (color <= 1).all()


def test_levels_average_the_image() -> None:
    texture = checker("wkwk", "kwkw")
    assert texture.last_level == 1
    np.testing.assert_array_equal(texture.level(1), np.full((1, 2, 4), [128, 128, 128, 255]))
    np.testing.assert_allclose(
        sample(texture, 0.1, 0.1, level=1), sample(texture, 0.8, 0.3, level=1)
    )


def test_hidden_colors_do_not_bleed_into_smaller_levels() -> None:
    level = checker("--", "-k").level(1)
    assert level[0, 0, 0] <= 3  # black, although three of four texels are (transparent) white
    assert level[0, 0, 3] == 64
    np.testing.assert_array_equal(checker("--", "--").level(1)[0, 0], [255, 255, 255, 0])


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (5, 3), (7, 16)])
def test_odd_sizes_have_all_their_levels(shape: tuple[int, int]) -> None:
    texture = Texture(np.full((*shape, 4), 77, np.uint8))
    for index in range(texture.last_level + 1):
        level = texture.level(index)
        assert level.shape[:2] == (max(shape[0] >> index, 1), max(shape[1] >> index, 1))
        assert (level == 77).all()


def test_strips_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texels = np.random.default_rng(0).integers(0, 256, (37, 11, 4), np.uint8)
    image = encoded(PillowImage.fromarray(texels))
    level = Texture(texels).level(1)
    monkeypatch.setattr(image_sampling, "_STRIP", 4)
    np.testing.assert_array_equal(decode_image(image), texels)
    np.testing.assert_array_equal(Texture(texels).level(1), level)


@pytest.mark.parametrize("shape", [(64, 64), (37, 11), (300, 7), (1, 50), (50, 1), (17, 64)])
@pytest.mark.parametrize("halvings", [0, 1, 2, 3])
def test_a_large_picture_is_halved_as_it_is_decoded(
    shape: tuple[int, int], halvings: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    texels = np.random.default_rng(0).integers(0, 256, (*shape, 4), np.uint8)
    expected = texels
    for _ in range(halvings):
        expected = Texture(expected).level(1)
    height, width = expected.shape[:2]
    monkeypatch.setattr(image_sampling, "_STRIP", 8)
    found = decode_image(encoded(PillowImage.fromarray(texels)), most=height * width)
    np.testing.assert_array_equal(found, expected)


def test_opaque_and_other_pictures_are_halved_alike() -> None:
    texels = np.random.default_rng(0).integers(0, 256, (6, 8, 4), np.uint8)
    texels[..., 3] = 255
    quarters = texels.reshape(3, 2, 4, 2, 4).astype(int)
    expected = (quarters.sum(axis=(1, 3)) + 2) // 4
    np.testing.assert_array_equal(Texture(texels).level(1), expected)
    texels[0, 0, 3] = 254  # the one that is not opaque sends all through the other branch
    apart = np.abs(Texture(texels).level(1).astype(int) - expected)
    assert apart.max() <= 1 and not apart[1:].any()


def test_a_picture_of_more_texels_than_is_honest_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(image_sampling, "MOST_TEXELS", 99)
    with pytest.raises(ValueError, match="it has 10 × 10 texels, the limit is 99"):
        decode_image(encoded(PillowImage.new("RGB", (10, 10))))


def test_linear_textures_are_read_as_they_are() -> None:
    texture = Texture(np.array([[[51, 102, 204, 255]]], np.uint8), "linear")
    np.testing.assert_allclose(sample(texture, 0.5, 0.5), [0.2, 0.4, 0.8, 1], atol=1e-6)


@pytest.mark.slow
def test_a_picture_of_16384_by_16384_leaves_room_for_others() -> None:
    program = textwrap.dedent(
        """
        import resource, struct, sys, zlib
        import numpy as np
        from partworks.geometry.image_sampling import HELD_TEXELS, Texture, decode_image
        from partworks.geometry.mesh import Image

        SIDE = 16384
        packer = zlib.compressobj(1)
        rows = [packer.compress(b"\\0" + bytes([y // 64, 0, 255]) * SIDE) for y in range(SIDE)]

        def chunk(kind, body):
            return struct.pack(">I", len(body)) + kind + body + struct.pack(
                ">I", zlib.crc32(kind + body)
            )

        header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
        data = b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", header)
        data += chunk(b"IDAT", b"".join(rows) + packer.flush()) + chunk(b"IEND", b"")
        texels = decode_image(Image(data=data, mime="image/png"), most=HELD_TEXELS)
        assert texels.shape == (8192, 8192, 4), texels.shape
        assert (texels[::32, 0, 0] == np.arange(256)).all()
        texture = Texture(texels)
        assert (texture.level(5)[:, 9] == [[y, 0, 255, 255] for y in range(256)]).all()
        sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert int(done.stdout) < 2 << 20  # KiB: Pillow's own copy takes one GiB of it
