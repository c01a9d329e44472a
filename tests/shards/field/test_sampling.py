from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import trimesh

from shards.field.config import FieldConfig
from shards.field.sampling import FieldSamples, sample_field
from tests.shards.shapes import (
    ball,
    box,
    box_distance,
    object_of,
    only,
    open_box,
    plane,
    torus_distance,
)

SMALL = FieldConfig(surface_points=200, near_points=400, volume_points=300)


def sample(*meshes: trimesh.Trimesh, config: FieldConfig = SMALL, seed: int = 0) -> FieldSamples:
    surface, selection = object_of(*meshes)
    return sample_field(surface, selection, config=config, generator=np.random.default_rng(seed))


def moved(mesh: trimesh.Trimesh, *offset: float) -> trimesh.Trimesh:
    mesh.apply_translation(offset)
    return mesh


def test_shapes_and_types() -> None:
    samples = sample(moved(box(1, 1, 1), -0.5, 0, 0), moved(ball(0.4), 0.6, 0, 0))
    assert {name: array.shape for name, array in samples.arrays.items()} == {
        "part_row": (2,),
        "part_surface": (2, 200, 6),
        "part_near": (2, 400, 4),
        "part_volume": (2, 300, 4),
        "object_surface": (1, 200, 6),
        "object_near": (1, 400, 4),
        "object_volume": (1, 300, 4),
    }
    assert samples.arrays.pop("part_row").dtype == np.int32
    assert {array.dtype for array in samples.arrays.values()} == {np.dtype(np.float32)}
    assert samples.parts == ("closed", "closed")
    assert samples.whole == "closed"


def test_a_part_without_an_inside_is_left_out() -> None:
    samples = sample(
        moved(open_box(), 4, 0, 0), box(1, 1, 1), moved(plane(), 0, 5, 0), moved(ball(), 0, -4, 0)
    )
    arrays = samples.arrays
    assert arrays["part_row"].tolist() == [-1, 0, -1, 1]
    assert samples.parts[1] == samples.parts[3] == "closed"
    assert {samples.parts[0], samples.parts[2]} <= {"open", "sheet"}
    assert samples.whole not in ("closed", "winding", "proxy")
    assert len(arrays["part_near"]) == 2
    assert arrays["object_surface"].shape == (0, 200, 6)
    assert arrays["object_near"].shape == (0, 400, 4)
    radius = np.linalg.norm(arrays["part_surface"][1, :, :3] - [0, -4, 0], axis=1)
    np.testing.assert_allclose(radius, 1, atol=5e-3)


def test_no_part_with_an_inside() -> None:
    arrays = sample(plane()).arrays
    assert arrays["part_row"].tolist() == [-1]
    assert arrays["part_volume"].shape == (0, 300, 4)


def test_distances_to_a_box_are_exact() -> None:
    """In the object frame and its units, however small the part is."""
    config = FieldConfig(surface_points=10, near_points=4000, volume_points=4000, truncation=9.0)
    offset = np.array([0.3, -0.2, 0.1])
    arrays = sample(moved(box(0.4, 0.2, 0.1), *offset), config=config).arrays
    for kind in ("part_near", "part_volume"):
        rows = arrays[kind][0].astype(np.float64)
        expected = box_distance(rows[:, :3] - offset, (0.2, 0.1, 0.05))
        np.testing.assert_allclose(rows[:, 3], expected, atol=2e-7)
        assert (expected < 0).any()
        assert (expected > 0).any()


@pytest.mark.parametrize("shape", ["ball", "torus"])
def test_distances_to_round_shapes(shape: str) -> None:
    config = FieldConfig(surface_points=1, near_points=3000, volume_points=3000, truncation=9.0)
    if shape == "ball":
        arrays = sample(ball(subdivisions=6), config=config).arrays
    else:
        torus = trimesh.creation.torus(0.7, 0.3, major_sections=400, minor_sections=180)
        arrays = sample(torus, config=config).arrays
    for kind in ("part_near", "part_volume", "object_near", "object_volume"):
        rows = arrays[kind][0].astype(np.float64)
        expected = (
            np.linalg.norm(rows[:, :3], axis=1) - 1
            if shape == "ball"
            else torus_distance(rows[:, :3], 0.7, 0.3)
        )
        np.testing.assert_allclose(rows[:, 3], expected, atol=1e-4)
        clear = np.abs(expected) > 1e-4
        assert ((rows[:, 3] < 0) == (expected < 0))[clear].all()


def test_distances_are_truncated_in_units_of_the_part() -> None:
    config = FieldConfig(
        surface_points=1, near_points=1, volume_points=4000, extent=2, truncation=0.25
    )
    arrays = sample(box(0.4, 0.4, 0.4), config=config).arrays
    distance = arrays["part_volume"][0, :, 3]
    assert distance.min() == pytest.approx(-0.05)
    assert distance.max() == pytest.approx(0.05)
    # The object's scale is 1, whatever its size.
    assert arrays["object_volume"][0, :, 3].max() == np.float32(0.25)


def test_near_points_have_their_sigmas() -> None:
    """On the wide side of a plate the distance along the normal is the noise itself."""
    config = FieldConfig(
        surface_points=1, near_points=8000, volume_points=1, sigmas=(0.04, 0.01), truncation=9.0
    )
    near = sample(box(2, 2, 1), config=config).arrays["part_near"][0].astype(np.float64)
    for row, sigma in enumerate((0.04, 0.01)):
        own = near[row::2]
        assert len(own) == 4000
        middle = (np.abs(own[:, :2]) < 0.8).all(axis=1)
        noise = np.abs(own[middle, 2]) - 0.5
        assert scipy.stats.kstest(noise / sigma, "norm").pvalue > 0.01


def test_volume_points_fill_the_cube_of_the_part() -> None:
    config = FieldConfig(surface_points=1, near_points=1, volume_points=8000, extent=1.1)
    part = moved(box(0.4, 0.2, 0.2), 0.5, 0, 0)
    volume = sample(part, config=config).arrays["part_volume"][0, :, :3]
    unit = (volume - [0.5, 0, 0]) / 0.2
    for axis in range(3):
        assert scipy.stats.kstest(unit[:, axis], "uniform", (-1.1, 2.2)).pvalue > 0.01


def test_surface_points_are_on_the_part() -> None:
    surface = sample(box(1, 1, 1)).arrays["part_surface"][0]
    np.testing.assert_allclose((surface[:, :3] * surface[:, 3:]).sum(axis=1), 0.5, atol=1e-6)


def test_few_points_do_not_change_what_is_trusted() -> None:
    """A ball with a tenth cut off: from three points one could not tell."""
    mesh = ball()
    cut = only(mesh, mesh.triangles_center[:, 1] < 0.8)
    none = FieldConfig(surface_points=1, near_points=0, volume_points=0)
    few = FieldConfig(surface_points=1, near_points=1, volume_points=1)
    assert {sample(cut, config=config).parts for config in (none, few, SMALL)} == {("sheet",)}
    assert sample(ball(), config=none).arrays["part_near"].shape == (1, 0, 4)


def test_faces_without_area_do_no_harm() -> None:
    mesh = box(1, 1, 1)
    mesh.faces = np.concatenate([mesh.faces, [[0, 0, 1], [2, 2, 2]]])
    samples = sample(mesh)
    assert samples.parts == ("closed",)
    assert np.isfinite(samples.arrays["part_near"]).all()


def test_a_part_of_nothing_but_lines_is_left_out() -> None:
    line = trimesh.Trimesh([[0, 0, 0], [1, 0, 0], [0.5, 0, 0]], [[0, 1, 2]], process=False)
    samples = sample(line, box(1, 1, 1))
    assert samples.parts == ("no_volume", "closed")


def test_the_generator_decides() -> None:
    first, again, other = (sample(ball(), seed=seed).arrays for seed in (3, 3, 4))
    assert [array.tobytes() for array in first.values()] == [
        array.tobytes() for array in again.values()
    ]
    assert first["part_near"].tobytes() != other["part_near"].tobytes()
