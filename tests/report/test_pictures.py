from __future__ import annotations

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from partworks.artifacts.renders import PartOverlap, Renders, pack
from partworks.geometry.cameras import ring, transforms_table
from partworks.report.pictures import PART, RenderedViews, inline, nearest_view, thumbnail
from tests.report.made import VIEWS, make_renders, png, view_check, view_color


def test_inline_pictures_keep_size_colour_and_transparency() -> None:
    image = Image.open(io.BytesIO(png((200, 40, 90, 255))))
    picture = inline(image, alt="half")
    assert (picture.width, picture.height, picture.alt) == (40, 40, "half")
    data = base64.b64decode(picture.uri.removeprefix("data:image/webp;base64,"))
    decoded = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA")).astype(int)
    assert np.abs(decoded[10, 20] - (200, 40, 90, 255)).max() < 8
    assert decoded[30, 20, 3] == 0
    assert inline(image, alt="half") == picture


def test_a_thumbnail_fits_and_keeps_its_shape() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (80, 20), (10, 200, 30)).save(buffer, "PNG")
    small = np.asarray(thumbnail(buffer.getvalue(), size=40))
    assert small.shape == (40, 40, 4)
    opaque = np.flatnonzero(small[:, 20, 3])
    assert (opaque.min(), opaque.max()) == (15, 24)
    assert small[20, 20].tolist() == [10, 200, 30, 255]


def test_a_view_may_be_webp() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (40, 40), (10, 200, 30, 255)).save(buffer, "WEBP", lossless=True)
    assert thumbnail(buffer.getvalue(), size=40).getpixel((20, 20)) == (10, 200, 30, 255)


def test_transparent_pixels_lend_no_colour() -> None:
    image = Image.new("RGBA", (64, 64), (255, 255, 255, 0))
    image.paste((200, 0, 0, 255), (0, 0, 33, 64))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    small = np.asarray(thumbnail(buffer.getvalue(), size=16)).astype(int)
    seen = small[small[..., 3] > 8]
    assert np.abs(seen[:, :3] - (200, 0, 0)).max() <= 4


def test_absurd_and_foreign_pictures_are_refused() -> None:
    buffer = io.BytesIO()
    Image.new("1", (5000, 5000)).save(buffer, "PNG")
    with pytest.raises(ValueError, match="5000 × 5000"):
        thumbnail(buffer.getvalue(), size=16)
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "BMP")
    with pytest.raises(ValueError, match="expected a PNG or WebP"):
        thumbnail(buffer.getvalue(), size=16)


def test_the_nearest_view() -> None:
    cameras = ring(8)
    for index, camera in enumerate(cameras):
        assert nearest_view(cameras, camera.forward) == index


def test_a_part_is_shown_from_where_the_object_shows_most_of_it() -> None:
    views = RenderedViews(Renders(make_renders(2)))
    assert views.front == 0
    for part in range(2):
        image = views.part_view(part)
        assert image is not None and image.size == (PART, PART)
        assert image.getpixel((50, 20)) == view_color(part, part + 1)


def test_where_no_view_is_sound_one_is_in_front_all_the_same() -> None:
    views = RenderedViews(Renders(make_renders(0, flawed={"object": range(VIEWS)})))
    assert views.front == 0 and views.object_view().size == (256, 256)


def test_a_part_is_shown_from_a_view_without_flaws() -> None:
    flawed = {"part_00": [1], "part_01": range(VIEWS)}
    views = RenderedViews(Renders(make_renders(2, flawed=flawed)))
    image = views.part_view(0)
    assert image is not None
    assert image.getpixel((50, 20)) in [view_color(0, view) for view in (0, 2, 3)]
    assert views.part_view(1) is None


def test_a_part_that_was_rendered_in_no_view() -> None:
    cameras = ring(1, size=40)
    table = json.dumps(transforms_table(cameras, ["object/000.png"])).encode()
    members = {"object/000.png": png((1, 2, 3, 255)), "object/transforms.json": table}
    hidden = PartOverlap(pixels=(0,), shares=(0.0,), best_view=-1, box=(-1, -1, -1, -1))
    checks = {"object": [view_check()]}
    data = pack(members, overlap=(hidden,), checks=checks, backend="raster")
    views = RenderedViews(Renders(data))
    assert views.part_view(0) is None
