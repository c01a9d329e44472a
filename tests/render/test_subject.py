from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from partworks.artifacts.parts import Parts
from partworks.geometry.mesh import Mesh
from render.rigs import Placement, Rig
from render.subject import WHOLE, Subject, make_subjects
from tests.render.scenes import box, parts_of, tower

RIGS = (Rig(views=3, size=40), Rig(target="parts", views=2, size=40))


def subjects(
    rigs: Sequence[Rig] = RIGS, scene: tuple[Mesh, Parts] | None = None, *, seed: int = 0
) -> list[Subject]:
    mesh, parts = scene or tower()
    return make_subjects(mesh, parts, rigs, generator=np.random.default_rng(seed))


@pytest.mark.parametrize("placement", ["ring", "hammersley", "lenses"])
@pytest.mark.parametrize("radius", [0.0, 0.1])
def test_object_and_parts_are_framed_each_by_its_own_sphere(
    placement: Placement, radius: float
) -> None:
    mesh, _ = tower()
    rigs = [
        Rig(views=3, size=40, placement=placement, radius=radius),
        Rig(target="parts", views=2, size=40, placement=placement, radius=radius),
    ]
    made = subjects(rigs)
    assert [subject.folder for subject in made] == ["object", "part_00", "part_01", "part_02"]
    assert [subject.part for subject in made] == [WHOLE, 0, 1, 2]
    assert [len(subject.cameras) for subject in made] == [3, 2, 2, 2]
    for subject in made:
        vertices = mesh.vertices[np.unique(mesh.faces[subject.faces])]
        for camera in subject.cameras:
            pixel = camera.project(vertices)[:, :2]
            assert pixel.min() > 0 and pixel.max() < 40
            assert np.ptp(pixel, axis=0).max() > 18  # large in the frame, whatever its size


def test_a_radius_is_kept_where_nothing_is_cut() -> None:
    whole, slab, *_ = subjects([Rig(views=1, radius=6.0), Rig(target="parts", radius=6.0)])
    assert np.linalg.norm(whole.cameras[0].position) == pytest.approx(12)
    assert np.linalg.norm(slab.cameras[0].position - slab.center) == pytest.approx(12)


def test_the_object_has_all_faces_and_a_part_only_its_own() -> None:
    _, parts = tower()
    whole, *others = subjects()
    assert whole.faces.all() and whole.scale == 1 and not whole.center.any()
    for index, subject in enumerate(others):
        np.testing.assert_array_equal(subject.faces, parts.face_labels == index)


def test_own_cameras_see_the_normalised_part_at_the_same_pixels() -> None:
    mesh, _ = tower()
    cube = subjects()[2]
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
    rig = Rig(target="parts", views=2, radius=2.0)
    for subject in subjects([RIGS[0], rig], (mesh, parts))[2:]:
        assert subject.scale == 1.0
        for camera in subject.cameras:
            assert np.isfinite(camera.camera_to_world).all()


def test_hammersley_is_shifted_by_the_generator() -> None:
    first, again, other = (
        subjects([Rig(placement="hammersley", views=2)], seed=seed)[0].cameras[0].position
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.01


def test_several_rigs_of_a_target_have_folders_of_their_own() -> None:
    rigs = [Rig(views=1), Rig(name="cond", placement="lenses", views=2)]
    assert [subject.folder for subject in subjects(rigs)] == ["object", "object_cond"]
    assert [subject.folder for subject in subjects([*rigs, Rig(name="cond", target="parts")])][
        2:
    ] == ["part_00_cond", "part_01_cond", "part_02_cond"]
