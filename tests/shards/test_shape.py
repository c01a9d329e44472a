from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.distance import pdist
from scipy.spatial.transform import Rotation

from ingest.samples import SAMPLES, build_sample
from partworks.geometry.load import load_mesh
from partworks.geometry.mesh import Mesh
from shards.families import TOLERANCE
from shards.shape import LENGTH, shape_descriptor
from shards.surface import Surface
from tests.shards.made import TABLE, box_node, make_object
from tests.shared_assets import requires_shared, shared

Points = NDArray[np.float64]
Faces = NDArray[np.int32]


def describe(vertices: NDArray[np.floating], faces: NDArray[np.integer]) -> NDArray[np.float64]:
    return np.array(shape_descriptor(Surface(vertices, faces)))


def table() -> tuple[Points, Faces]:
    mesh = make_object(TABLE).mesh
    return mesh.vertices.astype(np.float64), mesh.faces


def subdivided(vertices: Points, faces: Faces) -> tuple[Points, Faces]:
    """Each face in four, with vertices of its own."""
    a, b, c = (vertices[faces[:, corner]] for corner in range(3))
    ab, bc, ca = (a + b) / 2, (b + c) / 2, (c + a) / 2
    corners = np.stack([a, ab, ca, ab, b, bc, ca, bc, c, ab, bc, ca], axis=1).reshape(-1, 3)
    return corners, np.arange(len(corners), dtype=np.int32).reshape(-1, 3)


def rounded(vertices: Points, *, bits: int) -> Points:
    """On a grid over the bounding box, as Draco stores places."""
    low = vertices.min(axis=0)
    step = (vertices.max(axis=0) - low).max() / (2**bits - 1)
    return low + np.round((vertices - low) / step) * step


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    scale=st.floats(1e-3, 1e3),
    mirrored=st.booleans(),
)
def test_a_copy_keeps_its_numbers(seed: int, scale: float, mirrored: bool) -> None:
    vertices, faces = table()
    turn = Rotation.random(random_state=seed).as_matrix()
    moved = vertices * ([-1, 1, 1] if mirrored else 1) @ turn.T * scale + [scale, 0, -3 * scale]
    np.testing.assert_allclose(describe(moved, faces), describe(vertices, faces), atol=2e-6)


def test_the_triangles_do_not_matter() -> None:
    vertices, faces = table()
    expected = describe(vertices, faces)
    order = np.random.default_rng(0).permutation(len(faces))
    both_sides = np.concatenate([faces, faces[:, ::-1]])
    flat = np.concatenate([faces, [[0, 0, 1], [2, 2, 2]]])
    for other in (
        subdivided(vertices, faces),
        subdivided(*subdivided(vertices, faces)),
        (vertices, np.roll(faces, 1, axis=1)[order]),
        (vertices, both_sides),
        (vertices, flat),
    ):
        np.testing.assert_allclose(describe(*other), expected, atol=1e-6)


def test_a_cube_has_the_numbers_that_one_can_work_out() -> None:
    """The surface of [-1, 1]³: E[x²] = 5/9, E[x⁴] = 7/15, E[x²y²] = 7/27 and E[|n · x|] = 1."""
    node = box_node(((-1.0, -1.0, -1.0), (1.0, 1.0, 1.0)))
    found = describe(node.vertices.astype(np.float64), node.faces)
    size = (5 / 3) ** 0.5
    fourth = 3 * (7 / 15) + 6 * (7 / 27)
    np.testing.assert_allclose(found[:2], 1 / 3, atol=1e-6)
    assert found[2] == pytest.approx((fourth / size**4) ** 0.25, abs=1e-6)
    np.testing.assert_allclose(found[[4, 5, 6, 8, 9, 10, 11]], 0.0, atol=1e-6)
    assert found[7] > 0.05, "a cube differs from a ball in degree 4"
    np.testing.assert_allclose(found[14:16], 1 / 3, atol=1e-6)
    np.testing.assert_allclose(found[16:], 1 / size, atol=1e-6)


def test_a_ball_has_no_harmonics() -> None:
    vertices, faces = table()
    node = box_node(((-1.0, -1.0, -1.0), (1.0, 1.0, 1.0)))
    vertices, faces = node.vertices.astype(np.float64), node.faces
    for _ in range(6):
        vertices, faces = subdivided(vertices, faces)
    vertices = vertices / np.linalg.norm(vertices, axis=1, keepdims=True)
    found = describe(vertices, faces)
    np.testing.assert_allclose(found[2:4], 1.0, atol=1e-3)
    np.testing.assert_allclose(found[4:14], 0.0, atol=1e-3)


def test_what_has_no_area_has_no_shape() -> None:
    line = np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]])
    assert shape_descriptor(Surface(line, np.array([[0, 1, 2]]))) == []
    assert shape_descriptor(Surface(line, np.zeros((0, 3), int))) == []


def test_its_length_is_told() -> None:
    assert len(describe(*table())) == LENGTH


def separation(meshes: list[Mesh]) -> float:
    return float(pdist([describe(m.vertices, m.faces) for m in meshes], "chebyshev").min())


def test_no_two_generated_objects_are_near() -> None:
    assert separation([build_sample(name).mesh for name in SAMPLES]) > 10 * TOLERANCE


def assets() -> list[Path]:
    return sorted(shared("assets/dev").glob("*.glb"))


@requires_shared
@pytest.mark.slow
def test_no_two_assets_are_near() -> None:
    meshes = [load_mesh(path.read_bytes(), "glb").mesh for path in assets()]
    meshes += [build_sample(name).mesh for name in SAMPLES]
    assert len(meshes) > 50
    assert separation(meshes) > 10 * TOLERANCE


@requires_shared
@pytest.mark.parametrize("step", [8, pytest.param(1, marks=pytest.mark.slow)])
def test_an_exported_asset_is_still_near(step: int) -> None:
    for number, path in enumerate(assets()[::step]):
        mesh = load_mesh(path.read_bytes(), "glb").mesh
        turn = Rotation.random(random_state=number).as_matrix()
        vertices = mesh.vertices.astype(np.float64) @ turn.T
        expected = describe(mesh.vertices, mesh.faces)
        coarse = rounded(vertices, bits=14)
        assert np.abs(describe(coarse, mesh.faces) - expected).max() < TOLERANCE / 4, path.name
