from __future__ import annotations

import numpy as np
import pytest

from render.packing import encode_depth, encode_json, encode_normal, encode_part, encode_png
from tests.render.scenes import decode


@pytest.mark.parametrize("shape", [(3, 5), (3, 5, 3), (3, 5, 4)])
def test_pixels_come_back_from_a_png_without_metadata(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    data = encode_png(pixels)
    np.testing.assert_array_equal(decode(data), pixels)
    assert data == encode_png(pixels.copy())
    chunks = [data[at : at + 4] for at in range(len(data)) if data[at : at + 4].isalpha()]
    assert not {b"tEXt", b"tIME", b"pHYs", b"gAMA"} & set(chunks)


def test_depth_keeps_65535_steps_and_0_is_background() -> None:
    depth = np.array([[np.inf, 1e-9, 2.0, 4.0]], np.float32)
    grey = decode(encode_depth(depth, scale=4.0 / 65535))
    assert grey.dtype == np.uint16
    np.testing.assert_array_equal(grey, [[0, 1, 32768, 65535]])


def test_normals_are_shifted_to_bytes_and_the_background_is_black() -> None:
    normal = np.array([[[0, 0, 0], [1, 0, -1], [0, 1, 0]]], np.float32)
    np.testing.assert_array_equal(
        decode(encode_normal(normal)), [[[0, 0, 0], [255, 128, 0], [128, 255, 128]]]
    )


def test_parts_count_from_1_and_there_may_be_many() -> None:
    part = np.array([[-1, 0, 300]], np.int32)
    np.testing.assert_array_equal(decode(encode_part(part)), [[0, 1, 301]])


def test_json_is_sorted_and_strict() -> None:
    assert encode_json({"b": 1, "a": [0.1]}) == b'{"a": [0.1], "b": 1}'
    with pytest.raises(ValueError, match="JSON"):
        encode_json({"a": float("nan")})
