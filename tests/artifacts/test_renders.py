from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import numpy as np
import pytest
from PIL import Image

from partworks.artifacts.renders import (
    PartOverlap,
    Renders,
    ViewCheck,
    grid_name,
    pack,
    part_folder,
    view_name,
)

OVERLAP = PartOverlap(pixels=(3, 0), shares=(0.25, 0.0), best_view=0, box=(1, 2, 4, 3))
SOUND = ViewCheck(coverage=0.4, border=0.0, spread=80.5, magenta=0.0, brightness=120.0, flaws=())
DARK = ViewCheck(
    coverage=0.4, border=0.1, spread=2.0, magenta=0.0, brightness=3.0, flaws=("clipped", "dark")
)
DEPTH = np.array([[0, 1], [500, 65535]], np.uint16)


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def members() -> dict[str, bytes]:
    """Two views of the object, the first with depth; a folder with one view; a grid."""
    frames = [
        {"file_path": "object/000.png", "depth_file_path": "object/000.depth.png"},
        {"file_path": "object/001.png"},
    ]
    table: dict[str, Any] = {"w": 2, "h": 2, "depth_scale": 0.5, "frames": frames}
    other = {"w": 2, "h": 2, "frames": [{"file_path": "part_00_visible/000.png"}]}
    return {
        "object/transforms.json": json.dumps(table).encode(),
        "part_00_visible/transforms.json": json.dumps(other).encode(),
        "object/000.png": png(np.full((2, 2, 4), 9, np.uint8)),
        "object/000.depth.png": png(DEPTH),
        "object/001.png": png(np.full((2, 2, 3), 7, np.uint8)),
        "object/grid.png": b"grid",
        "part_00_visible/000.png": b"damaged",
    }


def packed(**changes: Any) -> bytes:
    checks = {"object": [SOUND, DARK], "part_00_visible": [DARK]}
    return pack(
        **{
            "members": members(),
            "overlap": [OVERLAP],
            "checks": checks,
            "backend": "raster",
            **changes,
        }
    )


def test_names() -> None:
    assert view_name("object", 3) == "object/003.png"
    assert view_name("object", 3, channel="depth", extension="exr") == "object/003.depth.exr"
    assert view_name(part_folder(4), 1000, extension="webp") == "part_04/1000.webp"
    assert grid_name("object_cond") == "object_cond/grid.png"
    assert grid_name("object", channel="mask", extension="png") == "object/grid.mask.png"


def test_what_is_packed_comes_back() -> None:
    renders = Renders(packed())
    assert renders.backend == "raster" and renders.overlap == (OVERLAP,)
    assert renders.checks("object") == (SOUND, DARK)
    assert renders.sound_views("object") == [0]
    assert renders.sound_views("part_00_visible") == []
    assert renders.folders == ["object", "part_00_visible"]
    assert renders.views("object") == ["object/000.png", "object/001.png"]  # a grid is no view
    assert renders.transforms("object")["depth_scale"] == 0.5
    assert set(renders.names) == {*members(), "overlap.json", "checks.json"}
    assert renders.read("object/grid.png") == b"grid"


def test_a_folder_that_was_not_rendered_has_no_checks() -> None:
    renders = Renders(packed())
    assert renders.checks("part_00") == () and renders.sound_views("part_00") == []


def test_views_and_passes_are_read_as_arrays() -> None:
    renders = Renders(packed())
    np.testing.assert_array_equal(renders.image("object", 0), np.full((2, 2, 4), 9))
    assert renders.image("object", 1)[0, 0].tolist() == [7, 7, 7, 255]
    np.testing.assert_array_equal(
        renders.image("object", 0, "depth"), [[np.inf, 0.5], [250, 32767.5]]
    )
    with pytest.raises(KeyError, match="depth_file_path"):
        renders.image("object", 1, "depth")
    with pytest.raises(ValueError, match=r"part_00_visible/000.png cannot be read: expected a PNG"):
        renders.image("part_00_visible", 0)


def test_equal_input_gives_equal_bytes_in_whatever_order() -> None:
    shuffled = dict(reversed(members().items()))
    checks = {"part_00_visible": [DARK], "object": [SOUND, DARK]}
    assert packed(members=shuffled, checks=checks) == packed()
    with zipfile.ZipFile(io.BytesIO(packed())) as archive:
        assert archive.namelist() == sorted(archive.namelist())
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def repacked(compression: int = zipfile.ZIP_STORED, **changes: bytes | None) -> bytes:
    """The zip with other tables; None leaves one out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed())) as archive, zipfile.ZipFile(buffer, "w") as target:
        for name in archive.namelist():
            data = changes.get(name.removesuffix(".json"), archive.read(name))
            if data is not None:
                target.writestr(name, data, compression)
    return buffer.getvalue()


def test_zips_of_older_versions_and_foreign_ones_are_refused() -> None:
    old = json.dumps({"backend": "raster", "parts": [{"pixels": [1], "best_view": 0, "box": [0]}]})
    for data in (
        repacked(checks=None),
        repacked(overlap=old.encode()),
        repacked(overlap=b"[]"),
        repacked(checks=b'{"object": 3}'),
        repacked(checks=b'{"object": [{"color": 1}]}'),
    ):
        with pytest.raises(ValueError, match="run the render stage again"):
            Renders(data)
    with pytest.raises(zipfile.BadZipFile):
        Renders(packed()[:-40])


def test_compressed_members_are_refused_for_they_may_be_of_any_size() -> None:
    with pytest.raises(ValueError, match=r"overlap.json is compressed"):
        Renders(repacked(zipfile.ZIP_DEFLATED))


def test_damage_is_noticed() -> None:
    data = bytearray(packed())
    at = data.index(members()["object/000.depth.png"]) + 20
    data[at] ^= 1
    with pytest.raises(zipfile.BadZipFile, match="CRC"):
        Renders(bytes(data)).image("object", 0, "depth")
