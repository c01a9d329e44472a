from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from ingest.samples import SAMPLES, build_sample
from partworks.geometry.signature import LENGTH, TOLERANCE, shape_signature


def of(name: str) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    mesh = build_sample(name).mesh
    return mesh.vertices.astype(np.float64), mesh.faces


@pytest.mark.parametrize("name", SAMPLES)
def test_turning_moving_scaling_and_mirroring_leave_it(name: str) -> None:
    vertices, faces = of(name)
    signature = shape_signature(vertices, faces)
    assert signature.shape == (LENGTH,)
    turn = Rotation.from_rotvec([0.3, 2.0, -1.0]).as_matrix()
    for moved in (vertices @ turn.T, vertices * 1e6 + 5e6, vertices * [-1, 1, 1]):
        assert np.abs(shape_signature(moved, faces) - signature).max() < 1e-6


def test_the_order_winding_and_cutting_of_faces_do_not_matter() -> None:
    vertices, faces = of("mug")
    signature = shape_signature(vertices, faces)
    generator = np.random.default_rng(0)
    shuffled = np.roll(faces[generator.permutation(len(faces))], 1, axis=1)[:, ::-1]
    assert np.linalg.norm(shape_signature(vertices, shuffled) - signature) < 1e-6
    middles = vertices[faces].mean(axis=1)
    number = len(vertices) + np.arange(len(faces))
    finer = np.concatenate(
        [np.stack([faces[:, k], faces[:, (k + 1) % 3], number], axis=1) for k in range(3)]
    )
    cut = shape_signature(np.concatenate([vertices, middles]), finer)
    assert np.linalg.norm(cut - signature) < TOLERANCE / 4


def test_samples_are_far_apart() -> None:
    signatures = {name: shape_signature(*of(name)) for name in SAMPLES}
    apart = [
        np.linalg.norm(signatures[one] - signatures[other])
        for one, other in combinations(SAMPLES, 2)
    ]
    assert min(apart) > 3 * TOLERANCE


def test_stretching_changes_it() -> None:
    vertices, faces = of("chair")
    stretched = shape_signature(vertices * [1.0, 1.15, 1.0], faces)
    assert np.linalg.norm(stretched - shape_signature(vertices, faces)) > TOLERANCE


def test_a_surface_without_area_has_no_shape() -> None:
    with pytest.raises(ValueError, match="no area"):
        shape_signature(np.zeros((3, 3)), np.array([[0, 1, 2]]))
