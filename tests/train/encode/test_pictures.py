from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from partworks.errors import UsageError
from train.encode.config import EncodeConfig
from train.encode.image_codecs import PixelCodec
from train.encode.pictures import hint_pictures, image_arrays
from train.sampling.views import ring_cameras
from train.sampling.wireframes import box_corners, wireframes

BOXES = np.array([[[-1, -1, -1], [1, 0, 1]], [[-0.5, 0, -0.5], [0.5, 1, 0.5]]], np.float32)
CONFIG = EncodeConfig(image_codec="pixels", views=2, pixels=32)


def flat(*color: int) -> NDArray[np.uint8]:
    return np.full((64, 64, len(color)), color, np.uint8)


def content(views: int = 4) -> dict[str, NDArray[np.uint8]]:
    """Flat views, each of a colour of its own, with others that are no views beside them."""
    found = {f"object.{view:02d}.webp": flat(10 * view, 0, 0) for view in range(views)}
    for part in range(2):
        for view in range(views):
            found[f"part{part:02d}.{view:02d}.webp"] = flat(0, 10 * view, 100 * part, 255)
    return {**found, "part00.00.normal.webp": flat(1, 2, 3), "object.00.mask.png": flat(9)}


def encoded(views: dict[str, Any], config: EncodeConfig = CONFIG) -> dict[str, NDArray[Any]]:
    return image_arrays(
        PixelCodec(), views, boxes=BOXES, key="a", config=config, device=torch.device("cpu")
    )


def test_every_so_many_th_view_is_taken_and_parts_keep_their_rows() -> None:
    arrays = encoded(content())
    assert arrays["part_image_latent"].shape == (2, 2, 4, 4, 4)
    for view, source in enumerate((0, 2)):
        red = arrays["object_image_latent"][view, 0]
        assert red == pytest.approx(2 * 10 * source / 255 - 1, abs=1e-6)
        for part in range(2):
            color = arrays["part_image_latent"][part, view, 1:3, 0, 0]
            expected = [2 * 10 * source / 255 - 1, 2 * 100 * part / 255 - 1]
            assert color.tolist() == pytest.approx(expected, abs=1e-6)
    assert arrays["object_image_known"].shape == () and arrays["object_image_known"]
    assert arrays["part_image_known"].tolist() == [True, True]


def test_what_is_transparent_is_white() -> None:
    views = {name: picture for name, picture in content().items() if not name.startswith("part01")}
    views |= {f"part01.{view:02d}.webp": flat(0, 0, 0, 0) for view in range(4)}
    latent = encoded(views)["part_image_latent"][1]
    assert (latent[:, :3] == 1).all() and (latent[:, 3] == -1).all()


def test_parts_with_too_few_views_are_white_and_said_to_be_unknown() -> None:
    views = content()
    for view in range(3):
        del views[f"part01.{view:02d}.webp"]
    arrays = encoded(views)
    assert arrays["part_image_known"].tolist() == [True, False]
    assert (arrays["part_image_latent"][1, :, :3] == 1).all()


def test_hints_are_those_of_sampling() -> None:
    cameras = ring_cameras(box_corners(BOXES).reshape(-1, 3), views=2, pixels=32)
    drawn = hint_pictures(BOXES, views=2, pixels=32)
    assert np.array_equal(drawn * 255, wireframes(BOXES, cameras))
    pictures = torch.from_numpy(2 * drawn - 1).permute(0, 3, 1, 2)
    assert np.array_equal(encoded(content())["hint_image_latent"], PixelCodec().encode(pictures))


def test_no_views_and_odd_sizes_are_refused() -> None:
    with pytest.raises(UsageError, match=r"a has no views, .* set views and part_views"):
        encoded({})
    with pytest.raises(UsageError, match=r"settings\.pixels is 30, expected a multiple of 8"):
        encoded(content(), EncodeConfig(image_codec="pixels", views=2, pixels=30))
