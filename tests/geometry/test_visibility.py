from __future__ import annotations

import subprocess
import sys
import textwrap

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray

from partworks.geometry.cameras import Camera, bounding_sphere, look_at, ring
from partworks.geometry.glb import read_glb
from partworks.geometry.visibility import NUDGE, EmbreeCaster, Visibility
from tests.shared_assets import requires_shared, shared

SQUARE = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float32)
TWO = np.array([[0, 1, 2], [0, 2, 3]], np.int32)


def front(size: int = 32, distance: float = 4.0) -> Camera:
    """A camera on +z that sees a little more than the square [-1, 1]²."""
    return Camera(
        camera_to_world=look_at((0, 0, distance), (0, 0, 0)),
        fov_y=2 * np.arctan(1.1 / distance),
        width=size,
        height=size,
    )


def rays(camera: Camera) -> NDArray[np.float64]:
    """The directions of the rays that are cast, a hair beside the pixels' centres."""
    rows, columns = np.indices((camera.height, camera.width))
    return camera.directions(columns + 0.5 + NUDGE[0], rows + 0.5 + NUDGE[1])


def points_of(seen: Visibility, vertices: NDArray, faces: NDArray) -> NDArray[np.float64]:
    """The hit points, from face ids and barycentrics alone."""
    corners = vertices.astype(np.float64)[faces[seen.face_id[seen.hit]]]
    return np.einsum("nkc,nk->nc", corners, seen.barycentric[seen.hit].astype(np.float64))


def test_a_square_is_seen_with_exact_ids_depth_and_normal() -> None:
    seen = EmbreeCaster(SQUARE, TWO).cast(front())
    assert seen.face_id.dtype == np.int32 and seen.depth.dtype == np.float32
    towards = rays(front())
    at = front().position + towards * (4 / (towards @ front().forward))[..., None]
    inside = np.abs(at[..., :2]).max(axis=-1) < 1
    np.testing.assert_array_equal(seen.hit, inside)
    lower = inside & (at[..., 0] > at[..., 1] + 1e-6)
    upper = inside & (at[..., 0] < at[..., 1] - 1e-6)
    assert (seen.face_id[lower] == 0).all() and (seen.face_id[upper] == 1).all()
    assert lower.sum() > 300 and upper.sum() > 300
    np.testing.assert_allclose(seen.depth[inside], 4.0, rtol=1e-6)  # planar, not radial
    np.testing.assert_array_equal(seen.normal[inside], np.tile([0, 0, 1], (inside.sum(), 1)))
    np.testing.assert_allclose(points_of(seen, SQUARE, TWO), at[inside], atol=1e-6)


def test_the_background_is_marked_in_every_channel() -> None:
    seen = EmbreeCaster(SQUARE, TWO).cast(front())
    outside = ~seen.hit
    assert outside.any()
    assert (seen.face_id[outside] == -1).all() and np.isposinf(seen.depth[outside]).all()
    assert not seen.normal[outside].any() and not seen.barycentric[outside].any()


def test_normals_face_the_camera_from_behind_too() -> None:
    behind = Camera(camera_to_world=look_at((0, 0, -4), (0, 0, 0)), fov_y=0.5, width=8, height=8)
    seen = EmbreeCaster(SQUARE, TWO).cast(behind)
    assert seen.hit.all()
    np.testing.assert_array_equal(seen.normal.reshape(-1, 3), np.tile([0, 0, -1], (64, 1)))


@pytest.mark.parametrize("size", [63, 127, 255])
def test_pixels_exactly_on_edges_and_corners_leave_no_holes(size: int) -> None:
    # A grid with one corner at each pixel's centre.
    line = (np.arange(size) + 0.5 - size / 2) * 2.2 / size
    x, y = np.meshgrid(line, line)
    vertices = np.stack([x, y, np.zeros_like(x)], axis=-1).reshape(-1, 3).astype(np.float32)
    corner = np.arange(size * size).reshape(size, size)[:-1, :-1].ravel()
    faces = np.concatenate(
        [
            np.stack([corner, corner + 1, corner + size + 1], axis=1),
            np.stack([corner, corner + size + 1, corner + size], axis=1),
        ]
    )
    seen = EmbreeCaster(vertices, faces).cast(front(size))
    assert seen.hit[1:-1, 1:-1].all()
    # Each pixel sees a corner, so one barycentric weight is 1.
    np.testing.assert_allclose(seen.barycentric[1:-1, 1:-1].max(axis=-1), 1, atol=0.01)


@pytest.mark.parametrize("scale", [1e-7, 1e-3, 1.0, 1e4, 1e8])
@pytest.mark.parametrize("offset", [0.0, 50.0])
def test_units_and_offsets_do_not_matter(scale: float, offset: float) -> None:
    ball = trimesh.creation.icosphere(subdivisions=3)
    vertices = (ball.vertices + offset) * scale
    center, radius = bounding_sphere(vertices)
    seen = EmbreeCaster(vertices, ball.faces).cast(
        ring(1, center=center, radius=radius, size=48)[0]
    )
    reference = EmbreeCaster(ball.vertices, ball.faces).cast(
        ring(1, center=np.zeros(3), radius=radius / scale, size=48)[0]
    )
    assert (seen.hit == reference.hit).mean() > 0.999
    both = seen.hit & reference.hit
    assert (seen.face_id[both] == reference.face_id[both]).mean() > 0.998
    np.testing.assert_allclose(seen.depth[both] / scale, reference.depth[both], rtol=1e-4)


def test_degenerate_faces_are_harmless_and_never_seen() -> None:
    vertices = np.concatenate([SQUARE, SQUARE[:1] * 0.5, SQUARE[:1] * 0.5]).astype(np.float32)
    bad = np.array([[0, 0, 0], [0, 1, 1], [0, 4, 2], [4, 5, 4]], np.int32)
    faces = np.concatenate([bad, TWO])
    seen = EmbreeCaster(vertices, faces).cast(front())
    assert set(np.unique(seen.face_id)) == {-1, 4, 5}
    assert np.isfinite(seen.normal).all() and np.isfinite(seen.barycentric).all()


def test_of_two_coincident_faces_the_one_that_faces_the_camera_is_seen() -> None:
    doubled = np.concatenate([TWO, TWO[:, [0, 2, 1]], TWO[:, [1, 2, 0]]]).astype(np.int32)
    caster = EmbreeCaster(SQUARE, doubled)
    before, behind = (
        front(),
        Camera(camera_to_world=look_at((0, 0, -4), (0, 0, 0)), fov_y=0.5, width=8, height=8),
    )
    assert set(np.unique(caster.cast(before).face_id)) == {-1, 0, 1}
    seen = caster.cast(behind)
    assert set(np.unique(seen.face_id)) == {2, 3}
    towards = rays(behind).reshape(-1, 3)
    at = behind.position + towards * (4 / (towards @ behind.forward))[:, None]
    np.testing.assert_allclose(points_of(seen, SQUARE, doubled), at, atol=1e-6)


def test_coincident_faces_with_their_own_vertices_are_one_too() -> None:
    vertices = np.concatenate([SQUARE, SQUARE[::-1]])
    faces = np.concatenate([TWO, np.array([[7, 5, 6], [7, 4, 5]])])  # the same two, turned over
    caster = EmbreeCaster(vertices, faces)
    assert caster.cast(front()).face_id.max() == 1
    behind = Camera(camera_to_world=look_at((0, 0, -4), (0, 0, 0)), fov_y=0.5, width=9, height=9)
    seen = caster.cast(behind)
    assert set(np.unique(seen.face_id)) == {2, 3}
    towards = rays(behind).reshape(-1, 3)
    at = behind.position + towards * (4 / (towards @ behind.forward))[:, None]
    np.testing.assert_allclose(points_of(seen, vertices, faces), at, atol=1e-6)


def test_layers_are_peeled_from_front_to_back() -> None:
    stack = np.concatenate([SQUARE + np.float32([0, 0, -z]) for z in (0.0, 0.5, 0.5001)])
    faces = np.concatenate([TWO, TWO + 4, TWO + 8])
    caster, camera = EmbreeCaster(stack, faces), front(9)
    first = caster.cast(camera)
    second = caster.cast(camera, beyond=first.depth)
    third = caster.cast(camera, beyond=second.depth)
    fourth = caster.cast(camera, beyond=third.depth)
    middle = (4, 3)
    assert [seen.face_id[middle] // 2 for seen in (first, second, third)] == [0, 1, 2]
    np.testing.assert_allclose(
        [seen.depth[middle] for seen in (first, second, third)], [4, 4.5, 4.5001], rtol=1e-6
    )
    assert not fourth.hit.any()
    assert not (second.hit & ~first.hit).any()  # infinity asks for nothing


def test_an_empty_mesh_is_all_background() -> None:
    empty = EmbreeCaster(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))
    assert not empty.cast(front(4)).hit.any()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_vertex_that_is_not_finite_is_refused_if_a_face_uses_it(value: float) -> None:
    vertices = np.concatenate([SQUARE, np.full((1, 3), value, np.float32)])
    assert EmbreeCaster(vertices, TWO).cast(front()).hit.any()
    with pytest.raises(ValueError, match="not finite, the first is vertex 4"):
        EmbreeCaster(vertices, np.array([[0, 1, 4]]))


@pytest.mark.parametrize("bad", [-1, 4])
def test_an_index_out_of_range_is_refused(bad: int) -> None:
    with pytest.raises(ValueError, match="but there are 4"):
        EmbreeCaster(SQUARE, np.array([[0, 1, bad]]))


def test_arrays_of_a_wrong_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="expected vertices"):
        EmbreeCaster(SQUARE[:, :2], TWO)


@requires_shared
@pytest.mark.parametrize("name", ["dutch_ship", "char_knight", "ms_wheelchair"])
def test_hits_of_real_meshes_agree_with_their_geometry(name: str) -> None:
    mesh = read_glb(shared(f"assets/dev/{name}.glb").read_bytes())
    center, radius = bounding_sphere(mesh.vertices)
    caster = EmbreeCaster(mesh.vertices, mesh.faces)
    for camera in ring(2, center=center, radius=radius, size=128):
        seen = caster.cast(camera)
        assert 0.05 < seen.hit.mean() < 0.8
        np.testing.assert_allclose(seen.barycentric[seen.hit].sum(axis=1), 1, atol=1e-5)
        assert seen.barycentric.min() >= 0
        rows, columns = np.nonzero(seen.hit)
        pixel = camera.project(points_of(seen, mesh.vertices, mesh.faces))
        # The point under each pixel projects back to its centre, at its depth.
        assert np.quantile(np.abs(pixel[:, 0] - columns - 0.5), 0.999) < 0.02
        assert np.quantile(np.abs(pixel[:, 1] - rows - 0.5), 0.999) < 0.02
        np.testing.assert_allclose(pixel[:, 2], seen.depth[seen.hit], rtol=2e-4)
        assert ((seen.normal[seen.hit] * rays(camera)[seen.hit]).sum(axis=1) <= 0).all()


def test_the_number_of_threads_changes_nothing() -> None:
    program = textwrap.dedent(
        """
        import hashlib, os, sys
        if sys.argv[1] == "1":
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        import numpy as np, trimesh
        from partworks.geometry.cameras import ring
        from partworks.geometry.visibility import EmbreeCaster
        ball = trimesh.creation.icosphere(subdivisions=6)
        two = np.concatenate([ball.vertices, ball.vertices[:, [1, 2, 0]]])
        caster = EmbreeCaster(two, np.concatenate([ball.faces, ball.faces + len(ball.vertices)]))
        seen = caster.cast(ring(1, radius=1.0, size=256)[0])
        digest = hashlib.sha256()
        for values in (seen.face_id, seen.depth, seen.normal, seen.barycentric):
            digest.update(values.tobytes())
        print(digest.hexdigest())
        """
    )
    one, all_of_them = (
        subprocess.run(
            [sys.executable, "-c", program, threads], capture_output=True, check=True, text=True
        ).stdout
        for threads in ("1", "all")
    )
    assert one == all_of_them and len(one) == 65


def test_rays_through_points_see_what_pixels_of_a_finer_camera_see() -> None:
    ball = trimesh.creation.icosphere(subdivisions=3)
    caster = EmbreeCaster(ball.vertices, ball.faces)
    camera = ring(1, radius=1.0, size=32)[0]
    fine = caster.cast(camera.resized(3))
    rows, columns = np.indices((96, 96)).reshape(2, -1) + 0.5
    x, y = ((columns, rows)[axis] / 3 + NUDGE[axis] * (1 / 3 - 1) for axis in (0, 1))
    hits = caster.shoot(camera, x, y)
    np.testing.assert_array_equal(hits.rays, np.flatnonzero(fine.hit))
    assert (hits.face_id == fine.face_id[fine.hit]).mean() > 0.999
    np.testing.assert_allclose(hits.depth, fine.depth[fine.hit], rtol=1e-5)
    np.testing.assert_allclose(hits.barycentric.sum(axis=1), 1, atol=1e-5)


def test_points_outside_the_image_or_beside_the_scene_are_allowed() -> None:
    caster, camera = EmbreeCaster(SQUARE, TWO), front(9)
    hits = caster.shoot(camera, np.array([-50.0, 4.5, 500.0, 4.5]), np.array([4.5, 4.5, 4.5, -9.0]))
    np.testing.assert_array_equal(hits.rays, [1])
    assert not len(caster.shoot(camera, np.zeros(0), np.zeros(0)).rays)


def test_points_are_followed_beyond_a_depth_of_their_own() -> None:
    stack = np.concatenate([SQUARE + np.float32([0, 0, -z]) for z in (0.0, 0.5)])
    caster = EmbreeCaster(stack, np.concatenate([TWO, TWO + 4]))
    where = np.full(3, 4.5), np.full(3, 4.5)
    depths = np.array([0.0, 4.0, 4.5], np.float32)
    hits = caster.shoot(front(9), *where, beyond=depths)
    np.testing.assert_array_equal(hits.rays, [0, 1])
    np.testing.assert_allclose(hits.depth, [4, 4.5], rtol=1e-6)


def test_rays_from_anywhere_meet_the_first_face() -> None:
    box = trimesh.creation.box(extents=(2, 2, 2))
    caster = EmbreeCaster(box.vertices * 50 + 1000, box.faces)
    origins = np.array([[1000, 1000, 1000], [1000, 1000, 1080], [1000, 1000, 1080]], np.float64)
    directions = np.array([[0, 0, 1], [0, 0, -1], [0, 0, 1]], np.float64)
    face, distance = caster.trace(origins, directions)
    assert distance.tolist() == pytest.approx([50, 30, np.inf], rel=1e-5)
    assert np.allclose(box.face_normals[face[:2]], [0, 0, 1]) and face[2] == -1
    none, far = EmbreeCaster(box.vertices, box.faces[:0]).trace(origins, directions)
    assert none.tolist() == [-1] * 3 and np.isinf(far).all()
