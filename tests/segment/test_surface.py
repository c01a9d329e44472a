from dataclasses import replace

import numpy as np
import pytest
import trimesh

from partworks.geometry.mesh import Mesh
from segment.surface import Surface, read_surface, source_nodes
from tests.segment.shapes import box, chair, mesh, node, soup


def read(whole: Mesh) -> Surface:
    return read_surface(whole, weld_tolerance=0.0, soup_tolerance=1e-4)


def test_shells_of_a_chair_are_its_nodes() -> None:
    whole = chair()
    assert np.array_equal(read(whole).shell, whole.face_node)


def test_one_node_with_two_boxes_has_two_shells() -> None:
    both = trimesh.util.concatenate([box((1, 1, 1)), box((1, 1, 1)).apply_translation((3, 0, 0))])
    assert np.bincount(read(mesh(node(both))).shell).tolist() == [12, 12]


def test_materials_part_a_shell_and_welding_joins_nodes() -> None:
    ball = trimesh.creation.icosphere(subdivisions=2)
    top = ball.triangles_center[:, 1] > 0
    upper, lower = ball.submesh([top])[0], ball.submesh([~top])[0]
    by_material = read(mesh(node(upper, material=0), node(lower, material=1)))
    assert by_material.source_node.max() == 0 and by_material.shell.max() == 1
    # Across the cut the faces still touch, and the cut is the only open boundary of either half.
    across = by_material.shell[by_material.pairs].ptp(axis=1) == 1
    assert len(by_material.pairs) == 3 * len(ball.faces) // 2 and across.any()


def test_source_nodes_split_by_material_are_one() -> None:
    shape = box((1, 1, 1))
    whole = mesh(
        node(shape, name="leg", material=0),
        node(shape, name="leg", material=1),
        node(shape, name="leg", material=0),
        node(shape, name="arm", material=1),
        node(shape, name="arm", material=2),
    )
    assert source_nodes(whole).tolist() == [0, 0, 1, 2, 2]
    assert source_nodes(Mesh(nodes=())).tolist() == []


def test_soup_is_welded_and_so_is_jittered_soup() -> None:
    ball = mesh(node(trimesh.creation.icosphere(subdivisions=3)))
    loose = soup(ball)
    assert read(loose).shell.max() == 0
    jitter = np.random.default_rng(0).uniform(-2e-5, 2e-5, loose.vertices.shape)
    moved = replace(loose.nodes[0], vertices=loose.vertices + jitter.astype(np.float32))
    assert read(Mesh(nodes=(moved,))).shell.max() == 0
    strict = read_surface(Mesh(nodes=(moved,)), weld_tolerance=0.0, soup_tolerance=0.0)
    assert strict.shell.max() + 1 == len(ball.faces)


def test_inside_out_box_has_convex_edges() -> None:
    shape = box((1, 1, 1))
    shape.invert()
    angle = read(mesh(node(shape))).angle
    assert np.isclose(angle, np.pi / 2).sum() == 12 and (angle >= 0).all()


def test_both_sides_of_a_sheet_have_nothing_to_cut_between() -> None:
    sheet = box((1, 1, 1)).submesh([[0, 1]])[0]
    back = sheet.copy()
    back.invert()
    surface = read(mesh(node(trimesh.util.concatenate([sheet, back]))))
    twins = np.abs(surface.pairs[:, 0] - surface.pairs[:, 1]) == 2
    assert twins.any() and not surface.angle[twins].any()


def test_solids_that_share_an_edge_are_not_joined() -> None:
    both = trimesh.util.concatenate([box((1, 1, 1)), box((1, 1, 1)).apply_translation((1, 1, 0))])
    for whole in (mesh(node(both)), soup(mesh(node(both)))):
        surface = read(whole)
        assert surface.shell.tolist() == [0] * 12 + [1] * 12
        assert (surface.shell[surface.pairs[:, 0]] == surface.shell[surface.pairs[:, 1]]).all()


def test_outsides_of_stacked_boxes_are_not_joined() -> None:
    both = trimesh.util.concatenate([box((1, 1, 1)), box((1, 1, 1)).apply_translation((0, 1, 0))])
    surface = read(mesh(node(both)))
    height = surface.centroids[:, 1]
    below, above = surface.shell[height < 0.49], surface.shell[height > 0.51]
    assert len(set(below)) == len(set(above)) == 1 and below[0] != above[0]


def test_sizes() -> None:
    surface = read(chair())
    assert surface.total_area == pytest.approx(
        2 * (1 + 0.1 + 0.1) + 2 * (0.9 + 0.1 + 0.09) + 4 * (0.02 + 0.32), rel=1e-5
    )
    assert surface.diagonal == pytest.approx(np.linalg.norm([1, 1.8, 1]), rel=1e-5)
