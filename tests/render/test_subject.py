from __future__ import annotations

import numpy as np
import pytest

from partworks.geometry.mesh import Mesh
from render.config import RenderConfig, Rig
from render.subject import each_part, whole_object
from tests.render.scenes import box, parts_of, tower

CONFIG = RenderConfig(size=40, object_views=3, part_views=2)


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("rig", ["ring", "hammersley"])
def test_object_and_parts_are_framed_each_by_its_own_sphere(rig: Rig) -> None:
    mesh, parts = tower()
    config = RenderConfig(size=40, object_views=3, part_views=2, rig=rig)
    subjects = [
        whole_object(mesh, config=config, generator=generator()),
        *each_part(mesh, parts, config=config, generator=generator()),
    ]
    assert [subject.folder for subject in subjects] == ["object", "part_00", "part_01", "part_02"]
    assert [len(subject.cameras) for subject in subjects] == [3, 2, 2, 2]
    for subject in subjects:
        vertices = mesh.vertices[np.unique(mesh.faces[subject.faces])]
        for camera in subject.cameras:
            pixel = camera.project(vertices)[:, :2]
            assert pixel.min() > 0 and pixel.max() < 40
            assert np.ptp(pixel, axis=0).max() > 20  # large in the frame, whatever its size


def test_the_object_has_all_faces_and_a_part_only_its_own() -> None:
    mesh, parts = tower()
    whole = whole_object(mesh, config=CONFIG, generator=generator())
    assert whole.faces.all() and whole.scale == 1 and not whole.center.any()
    for index, subject in enumerate(each_part(mesh, parts, config=CONFIG, generator=generator())):
        np.testing.assert_array_equal(subject.faces, parts.face_labels == index)


def test_own_cameras_see_the_normalised_part_at_the_same_pixels() -> None:
    mesh, parts = tower()
    cube = each_part(mesh, parts, config=CONFIG, generator=generator())[1]
    np.testing.assert_allclose(cube.center, [0, 0.25, 0], atol=1e-7)
    assert cube.scale == pytest.approx(0.75)
    vertices = mesh.vertices[np.unique(mesh.faces[cube.faces])]
    own = (vertices - cube.center) / cube.scale
    np.testing.assert_allclose(np.abs(own).max(axis=0), [2 / 3, 1, 2 / 3], atol=1e-6)
    for camera, moved in zip(cube.cameras, cube.own_cameras(), strict=True):
        here, there = camera.project(vertices), moved.project(own)
        np.testing.assert_allclose(there[:, :2], here[:, :2], atol=1e-9)
        np.testing.assert_allclose(there[:, 2] * cube.scale, here[:, 2], atol=1e-9)


def test_a_part_without_faces_or_extent_has_cameras_all_the_same() -> None:
    mesh = Mesh(nodes=(box((5, 0, 0), (1, 1, 1)), box((0, 0, 0), (0, 0, 0))))
    parts = parts_of(mesh, np.repeat([0, 2], 12).astype(np.int32), names=("box", "ghost", "dot"))
    for subject in each_part(mesh, parts, config=CONFIG, generator=generator())[1:]:
        assert subject.scale == 1.0
        for camera in subject.cameras:
            assert np.isfinite(camera.camera_to_world).all()


def test_hammersley_is_shifted_by_the_generator() -> None:
    mesh, _ = tower()
    config = RenderConfig(rig="hammersley", object_views=2)
    first, again, other = (
        whole_object(mesh, config=config, generator=generator(seed)).cameras[0].position
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.01


def test_without_part_views_there_are_no_part_folders() -> None:
    mesh, parts = tower()
    config = RenderConfig(part_views=0)
    assert each_part(mesh, parts, config=config, generator=generator()) == []
