import numpy as np
import trimesh

from partworks.geometry.adjacency import face_adjacency
from segment.sheets import Sheets, find_sheets
from tests.segment.shapes import box


def sheets_of(vertices: np.ndarray, faces: np.ndarray) -> Sheets:
    return find_sheets(face_adjacency(vertices.astype(np.float32), faces), len(faces))


def test_closed_surface_has_nothing_special() -> None:
    ball = trimesh.creation.icosphere(subdivisions=2)
    found = sheets_of(ball.vertices, ball.faces)
    assert found.alone.all() and found.manifold.all() and not found.twins.any()


def test_walls_branch_where_three_meet() -> None:
    vertices = np.asarray([[0, 0, 0], [0, 1, 0], [1, 0, 0], [-1, 0, 0], [0, 0, 1]])
    found = sheets_of(vertices, np.asarray([[0, 1, 2], [0, 1, 3], [0, 1, 4]]))
    assert not found.manifold.any() and not found.alone.any() and len(found.twins) == 3


def test_both_sides_of_a_sheet_count_once() -> None:
    ball = trimesh.creation.icosphere(subdivisions=2)
    both = np.concatenate([ball.faces, ball.faces[:, ::-1]])
    found = sheets_of(ball.vertices, both)
    assert found.manifold.all() and not found.alone.any()
    assert found.twins.sum() == 3 * len(ball.faces)


def test_boxes_that_share_one_edge() -> None:
    pair = trimesh.util.concatenate([box((1, 1, 1)), box((1, 1, 1)).apply_translation((1, 1, 0))])
    found = sheets_of(pair.vertices, pair.faces)
    assert (~found.manifold).sum() == 6 and found.alone.sum() == 34


def test_nothing() -> None:
    found = sheets_of(np.zeros((0, 3)), np.zeros((0, 3), np.int32))
    assert found.twins.shape == found.alone.shape == found.manifold.shape == (0,)
