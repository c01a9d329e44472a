from __future__ import annotations

from dataclasses import replace
from math import sqrt
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from partworks.artifacts.view_images import DROPPED, NOTHING, decode_view
from partworks.geometry.visibility import EmbreeCaster
from render.config import RenderConfig
from render.encoding import (
    colour_extension,
    depth_scale,
    encode_colour,
    encode_json,
    encode_pass,
    frame_paths,
    pass_extension,
)
from render.rigs import PASSES, Pass, Rig
from render.subject import Subject, make_subjects
from tests.render.scenes import decode, tower

PNG = RenderConfig()
WEBP = RenderConfig(image="webp")
STEP = 1e-4


def random_picture(shape: tuple[int, ...] = (40, 30, 4)) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)


def smooth_picture() -> NDArray[np.uint8]:
    """Gradients with some grain and a soft round edge, as pictures are."""
    rows, columns = np.indices((96, 128))
    alpha = np.clip(44 - np.hypot(rows - 48, columns - 64), 0, 1)
    grain = np.random.default_rng(0).normal(0, 3, (3, *rows.shape))
    colors = np.clip(np.stack([rows * 2, columns, rows + columns]) + grain, 0, 255)
    return np.stack([*colors, alpha * 255], axis=-1).astype(np.uint8)


def random_pass(kind: Pass) -> NDArray[Any]:
    """An array of the kind, with background."""
    generator = np.random.default_rng(1)
    seen = generator.random((20, 30)) < 0.7
    vectors = generator.normal(size=(20, 30, 3)).astype(np.float32)
    units = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    labels = generator.integers(DROPPED, 300, (20, 30)).astype(np.int32)
    made: dict[Pass, NDArray[Any]] = {
        "depth": np.where(seen, generator.uniform(0.5, 6, seen.shape), np.inf).astype(np.float32),
        "normal": np.where(seen[..., None], units, np.float32(0)),
        "normal_camera": np.where(seen[..., None], units, np.float32(0)),
        "part": labels,
        "face": generator.integers(NOTHING, (1 << 24) - 1, seen.shape).astype(np.int32),
        "albedo": np.where(seen[..., None], random_picture((20, 30, 4)), np.uint8(0)),
        "mask": seen,
        "position": np.where(seen[..., None], vectors, np.float32(np.nan)),
        "boxes": random_picture((20, 30, 3)),
    }
    return made[kind]


ALLOWED = {("depth", "png"): STEP / 2 + 1e-6, ("normal", "png"): 0.005}
ALLOWED[("normal_camera", "png")] = ALLOWED[("normal", "png")]
"""By how much values may differ; other passes come back exactly."""


@pytest.mark.parametrize("config", [PNG, RenderConfig(image="webp", depth="exr")])
@pytest.mark.parametrize("kind", PASSES)
def test_every_pass_comes_back(kind: Pass, config: RenderConfig) -> None:
    array = random_pass(kind)
    data = encode_pass(kind, array, config=config, depth_scale=STEP)
    found = decode_view(data, kind, depth_scale=STEP)
    assert found.dtype == array.dtype
    extension = pass_extension(kind, config)
    np.testing.assert_allclose(found, array, rtol=0, atol=ALLOWED.get((kind, extension), 0))
    magic = {"png": b"\x89PNG", "webp": b"RIFF", "exr": b"\x76\x2f\x31\x01"}
    assert data.startswith(magic[extension])
    copy = np.asfortranarray(array)
    assert encode_pass(kind, copy, config=config, depth_scale=STEP) == data


@pytest.mark.parametrize("kind", PASSES)
def test_empty_passes_come_back(kind: Pass) -> None:
    nothing = {"depth": np.inf, "position": np.nan, "part": NOTHING, "face": NOTHING}
    array = np.full_like(random_pass(kind), nothing.get(kind, 0))
    data = encode_pass(kind, array, config=PNG, depth_scale=STEP)
    np.testing.assert_array_equal(decode_view(data, kind, depth_scale=STEP), array)


@pytest.mark.parametrize("shape", [(40, 30, 4), (1, 9, 4)])
@pytest.mark.parametrize("config", [PNG, WEBP])
def test_colour_is_exact_even_where_nothing_shows(
    config: RenderConfig, shape: tuple[int, ...]
) -> None:
    picture = random_picture(shape)
    picture[0, :5, 3] = 0
    data = encode_colour(picture, config)
    np.testing.assert_array_equal(decode_view(data), picture)
    assert encode_colour(picture.copy(), config) == data


def test_an_opaque_picture_keeps_its_alpha() -> None:
    picture = random_picture()
    picture[..., 3] = 255
    np.testing.assert_array_equal(decode_view(encode_colour(picture, WEBP)), picture)


def test_lossy_webp_has_exact_alpha_and_close_colours() -> None:
    picture, config = smooth_picture(), replace(WEBP, webp_quality=80)
    data = encode_colour(picture, config)
    found = decode_view(data)
    np.testing.assert_array_equal(found[..., 3], picture[..., 3])
    solid = picture[..., 3] == 255
    difference = np.abs(found[solid].astype(int) - picture[solid])
    assert 0 < difference.mean() < 6
    assert len(data) < 0.6 * len(encode_colour(picture, WEBP))
    assert encode_colour(picture, config) == data
    noise = random_picture()
    np.testing.assert_array_equal(decode_view(encode_colour(noise, config))[..., 3], noise[..., 3])


def test_albedo_is_compressed_as_colour_is_and_boxes_never_lose() -> None:
    config = replace(WEBP, webp_quality=50)
    picture = random_picture()
    data = encode_pass("albedo", picture, config=config, depth_scale=STEP)
    assert data == encode_colour(picture, config)
    drawing = random_picture((20, 30, 3))
    boxes = encode_pass("boxes", drawing, config=config, depth_scale=STEP)
    np.testing.assert_array_equal(decode_view(boxes, "boxes"), drawing)


def test_a_png_has_no_metadata() -> None:
    data = encode_colour(random_picture(), PNG)
    for name in (b"tEXt", b"tIME", b"pHYs", b"gAMA", b"sRGB", b"iCCP"):
        assert name not in data


def test_what_stands_in_the_files_is_what_is_documented() -> None:
    def read(kind: Pass, array: NDArray[Any]) -> NDArray[Any]:
        return decode(encode_pass(kind, array, config=PNG, depth_scale=4 / 65535))

    depth = read("depth", np.array([[np.inf, 1e-9, 2.0, 4.0]], np.float32))
    assert depth.dtype == np.uint16 and depth.tolist() == [[0, 1, 32768, 65535]]
    normal = np.array([[[0, 0, 0], [1, 0, -1], [0, 1, 0]]], np.float32)
    for kind in ("normal", "normal_camera"):
        assert read(kind, normal).tolist() == [[[0, 0, 0], [255, 128, 0], [128, 255, 128]]]
    part = read("part", np.array([[NOTHING, 0, 300, DROPPED]], np.int32))
    assert part.tolist() == [[0, 1, 301, 65535]]
    face = read("face", np.array([[NOTHING, 0, 255, 256, 65536 * 7 + 256 * 6 + 4]], np.int32))
    assert face.tolist() == [[[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [5, 6, 7]]]
    assert read("mask", np.array([[True, False]])).tolist() == [[255, 0]]


def test_labels_and_depths_that_do_not_fit_are_an_error() -> None:
    for kind, largest in (("part", 65533), ("face", (1 << 24) - 2)):
        assert encode_pass(kind, np.array([[largest]], np.int32), config=PNG, depth_scale=1)
        with pytest.raises(ValueError, match=f"{kind} {largest + 1} cannot be written"):
            encode_pass(kind, np.array([[largest + 1]], np.int32), config=PNG, depth_scale=1)
    far = np.array([[np.inf, 6.6]], np.float32)
    with pytest.raises(ValueError, match=r"depth reaches 6.6, but 16 bits .* end at 6.5535"):
        encode_pass("depth", far, config=PNG, depth_scale=STEP)
    assert encode_pass("depth", far, config=replace(PNG, depth="exr"), depth_scale=STEP)


def test_the_paths_of_a_frame() -> None:
    assert frame_paths("object", 3, passes=(), config=PNG) == {"file_path": "object/003.png"}
    config = RenderConfig(image="webp", depth="exr")
    paths = frame_paths("part_01", 12, passes=PASSES, config=config)
    assert paths.pop("file_path") == f"part_01/012.{colour_extension(config)}"
    extensions = {"depth": "exr", "position": "exr", "albedo": "webp", "boxes": "webp"}
    assert paths == {
        f"{kind}_file_path": f"part_01/012.{kind}.{extensions.get(kind, 'png')}" for kind in PASSES
    }


RIGS = (
    Rig(views=8),
    Rig(name="far", radius=2.0),
    Rig(name="sphere", placement="hammersley", views=5, radius=2.0),
    Rig(name="lenses", placement="lenses", views=12, fov=10, fov_to=70),
    Rig(name="one", views=1, elevation=80),
    Rig(name="two", placement="hammersley", views=2),
    Rig(target="parts", views=4),
    Rig(name="same", target="parts", placement="object"),
)


def subjects(scale: float = 1.0, shift: float = 0.0) -> list[Subject]:
    mesh, parts = tower()
    nodes = [replace(n, vertices=n.vertices * np.float32(scale) + shift) for n in mesh.nodes]
    moved = replace(mesh, nodes=tuple(nodes))
    return make_subjects(moved, parts, RIGS, generator=np.random.default_rng(2))


def test_depth_in_16_bits_covers_the_subject_and_moves_no_point_by_much() -> None:
    mesh, _ = tower()
    caster = EmbreeCaster(mesh.vertices, mesh.faces)
    for subject in subjects():
        step = depth_scale(subject.cameras, subject)
        sphere = 1.0  # no bounding sphere is smaller in its own frame
        assert 0 < step / 2 < 2e-4 * sphere, subject.folder
        for camera in subject.cameras:
            seen = caster.cast(replace(camera, width=32, height=32))
            if subject.folder.startswith("object"):
                assert seen.depth[seen.hit].max() / subject.scale < 65535 * step
        offsets = [camera.position - subject.center for camera in subject.cameras]
        distance = np.linalg.norm(offsets, axis=1).max() / subject.scale
        assert 65535 * step < distance + 3 * sqrt(3), subject.folder


def test_the_depth_scale_does_not_need_a_normalised_object() -> None:
    for moved, plain in zip(subjects(scale=80.0, shift=50.0), subjects(), strict=True):
        if len(plain.cameras) > 1:
            expected = depth_scale(plain.cameras, plain) * plain.scale * 80
            found = depth_scale(moved.cameras, moved) * moved.scale
            assert found == pytest.approx(expected, rel=1e-3), plain.folder


def test_no_cameras_and_no_extent_have_a_scale_too() -> None:
    subject = subjects()[0]
    assert depth_scale((), subject) > 0
    nothing = replace(subject, faces=np.zeros_like(subject.faces))
    assert depth_scale(subject.cameras[:1], nothing) > 0


def test_json_is_sorted_and_strict() -> None:
    assert encode_json({"b": 1, "a": [0.1]}) == b'{"a": [0.1], "b": 1}'
    with pytest.raises(ValueError, match="JSON"):
        encode_json({"a": float("nan")})
