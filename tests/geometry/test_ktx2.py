from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image as Pillow

from partworks.errors import Rejected
from partworks.geometry.ktx2 import MAGIC
from partworks.geometry.limits import LoadLimits
from partworks.geometry.mesh import Image
from partworks.geometry.pictures import Pictures

RGBA = np.arange(3 * 2 * 4, dtype=np.uint8).reshape(2, 3, 4) * 9


def ktx2(
    texels: bytes,
    *,
    form: int = 37,
    size: tuple[int, int] = (3, 2),
    scheme: int = 0,
    faces: int = 1,
) -> bytes:
    head = struct.pack("<9I", form, 1, *size, 0, 0, faces, 1, scheme)
    index = struct.pack("<4I2Q", 0, 0, 0, 0, 0, 0)
    level = struct.pack("<3Q", 104, len(texels), len(texels))
    return MAGIC + head + index + level + texels


def read(data: bytes, limits: LoadLimits | None = None) -> tuple[Image | None, list[str]]:
    words: list[str] = []
    return Pictures(limits or LoadLimits(), words.append).read(data, "name"), words


def texels(image: Image | None) -> np.ndarray:
    assert image is not None
    assert image.mime == "image/png"
    return np.asarray(Pillow.open(io.BytesIO(image.data)))


@pytest.mark.parametrize(
    ("form", "order"),
    [(37, [0, 1, 2, 3]), (43, [0, 1, 2, 3]), (44, [2, 1, 0, 3]), (50, [2, 1, 0, 3])],
)
def test_plain_texels_are_read(form: int, order: list[int]) -> None:
    image, words = read(ktx2(np.ascontiguousarray(RGBA[..., order]).tobytes(), form=form))
    np.testing.assert_array_equal(texels(image), RGBA)
    assert words == []


@pytest.mark.parametrize(("form", "order"), [(23, [0, 1, 2]), (29, [0, 1, 2]), (36, [2, 1, 0])])
def test_texels_without_alpha(form: int, order: list[int]) -> None:
    image, _ = read(ktx2(np.ascontiguousarray(RGBA[..., order]).tobytes(), form=form))
    np.testing.assert_array_equal(texels(image), RGBA[..., :3])


def test_grey_texels() -> None:
    image, _ = read(ktx2(RGBA[..., 0].tobytes(), form=9))
    np.testing.assert_array_equal(texels(image), RGBA[..., [0, 0, 0]])


def test_deflated_texels() -> None:
    image, _ = read(ktx2(zlib.compress(RGBA.tobytes()), scheme=3))
    np.testing.assert_array_equal(texels(image), RGBA)


@pytest.mark.parametrize(
    "data",
    [
        ktx2(RGBA.tobytes(), form=0),  # Basis Universal
        ktx2(RGBA.tobytes(), scheme=1),
        ktx2(RGBA.tobytes(), scheme=2),
        ktx2(RGBA.tobytes(), faces=6),
        ktx2(b"", size=(0, 2)),
    ],
)
def test_other_kinds_are_unsupported(data: bytes) -> None:
    assert read(data) == (None, ["unsupported_texture"])


@pytest.mark.parametrize(
    "data",
    [
        ktx2(RGBA.tobytes()[:-1]),
        ktx2(RGBA.tobytes() + b"."),
        ktx2(b"no deflate", scheme=3),
        ktx2(zlib.compress(bytes(1 << 20)), scheme=3),
        ktx2(RGBA.tobytes())[:90],
    ],
)
def test_broken_ones_are_unreadable(data: bytes) -> None:
    assert read(data) == (None, ["unreadable_texture"])


def test_a_large_one_is_refused_by_its_head() -> None:
    with pytest.raises(Rejected, match="too_large"):
        read(ktx2(b"", size=(1 << 20, 1 << 20)))
