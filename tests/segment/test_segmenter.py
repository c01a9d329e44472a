import numpy as np
import pytest
import trimesh

from partworks.artifacts.segments import Segments
from partworks.geometry.measures import face_areas
from partworks.geometry.mesh import Mesh
from segment.config import SegmentConfig
from segment.segmenter import segment_mesh
from tests.segment.shapes import box, chair, dumbbell, groups_of, is_tree, merged, mesh, node, soup


def segment(whole: Mesh, **config: float) -> Segments:
    found = segment_mesh(
        whole,
        config=SegmentConfig(**config),
        generator=np.random.default_rng(0),
    )
    check(found, whole)
    return found


def check(found: Segments, whole: Mesh) -> None:
    """What holds of every over-segmentation."""
    assert found.face_labels.shape == (whole.face_count,)
    assert (np.bincount(found.face_labels, minlength=found.count) > 0).all()
    assert found.count == 1 or is_tree(found.merge_children, found.count)
    assert (np.diff(found.merge_height) >= 0).all()
    assert (found.merge_height >= 0).all() and (found.merge_height <= 1).all()
    assert ((found.segment_score >= 0) & (found.segment_score <= 1)).all()
    area = np.bincount(found.face_labels, face_areas(whole.vertices, whole.faces))
    assert np.allclose(found.segment_area, area, rtol=1e-5)
    assert found.geometry_hash == whole.geometry_hash and found.method == "structure"


def test_chair_is_six_boxes_of_six_sides() -> None:
    whole = chair()
    found = segment(whole)
    assert found.count == 36
    assert groups_of(found.at_count(6)) == groups_of(whole.face_node)
    assert found.merge_height[29] < 0.1 and found.merge_height[30] > 0.6


def test_chair_without_its_nodes_still_has_six_parts() -> None:
    whole = chair()
    assert groups_of(segment(merged(whole)).at_count(6)) == groups_of(whole.face_node)
    assert groups_of(segment(soup(whole)).at_count(6)) == groups_of(whole.face_node)


def test_dumbbell_parts_at_its_bar() -> None:
    whole = dumbbell()
    found = segment(whole)
    three = found.at_count(3)
    along = whole.vertices[whole.faces].mean(axis=1)[:, 2]
    # The fillets between bar and balls, from 0.35 to 0.5, may go either way.
    names = [
        set(three[place].tolist()) for place in (along < -0.5, np.abs(along) < 0.35, along > 0.5)
    ]
    assert [len(name) for name in names] == [1, 1, 1] and len(set.union(*names)) == 3


def test_screw_merges_before_legs_do() -> None:
    screw = node(box((0.01, 0.01, 0.01)), name="screw", move=(0.2, 0.055, 0.2))
    whole = mesh(*chair().nodes, screw)
    parts = segment(whole).at_count(6)
    assert parts[-1] == parts[0]
    assert groups_of(parts[:-12]) == groups_of(chair().face_node)


def test_leaf_limit_holds_and_keeps_big_segments() -> None:
    random = np.random.default_rng(0)
    crumbs = [
        node(
            box((0.004, 0.004, 0.004)), move=random.uniform(-0.5, 0.5, 3) * (1, 0, 1) + (0, 0.06, 0)
        )
        for _ in range(300)
    ]
    whole = mesh(*chair().nodes, *crumbs)
    found = segment(whole, max_segments=64)
    assert 32 < found.count <= 64
    legs = found.face_labels[whole.face_node == 3]
    assert len(np.unique(legs)) == 6


def test_one_face() -> None:
    found = segment(mesh(node(trimesh.Trimesh(np.eye(3), [[0, 1, 2]], process=False))))
    assert found.count == 1 and found.merge_children.shape == (0, 2)


def test_scores_tell_drawn_borders_from_arbitrary_ones() -> None:
    assert (segment(chair()).segment_score == np.float32(0.15)).all()
    assert segment(mesh(node(trimesh.creation.icosphere()))).segment_score.tolist() == [1]
    assert segment(dumbbell()).segment_score.mean() < 0.3


def test_same_bytes_twice_and_other_samples_change_no_segment() -> None:
    whole = merged(chair())
    first, again = segment(whole).to_bytes(), segment(whole).to_bytes()
    assert first == again
    other = segment_mesh(whole, config=SegmentConfig(), generator=np.random.default_rng(9))
    assert np.array_equal(other.face_labels, segment(whole).face_labels)


def degenerate() -> Mesh:
    loose = np.arange(900).reshape(-1, 3)
    return mesh(node(trimesh.Trimesh(np.zeros((900, 3)), loose, process=False)))


def same_triangle() -> Mesh:
    loose = np.arange(30_000).reshape(-1, 3)
    points = np.tile(np.eye(3), (10_000, 1))
    return mesh(node(trimesh.Trimesh(points, loose, process=False)))


def scattered(count: int) -> Mesh:
    random = np.random.default_rng(0)
    corners = random.uniform(-1, 1, (count, 1, 3)) + random.normal(0, 0.01, (count, 3, 3))
    loose = np.arange(3 * count).reshape(-1, 3)
    return mesh(node(trimesh.Trimesh(corners.reshape(-1, 3), loose, process=False)))


def grass() -> Mesh:
    random = np.random.default_rng(0)
    blade = np.zeros((8016, 4, 2, 3))
    blade[..., [0, 2]] = random.uniform(-1, 1, (8016, 1, 1, 2))
    blade[..., 0] += np.asarray([-0.003, 0.003])
    blade[..., 1] = 0.1 * np.arange(4)[:, None]
    strip = np.asarray([[0, 1, 3], [0, 3, 2], [2, 3, 5], [2, 5, 4], [4, 5, 7], [4, 7, 6]])
    faces = (strip + 8 * np.arange(8016)[:, None, None]).reshape(-1, 3)
    return mesh(node(trimesh.Trimesh(blade.reshape(-1, 3), faces, process=False)))


def rough_ball() -> Mesh:
    ball = trimesh.creation.icosphere(subdivisions=7)
    ball.vertices *= 1 + 0.02 * np.random.default_rng(0).normal(size=(len(ball.vertices), 1))
    return mesh(node(ball))


@pytest.mark.timeout(120)  # seconds each; anything quadratic takes far longer
@pytest.mark.parametrize(
    "whole",
    [degenerate(), same_triangle(), scattered(20_000), grass(), rough_ball()],
    ids=["degenerate", "same_triangle", "scattered", "grass", "rough_ball"],
)
def test_hostile_meshes(whole: Mesh) -> None:
    found = segment(whole)
    assert found.count <= 512 and len(found.face_labels) == whole.face_count
    np.testing.assert_array_equal(np.unique(found.face_labels), np.arange(found.count))
    np.testing.assert_array_equal(  # each node of the tree but the root is merged once
        np.sort(found.merge_children, axis=None), np.arange(2 * found.count - 2)
    )
    assert (np.diff(found.merge_height) >= 0).all()
