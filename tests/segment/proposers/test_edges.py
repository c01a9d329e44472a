import numpy as np
import pytest

from segment.proposers.edges import MATERIAL_STRENGTH, PixelEdges, find_edges
from segment.views import ViewImages
from tests.segment.proposers.made_views import left_half, rendered, wall
from tests.segment.shapes import box, mesh, node

LEFT = left_half()


def every(view: ViewImages, *, stride: int = 1) -> PixelEdges:
    return find_edges(view, stride=stride).every


def test_a_plain_wall_has_no_edges() -> None:
    edges = every(wall())
    assert edges.right.shape == (64, 63) and edges.down.shape == (63, 64)
    assert edges.right.max() == 0 and edges.down.max() == 0


def test_a_jump_of_depth_is_one_edge_wide_and_the_same_both_ways() -> None:
    depth = np.where(LEFT, 2.0, 3.0).astype(np.float32)
    edges = every(wall(depth=depth))
    assert (edges.right[:, 31] == 1).all()
    assert np.delete(edges.right, 31, axis=1).max() == 0 and edges.down.max() == 0
    turned = every(wall(depth=np.ascontiguousarray(depth.T)))
    assert np.array_equal(turned.down, edges.right.T)


def test_a_grazing_plane_does_not_jump() -> None:
    # Inverse depth is linear on a plane; this one recedes by more than its distance in the picture.
    across = np.linspace(1 / 2, 1 / 20, 64, dtype=np.float32)
    depth = np.broadcast_to(1 / across, (64, 64)).astype(np.float32)
    assert every(wall(depth=depth)).right.max() < 0.05


def test_background_is_no_edge() -> None:
    view = wall(face_id=np.where(LEFT, 0, -1).astype(np.int32))
    assert every(view).right.max() == 0


def test_materials_and_colors_part() -> None:
    by_material = every(wall(material=LEFT.astype(np.int32)))
    assert by_material.right[:, 31] == pytest.approx(MATERIAL_STRENGTH)
    assert np.delete(by_material.right, 31, axis=1).max() == 0
    color = np.full((64, 64, 3), 200, np.uint8)
    color[LEFT] = (200, 40, 40)
    by_color = every(wall(color=color)).right
    assert by_color[:, 31].min() > 0.3 and by_color[:, :29].max() == 0
    color[LEFT] = (196, 198, 202)
    assert every(wall(color=color)).right.max() == 0


def test_thinning_parts_without_a_crease() -> None:
    diameter = np.where(LEFT, 0.3, 0.08).astype(np.float32)
    right = every(wall(diameter=diameter)).right
    assert right[:, 31].min() > 0.3 and right[:, :28].max() == 0
    alike = np.where(LEFT, 0.2, 0.21).astype(np.float32)
    assert every(wall(diameter=alike)).right.max() == 0


def test_concave_creases_are_stronger_than_convex_ones() -> None:
    inside = np.broadcast_to(np.float32([0.6, 0, 0.8]), (64, 64, 3)).copy()
    inside[~LEFT] = (-0.6, 0, 0.8)
    outside = inside[:, ::-1].copy()
    concave, convex = (every(wall(normal=normal)).right for normal in (inside, outside))
    assert concave[:, 31].min() > 0.95 and 0.2 < convex[:, 31].max() < 0.6


def test_a_step_of_boxes_has_a_concave_edge() -> None:
    whole = mesh(node(box((2, 0.5, 2))), node(box((1, 1, 1)), move=(0, 0.75, 0)))
    for view in rendered(whole, size=256):
        upper = view.face_id >= 12
        edges = every(view)
        across = (upper[:, :-1] != upper[:, 1:]) & view.hit[:, :-1] & view.hit[:, 1:]
        if across.sum() > 20:
            assert np.median(edges.right[across]) > 0.9


def test_stride_looks_at_fewer_pixels() -> None:
    view = wall(depth=np.where(LEFT, 2.0, 3.0).astype(np.float32))
    edges = every(view, stride=2)
    assert edges.right.shape == (32, 31) and (edges.right[:, 15] == 1).all()


def test_only_what_lies_on_one_line_is_drawn() -> None:
    depth = np.where(LEFT, 2.0, 3.0).astype(np.float32)
    diameter = np.where(LEFT.T, 0.3, 0.08).astype(np.float32)
    drawn = find_edges(wall(depth=depth, diameter=diameter)).drawn
    assert (drawn.right[:, 31] == 1).all() and drawn.down.max() == 0
