import numpy as np
import pytest
import trimesh

from segment.graph import borders
from segment.surface import Surface, read_surface
from segment.turning import border_turns
from tests.segment.shapes import box, mesh, node


def read(shape: trimesh.Trimesh) -> Surface:
    return read_surface(mesh(node(shape, material=0)), weld_tolerance=0, soup_tolerance=0)


def turns(surface: Surface, labels: np.ndarray) -> np.ndarray:
    return border_turns(
        labels.astype(np.int32), surface, samples=20_000, generator=np.random.default_rng(0)
    )


@pytest.mark.parametrize("cuts", [0, 2, 4])
def test_a_box_turns_by_a_right_angle_at_its_edges(cuts: int) -> None:
    shape = box((1, 1, 1), cuts=cuts)
    surface = read(shape)
    side = np.abs(shape.face_normals).argmax(axis=1) * 2 + (shape.face_normals.sum(axis=1) > 0)
    assert turns(surface, side) == pytest.approx(np.pi / 2, abs=0.02)


def hourglass(sections: int, rings: int) -> trimesh.Trimesh:
    """Two balls that flow into one another through a waist, finely or coarsely meshed."""
    height = np.linspace(-1, 1, rings)
    radius = 0.12 + 0.5 * height**2 * (1.2 - height**2) * 2
    outline = np.stack([radius, height], axis=1)
    ends = np.array([[0.0, -1.0]]), np.array([[0.0, 1.0]])
    shape = trimesh.creation.revolve(np.concatenate([ends[0], outline, ends[1]]), sections=sections)
    return shape


def test_a_soft_waist_turns_inwards_as_much_on_fine_meshes_as_on_coarse_ones() -> None:
    found = []
    for sections, rings in ((24, 21), (48, 61), (96, 161)):
        surface = read(hourglass(sections, rings))
        upper = surface.centroids[:, 2] > 0
        labels = upper.astype(np.int32)
        found.append(float(np.median(turns(surface, labels))))
        edges = surface.angle[borders(labels, surface)]
        if rings == 161:
            assert np.abs(np.median(edges)) < abs(found[-1]) / 2
    assert all(turn < 0 for turn in found)
    assert found[1] == pytest.approx(found[2], rel=0.35)


def test_a_flat_border_does_not_turn() -> None:
    shape = box((1, 1, 1), cuts=3)
    surface = read(shape)
    top = shape.face_normals[:, 2] > 0.9
    labels = np.where(top, (surface.centroids[:, 0] > 0).astype(np.int32), 2)
    flat = borders(labels, surface)
    pairs = labels[surface.pairs[flat]]
    within = (pairs < 2).all(axis=1)
    # Near the rim of the top nothing but the top itself is on either side.
    assert within.any() and turns(surface, labels)[within] == pytest.approx(0, abs=1e-6)


def test_no_area_is_no_error() -> None:
    flat = trimesh.Trimesh(np.zeros((4, 3)), [[0, 1, 2], [0, 2, 3]], process=False)
    surface = read(flat)
    assert np.isfinite(turns(surface, np.array([0, 1]))).all()
