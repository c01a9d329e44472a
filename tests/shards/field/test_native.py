from __future__ import annotations

import os
import subprocess
import sys

import numpy as np

from shards.closed import is_watertight
from shards.field.native import (
    oriented_patches,
    surface_distances,
    watertight_shell,
    winding_numbers,
)
from tests.shards.shapes import ball, box, box_distance

POINTS = np.random.default_rng(0).uniform(-1.5, 1.5, (2000, 3))

DIGEST = """
import hashlib, numpy as np, trimesh
from shards.field.native import *
mesh = trimesh.creation.icosphere(subdivisions=4)
vertices, faces = np.array(mesh.vertices), np.array(mesh.faces)
points = np.random.default_rng(0).uniform(-1.1, 1.1, (20000, 3))
digest = hashlib.sha256()
digest.update(winding_numbers(vertices, faces, points).tobytes())
digest.update(surface_distances(vertices, faces, points).tobytes())
for array in watertight_shell(vertices, faces, resolution=2000):
    digest.update(array.tobytes())
print(digest.hexdigest())
"""


def arrays(mesh: object) -> tuple[np.ndarray, np.ndarray]:
    return np.array(mesh.vertices), np.array(mesh.faces)


def test_winding_numbers_of_a_box() -> None:
    winding = winding_numbers(*arrays(box(2, 2, 2)), POINTS)
    inside = (np.abs(POINTS) < 1).all(axis=1)
    np.testing.assert_allclose(winding, inside, atol=0.01)


def test_distances_to_a_box_are_exact() -> None:
    distances = surface_distances(*arrays(box(2, 1, 0.5)), POINTS)
    expected = np.abs(box_distance(POINTS, (1, 0.5, 0.25)))
    np.testing.assert_allclose(distances, expected, atol=1e-14)


def test_a_shell_is_watertight_and_outside() -> None:
    vertices, faces = watertight_shell(*arrays(ball()), resolution=2000)
    assert is_watertight(faces)
    radius = np.linalg.norm(vertices, axis=1)
    assert (radius > 1 - 1e-3).all()
    assert radius.max() < 1.2


def test_patches_agree() -> None:
    _, faces = arrays(ball(subdivisions=2))
    turned = faces.copy()
    turned[::3] = turned[::3, ::-1]
    found, patch = oriented_patches(turned)
    assert is_watertight(found)
    assert set(patch) == {0}
    np.testing.assert_array_equal(np.sort(found, axis=1), np.sort(faces, axis=1))


def test_nothing_to_ask() -> None:
    vertices, faces = arrays(box(1, 1, 1))
    assert winding_numbers(vertices, faces, np.zeros((0, 3))).shape == (0,)
    assert winding_numbers(vertices, faces[:0], POINTS[:2]).tolist() == [0, 0]
    assert surface_distances(vertices, faces, np.zeros((0, 3))).shape == (0,)


def test_threads_do_not_matter() -> None:
    first, other = (
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={**os.environ, "IGL_NUM_THREADS": count, "OMP_NUM_THREADS": count},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for count in ("1", "2")
    )
    assert len(first.strip()) == 64
    assert first == other
