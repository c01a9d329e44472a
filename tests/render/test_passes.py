from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from partworks.artifacts.parts import Parts
from partworks.artifacts.view_images import DROPPED, NOTHING, decode_view
from partworks.geometry.boxes import part_color
from partworks.geometry.cameras import Camera
from partworks.geometry.mesh import Mesh
from partworks.geometry.visibility import EmbreeCaster
from render import passes
from render.config import RenderConfig
from render.encoding import depth_scale, encode_pass
from render.masked import keep_pixels
from render.passes import Looker
from render.rigs import PASSES, Pass, Rig
from render.subject import Subject, make_subjects
from tests.render.scenes import BLUE, GREEN, RED, board, front, parts_of, stacked, tower

RIGS = (Rig(views=4, size=48), Rig(target="parts", views=3, size=48))


def subjects_of(mesh: Mesh, parts: Parts, rigs: Sequence[Rig] = RIGS) -> list[Subject]:
    return make_subjects(mesh, parts, rigs, generator=np.random.default_rng(0))


def shown_by(
    mesh: Mesh, parts: Parts, camera: Camera, *, layers: int = 8
) -> dict[Pass, NDArray[Any]]:
    """All passes of the whole object as one camera sees it."""
    (whole,) = subjects_of(mesh, parts, RIGS[:1])
    subject = replace(whole, cameras=(camera,))
    looker = Looker(mesh, parts, layers=layers)
    seen = looker.look(subject, 0)
    return {kind: looker.array(kind, subject, 0, seen) for kind in PASSES}


def boards() -> tuple[Mesh, Parts]:
    """A board of part 0 with two quadrants cut out; behind it one of part 1 and a dropped half."""
    mesh = stacked(
        board(alpha_mode="MASK", alpha=(255, 0, 0, 255), z=0.5),
        board(uv_from=(0.0, 0.0), uv_to=(0.5, 0.5)),
    )
    return mesh, parts_of(mesh, np.array([0, 0, 1, -1], np.int32), names=("front", "back"))


@pytest.mark.parametrize("scene", [tower, boards])
def test_parts_and_dropped_faces_tile_the_object(scene: Any) -> None:
    mesh, parts = scene()
    looker = Looker(mesh, parts, layers=8)
    whole = subjects_of(mesh, parts)[0]
    dropped = 0
    for view in range(len(whole.cameras)):
        seen = looker.look(whole, view)
        label, mask, face = (
            looker.array(kind, whole, view, seen) for kind in ("part", "mask", "face")
        )
        data = encode_pass("part", label, config=RenderConfig(), depth_scale=1)
        np.testing.assert_array_equal(decode_view(data, "part"), label)
        masks = np.stack([label == value for value in (*range(parts.count), DROPPED)])
        np.testing.assert_array_equal(masks.sum(axis=0), mask)
        np.testing.assert_array_equal(label == NOTHING, ~mask)
        np.testing.assert_array_equal(face == NOTHING, ~mask)
        expected = parts.face_labels[face[mask]]
        np.testing.assert_array_equal(label[mask], np.where(expected < 0, DROPPED, expected))
        dropped += masks[-1].sum()
    assert dropped > 20


def test_holes_are_looked_through() -> None:
    mesh, parts = boards()
    camera = front(64)
    shown = shown_by(mesh, parts, camera)
    assert set(np.unique(shown["part"])) == {NOTHING, 0, 1, DROPPED}
    quarter = [shown["part"][20, 20], shown["part"][44, 44]]  # red and yellow are solid
    assert quarter == [0, 0]
    assert shown["part"][14, 44] == DROPPED and shown["part"][28, 50] == 1
    np.testing.assert_allclose(shown["depth"][[20, 14], [20, 44]], [5.5, 6.0], rtol=1e-5)
    blind = shown_by(mesh, parts, camera, layers=1)
    assert blind["part"][14, 44] == NOTHING and blind["depth"][14, 44] == np.inf


def test_position_is_what_depth_and_camera_give_in_the_subjects_own_frame() -> None:
    mesh, parts = tower()
    rigs = (*RIGS, Rig(name="same", target="parts", placement="object", size=48))
    looker = Looker(mesh, parts, layers=8)
    for subject in subjects_of(mesh, parts, rigs):
        for view, camera in enumerate(subject.own_cameras()):
            seen = looker.look(subject, view)
            depth = looker.array("depth", subject, view, seen)
            position = looker.array("position", subject, view, seen)
            hit = seen.hit
            rays = camera.rays()[hit]
            points = camera.position + rays * (depth[hit] / (rays @ camera.forward))[:, None]
            assert hit.any(), subject.folder
            # Rays miss the centres of pixels by a thousandth of a pixel.
            np.testing.assert_allclose(position[hit], points, atol=3e-4)
            assert np.isnan(position[~hit]).all() and np.isinf(depth[~hit]).all()
            if subject.rig.name == "":
                assert np.abs(position[hit]).max() < 1 + 1e-5
    assert subject.part == 2


def test_a_part_alone_has_its_own_frame_and_the_objects_face_numbers() -> None:
    mesh, parts = tower()
    looker = Looker(mesh, parts, layers=8)
    for subject in subjects_of(mesh, parts)[1:]:
        seen = looker.look(subject, 1)
        face = looker.array("face", subject, 1, seen)
        assert (parts.face_labels[face[seen.hit]] == subject.part).all()
        label = looker.array("part", subject, 1, seen)
        assert set(np.unique(label)) == {NOTHING, subject.part}
        position = looker.array("position", subject, 1, seen)[seen.hit]
        assert np.abs(position).max() == pytest.approx(1, abs=0.05)
    hidden = looker.array("mask", subject, 1, seen)
    assert hidden.sum() > 100  # the core is inside of the block, but not when it is alone


def test_normals_have_length_1_and_face_the_camera() -> None:
    mesh, parts = tower()
    looker = Looker(mesh, parts, layers=8)
    whole = subjects_of(mesh, parts)[0]
    for view, camera in enumerate(whole.cameras):
        seen = looker.look(whole, view)
        normal = looker.array("normal", whole, view, seen)
        own = looker.array("normal_camera", whole, view, seen)
        for each in (normal, own):
            np.testing.assert_allclose(
                np.linalg.norm(each, axis=-1), seen.hit.astype(float), atol=1e-5
            )
        np.testing.assert_allclose(own @ camera.rotation.T, normal, atol=1e-6)
        assert (np.einsum("hwc,hwc->hw", normal, camera.rays())[seen.hit] < 0).all()
        slab = (seen.face_id >= 0) & (parts.face_labels[seen.face_id] == 0)
        top = slab & (normal[..., 1] > 0.99)
        # Seen from 30° above, what lies flat faces the viewer by sin 30° and up by cos 30°.
        np.testing.assert_allclose(own[top], [[0, np.sqrt(0.75), 0.5]] * top.sum(), atol=1e-5)
        assert top.sum() > 50


def test_albedo_is_the_colour_without_light() -> None:
    shown = shown_by(*tower(), front(64))
    label = shown["part"]
    for part, color in ((0, RED), (1, GREEN), (DROPPED, BLUE)):
        assert (label == part).sum() > 20
        assert (shown["albedo"][label == part] == (*color, 255)).all()
    assert not shown["albedo"][label == NOTHING].any()


def test_albedo_is_filtered_and_opaque_even_on_glass() -> None:
    mesh = board(alpha_mode="BLEND", alpha=(128, 128, 128, 128), factor=(0.5, 0.5, 0.5, 1.0))
    parts = parts_of(mesh, np.zeros(2, np.int32), names=("pane",))
    shown = shown_by(mesh, parts, front(64))
    assert shown["albedo"][20, 20].tolist() == [188, 0, 0, 255]  # half of red's light
    assert (shown["albedo"][shown["mask"]][:, 3] == 255).all()
    far = shown_by(mesh, parts, replace(front(9), fov_y=2.0))["albedo"]
    assert far[..., 3].sum() == 255  # one pixel, in which all four colours come together
    red, green, blue, _ = far[4, 4].tolist()
    assert 0 < blue < red == green < 160


def test_boxes_have_the_colours_of_parts_that_have_faces() -> None:
    mesh, parts = tower()
    labels = np.where(parts.face_labels == 2, 3, parts.face_labels)  # there is no part 2 any more
    names = ("slab", "cube", "nothing", "core", "nothing too")
    drawing = shown_by(mesh, parts_of(mesh, labels, names=names), front(64))["boxes"]
    found = {tuple(color) for color in drawing.reshape(-1, 3).tolist()}
    assert found == {(255, 255, 255), *(part_color(part) for part in (0, 1, 3))}
    assert drawing.shape == (64, 64, 3) and drawing.dtype == np.uint8


def test_what_was_cut_out_alone_is_in_the_passes() -> None:
    mesh, parts = tower()
    looker = Looker(mesh, parts, layers=8)
    whole = subjects_of(mesh, parts)[0]
    seen = looker.look(whole, 0)
    mask = looker.array("part", whole, 0, seen) == 1
    kept = keep_pixels(seen, mask)
    for kind in PASSES:
        if kind != "boxes":
            complete = looker.array(kind, whole, 0, seen)
            array = looker.array(kind, whole, 0, kept)
            assert array.dtype == complete.dtype
            np.testing.assert_array_equal(array[mask], complete[mask])
    np.testing.assert_array_equal(looker.array("mask", whole, 0, kept), mask)
    assert 0 < mask.sum() < seen.hit.sum()


def test_every_pass_of_every_view_survives_its_file() -> None:
    mesh, parts = tower()
    config = RenderConfig()
    looker = Looker(mesh, parts, layers=8)
    for subject in subjects_of(mesh, parts):
        scale = depth_scale(subject.cameras, subject)
        for view in range(len(subject.cameras)):
            seen = looker.look(subject, view)
            for kind in PASSES:
                array = looker.array(kind, subject, view, seen)
                data = encode_pass(kind, array, config=config, depth_scale=scale)
                found = decode_view(data, kind, depth_scale=scale)
                allowed = {"depth": 0.51 * scale, "normal": 0.005, "normal_camera": 0.005}
                np.testing.assert_allclose(found, array, rtol=0, atol=allowed.get(kind, 0))


def test_the_views_of_one_subject_share_a_caster(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    class Counted(EmbreeCaster):
        def __init__(self, vertices: NDArray[Any], faces: NDArray[Any]) -> None:
            made.append(len(faces))
            super().__init__(vertices, faces)

    monkeypatch.setattr(passes, "EmbreeCaster", Counted)
    mesh, parts = tower()
    whole, slab, *_ = subjects_of(mesh, parts)
    looker = Looker(mesh, parts, layers=4)
    first = [looker.look(whole, view) for view in range(4)]
    assert made == [mesh.face_count]
    looker.look(slab, 0)
    np.testing.assert_array_equal(looker.look(whole, 0).face_id, first[0].face_id)
    assert made == [mesh.face_count] * 2
