from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image

from shards.statistics import add, sample_statistics, summary


def webp(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "WEBP", lossless=True, exact=True)
    return buffer.getvalue()


def points(count: int = 100, parts: int = 3, seed: int = 0) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    low = generator.uniform(-1, 0, (parts, 3))
    high = generator.uniform(0, 1, (parts, 3))
    return {
        "object_surface": generator.uniform(-1, 1, (count, 6)).astype(np.float32),
        "part_box": np.stack([low, high], axis=1).astype(np.float32),
    }


def noise(seed: int, channels: int, size: int = 32) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (size, size, channels), np.uint8)


def test_opaque_pixels_alone_have_a_colour() -> None:
    pixels = noise(1, 4)
    pixels[:16, :, 3] = 255
    found = summary(sample_statistics({"object.00.webp": webp(pixels)}, points(), None))
    opaque = pixels[pixels[..., 3] == 255][:, :3] / 255
    views = found["images"]["object"]
    np.testing.assert_allclose(views["mean"], opaque.mean(axis=0), rtol=1e-8)
    np.testing.assert_allclose(views["std"], opaque.std(axis=0), rtol=1e-8)
    assert views["coverage"] == pytest.approx(pixels[..., 3].mean() / 255, rel=1e-8)


def test_a_view_without_alpha_is_opaque() -> None:
    pixels = noise(2, 3)
    views = summary(sample_statistics({"part00.03.webp": webp(pixels)}, points(), None))["images"]
    assert views["part"]["coverage"] == 1.0
    np.testing.assert_allclose(views["part"]["mean"], pixels.mean(axis=(0, 1)) / 255, rtol=1e-8)


def test_views_of_object_and_parts_are_kept_apart_and_others_left_out() -> None:
    one = np.full((8, 8, 3), 51, np.uint8)
    five = np.full((8, 8, 3), 255, np.uint8)
    members = {
        "object.00.webp": one,
        "part00.00.webp": five,
        "part11.grid.webp": five,
        "boxes.00.webp": noise(3, 3),
        "object.00.parts.webp": noise(4, 3),
        "object.00.albedo.webp": noise(5, 3),
    }
    images = {name: webp(pixels) for name, pixels in members.items()}
    views = summary(sample_statistics({**images, "points.npz": b"no picture"}, points(), None))
    assert views["images"]["object"] == {
        "pictures": 1, "coverage": 1.0, "mean": [0.2] * 3, "std": [0.0] * 3,
    }  # fmt: skip
    assert views["images"]["part"]["pictures"] == 2
    assert views["images"]["part"]["mean"] == [1.0] * 3


def test_points_and_extents_match_numpy() -> None:
    arrays = points()
    found = summary(sample_statistics({}, arrays, None))["points"]
    surface = arrays["object_surface"][:, :3].astype(np.float64)
    sides = (arrays["part_box"][:, 1] - arrays["part_box"][:, 0]).astype(np.float64)
    for name, values in (("surface", surface), ("extent", sides)):
        np.testing.assert_allclose(found[name]["mean"], values.mean(axis=0), rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(found[name]["std"], values.std(axis=0), rtol=1e-7)


def test_the_field_counts_what_is_inside() -> None:
    near = np.zeros((2, 50, 4), np.float32)
    near[0, :30, 3] = -0.25
    near[1, :, 3] = 0.5
    field = {
        "part_near": near,
        "part_surface": np.zeros((2, 50, 6), np.float32),
        "object_volume": np.zeros((0, 50, 4), np.float32),
        "part_row": np.array([0, 1], np.int32),
    }
    found = summary(sample_statistics({}, points(), field))["field"]
    assert found == {
        "object_volume": {"points": 0, "inside": None, "distance": None},
        "part_near": {"points": 100, "inside": 0.3, "distance": 0.325},
    }


def test_sums_of_samples_are_the_sums_of_their_union() -> None:
    first, second = points(seed=1), points(count=70, parts=5, seed=2)
    together = {name: np.concatenate([first[name], second[name]]) for name in first}
    left, right = noise(5, 4), noise(6, 4)
    apart = [
        sample_statistics({"object.00.webp": webp(left)}, first, None),
        sample_statistics({"object.00.webp": webp(right)}, second, None),
    ]
    both = {"object.00.webp": webp(left), "object.01.webp": webp(right)}
    whole = sample_statistics(both, together, None)
    total = add(apart[0], apart[1])
    assert total["images"] == whole["images"]
    for name in ("surface", "extent"):
        np.testing.assert_allclose(total["points"][name]["sum"], whole["points"][name]["sum"], 1e-7)
    assert add(apart[1], apart[0]) == total


def test_a_field_that_one_sample_lacks_does_not_hide_the_others() -> None:
    near = {"part_near": np.full((1, 4, 4), -1, np.float32)}
    with_field, without = (
        sample_statistics({}, points(), near),
        sample_statistics({}, points(), None),
    )
    for total in (add(with_field, without), add(without, with_field)):
        assert summary(total)["field"]["part_near"]["points"] == 4


def test_the_order_of_points_changes_no_digit() -> None:
    arrays = points(count=5000)
    shuffled = dict(arrays)
    shuffled["object_surface"] = np.random.default_rng(9).permutation(arrays["object_surface"])
    assert sample_statistics({}, arrays, None) == sample_statistics({}, shuffled, None)


def test_it_is_json_of_nine_digits() -> None:
    found = sample_statistics({"object.00.webp": webp(noise(7, 4))}, points(), None)
    text = json.dumps(found, allow_nan=False)
    assert json.loads(text) == found
    numbers = [number for total in found["points"].values() for number in total["sum"]]
    assert all(number == float(f"{number:.9g}") for number in numbers)


def test_nothing_counted_has_no_mean() -> None:
    assert summary({}) == {"images": {}, "points": {}, "field": {}}
    clear = np.zeros((4, 4, 4), np.uint8)
    views = summary(sample_statistics({"object.00.webp": webp(clear)}, points(), None))["images"]
    assert views["object"] == {"pictures": 1, "coverage": 0.0, "mean": None, "std": None}
