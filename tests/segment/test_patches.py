import numpy as np
import trimesh

from partworks.geometry.adjacency import connected_components
from segment.patches import CONCAVE_BEND, concave_bend, cut_patches
from segment.surface import Surface, read_surface
from tests.segment.shapes import dumbbell, mesh, node


def whole(shape: object) -> tuple[np.ndarray, Surface]:
    surface = read_surface(
        shape if not hasattr(shape, "faces_unique_edges") else mesh(node(shape)),
        weld_tolerance=0.0,
        soup_tolerance=0.0,
    )
    return np.zeros(len(surface.faces), np.int32), surface


def test_convex_surfaces_are_not_cut() -> None:
    labels, surface = whole(trimesh.creation.icosphere(subdivisions=4))
    assert concave_bend(labels, surface)[0] < 0.01
    assert cut_patches(labels, surface, patches=100).max() == 0


def test_bend_does_not_depend_on_size_or_tessellation() -> None:
    torus = trimesh.creation.torus(1.0, 0.4, major_sections=48, minor_sections=24)
    fine = trimesh.creation.torus(10.0, 4.0, major_sections=192, minor_sections=96)
    coarse_bend = concave_bend(*whole(torus))[0]
    assert coarse_bend > CONCAVE_BEND
    assert abs(concave_bend(*whole(fine))[0] / coarse_bend - 1) < 0.05


def test_dumbbell_is_cut_into_connected_patches_of_like_size() -> None:
    labels, surface = whole(dumbbell())
    cut = cut_patches(labels, surface, patches=60)
    count = int(cut.max()) + 1
    assert 30 <= count <= 120
    area = np.bincount(cut, surface.areas)
    assert area.max() < 0.1 * surface.total_area
    same = cut[surface.pairs[:, 0]] == cut[surface.pairs[:, 1]]
    assert connected_components(len(cut), surface.pairs[same]).max() + 1 == count


def test_patches_do_not_leave_their_region() -> None:
    labels, surface = whole(dumbbell())
    halves = (surface.centroids[:, 1] > 0).astype(np.int32)
    cut = cut_patches(halves, surface, patches=60)
    for patch in range(int(cut.max()) + 1):
        assert len(np.unique(halves[cut == patch])) == 1
    assert len(labels) == len(cut)
