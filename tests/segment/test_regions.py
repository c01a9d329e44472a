import numpy as np
import pytest
import trimesh

from partworks.geometry.mesh import Mesh
from segment.regions import absorb_crumbs, best_neighbours, grow_regions
from segment.surface import Surface, read_surface
from tests.segment.shapes import box, groups_of, mesh, node


def read(whole: Mesh) -> Surface:
    return read_surface(whole, weld_tolerance=0.0, soup_tolerance=0.0)


def grow(surface: Surface) -> np.ndarray:
    return grow_regions(surface, concave_crease=20.0, convex_crease=40.0)


def test_box_falls_into_its_six_sides() -> None:
    shape = box((1, 2, 3), cuts=2)
    labels = grow(read(mesh(node(shape))))
    sides = np.abs(shape.face_normals).argmax(axis=1) * 2 + (shape.face_normals.sum(axis=1) > 0)
    assert groups_of(labels) == groups_of(sides)


def test_smooth_surfaces_stay_whole() -> None:
    assert grow(read(mesh(node(trimesh.creation.icosphere(subdivisions=3))))).max() == 0


@pytest.mark.parametrize(("degrees", "regions"), [(-30, 2), (-10, 1), (30, 1), (50, 2)])
def test_concave_creases_cut_earlier_than_convex_ones(degrees: float, regions: int) -> None:
    turn = np.radians(degrees)
    vertices = np.asarray(
        [[0, 0, 0], [0, 0, 1], [-1, 0, 1], [-1, 0, 0],
         [np.cos(turn), -np.sin(turn), 0], [np.cos(turn), -np.sin(turn), 1]],
        np.float32,
    )  # fmt: skip
    faces = np.asarray([[0, 3, 2], [0, 2, 1], [0, 1, 5], [0, 5, 4]], np.int32)
    surface = read(mesh(node(trimesh.Trimesh(vertices, faces, process=False))))
    bent = (surface.pairs == [0, 3]).all(axis=1) | (surface.pairs == [1, 2]).all(axis=1)
    assert np.degrees(surface.angle[bent]) == pytest.approx(degrees, abs=1e-3)
    assert grow(surface).max() + 1 == regions


def test_materials_cut_where_there_is_no_crease() -> None:
    sheet = box((1, 1, 1)).submesh([[0], [1]])
    whole = mesh(node(sheet[0], material=0), node(sheet[1], material=1))
    assert grow(read(whole)).tolist() == [0, 1]


def test_crumbs_join_the_neighbour_with_the_longest_border() -> None:
    shape = box((1, 1, 1), cuts=3)
    surface = read(mesh(node(shape)))
    labels = grow(surface)
    pieces = int(labels.max()) + 1
    crumb = int(np.flatnonzero(surface.centroids[:, 1] > 0.49)[0])
    labels[crumb] = pieces
    cleaned = absorb_crumbs(labels, surface, min_share=0.01)
    assert groups_of(cleaned) == groups_of(grow(surface))


def test_a_shell_of_its_own_is_no_crumb() -> None:
    tiny = trimesh.creation.icosphere(subdivisions=1, radius=1e-3)
    whole = mesh(node(box((1, 1, 1))), node(tiny, move=(0, 0.5, 0)))
    surface = read(whole)
    cleaned = absorb_crumbs(grow(surface), surface, min_share=0.01)
    assert cleaned[12:].max() == cleaned[12:].min() == 6


def test_noise_does_not_crumble() -> None:
    ball = trimesh.creation.icosphere(subdivisions=5)
    rough = 1 + 0.05 * np.random.default_rng(0).normal(size=(len(ball.vertices), 1))
    ball.vertices *= rough
    surface = read(mesh(node(ball)))
    crumbled = grow(surface)
    cleaned = absorb_crumbs(crumbled, surface, min_share=1e-3)
    assert crumbled.max() > 2000
    area = np.bincount(cleaned, surface.areas)
    assert area.min() >= 1e-3 * surface.total_area and cleaned.max() < 1000


def test_best_neighbours_breaks_ties_by_number() -> None:
    pairs = np.asarray([[0, 1], [0, 2], [1, 2], [2, 3]])
    cost = np.asarray([1.0, 1.0, 0.5, 2.0])
    found = best_neighbours(pairs, cost, np.asarray([True, False, True, True]))
    assert found.tolist() == [[0, 1], [2, 1], [3, 2]]
