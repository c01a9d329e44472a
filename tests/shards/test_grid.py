from __future__ import annotations

import numpy as np
import pytest
import trimesh

from shards.grid import GridConfig, sparse_structure
from shards.selection import Selection
from tests.shards.shapes import ball, box, object_of

GRID = GridConfig(resolution=16)


def cells(arrays: dict[str, np.ndarray]) -> set[tuple[int, ...]]:
    return set(map(tuple, arrays["occupied"].tolist()))


def test_a_ball_occupies_what_its_surface_passes_through() -> None:
    """Against the sphere itself: the corners of a voxel it passes through lie on both sides."""
    surface, selection = object_of(ball(0.9, subdivisions=5))
    arrays = sparse_structure(surface, selection, config=GridConfig(resolution=32))
    low = -1 + 2 * np.stack(np.meshgrid(*[np.arange(32)] * 3, indexing="ij"), -1) / 32
    near = np.maximum(0, np.maximum(low, -(low + 2 / 32)))
    far = np.maximum(np.abs(low), np.abs(low + 2 / 32))
    inner, outer = np.linalg.norm(near, axis=-1), np.linalg.norm(far, axis=-1)
    found = np.zeros((32, 32, 32), bool)
    found[tuple(arrays["occupied"].T)] = True
    margin = 1e-3  # the corners of the ball stand out of its faces
    assert found[(inner < 0.9 - margin) & (outer > 0.9 + margin)].all()
    assert not found[(inner > 0.9 + margin) | (outer < 0.9 - margin)].any()


def test_shapes_types_and_order() -> None:
    surface, selection = object_of(ball(0.9))
    arrays = sparse_structure(surface, selection, config=GRID)
    count = len(arrays["occupied"])
    assert arrays["occupied"].dtype == np.uint8
    assert arrays["visible"].dtype == bool
    assert arrays["part"].dtype == np.int16
    assert arrays["visible"].shape == arrays["part"].shape == (count,)
    key = arrays["occupied"].astype(int) @ [256, 16, 1]
    assert (np.diff(key) > 0).all()
    assert arrays["visible"].all()
    assert (arrays["part"] == 0).all()


def test_what_is_enclosed_is_not_visible() -> None:
    surface, selection = object_of(box(2, 2, 2), box(0.7, 0.7, 0.7))
    arrays = sparse_structure(surface, selection, config=GRID)
    inner = np.abs(arrays["occupied"].astype(int) - 7.5).max(axis=1) < 5
    assert (arrays["part"] == inner).all()
    assert (arrays["visible"] == ~inner).all()


def test_the_part_with_most_surface_has_the_voxel() -> None:
    """Two boxes that meet within a layer of voxels: at x = 0.05, in [0, 0.125]."""
    left, right = box(1.05, 1, 1), box(0.95, 1, 1)
    left.apply_translation([-0.475, 0, 0])
    right.apply_translation([0.525, 0, 0])
    surface, selection = object_of(left, right)
    arrays = sparse_structure(surface, selection, config=GRID)
    x, y, z = arrays["occupied"].T.astype(int)
    part = arrays["part"]
    assert (part[x < 8] == 0).all()
    assert (part[x > 8] == 1).all()
    # Where the two end walls share a voxel with nothing else, they tie: the first has it. Along
    # the sides the second has the longer piece: 0.075 against 0.05.
    inner = (x == 8) & (y > 4) & (y < 11) & (z > 4) & (z < 11)
    assert inner.any()
    assert (part[inner] == 0).all()
    side = (x == 8) & (y > 4) & (y < 11) & (z == 12)
    assert side.any()
    assert (part[side] == 1).all()


def test_faces_of_no_part_occupy_but_own_nothing() -> None:
    surface, selection = object_of(box(2, 2, 2), box(0.7, 0.7, 0.7))
    only_inner = Selection(kept=selection.kept[1:], dropped={0: "tail"})
    arrays = sparse_structure(surface, only_inner, config=GRID)
    assert cells(arrays) == cells(sparse_structure(surface, selection, config=GRID))
    assert set(arrays["part"]) == {-1, 0}
    assert np.sum(arrays["part"] == 0) == np.sum(~arrays["visible"])


def test_the_same_whatever_the_order_of_faces() -> None:
    mesh = trimesh.util.concatenate([ball(0.8), box(1.4, 1.4, 1.4)])
    mixed = trimesh.Trimesh(
        mesh.vertices, np.random.default_rng(0).permutation(mesh.faces), process=False
    )
    first, second = (sparse_structure(*object_of(some), config=GRID) for some in (mesh, mixed))
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name])


@pytest.mark.parametrize("resolution", [-1, 257])
def test_a_resolution_out_of_range_is_refused(resolution: int) -> None:
    with pytest.raises(ValueError, match=rf"shards\.grid\.resolution is {resolution}"):
        GridConfig(resolution=resolution)
