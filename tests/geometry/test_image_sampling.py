from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as PillowImage

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
