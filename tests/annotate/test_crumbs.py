import numpy as np

from annotate.crumbs import join_nearest
from tests.annotate.shapes import boxes

TINY = (0.01, 0.01, 0.01)


def test_crumbs_join_the_part_they_lie_on() -> None:
    mesh = boxes(
        ((1, 1, 1), (0, 0, 0), "left"),
        ((1, 1, 1), (2, 0, 0), "right"),
        (TINY, (0.4, 0.505, 0), "screw"),
        (TINY, (1.6, 0.505, 0), "screw"),
    )
    parts = np.asarray([0, 1, -1, -1], np.int32)[mesh.face_node]
    joined = join_nearest(mesh, parts, mesh.face_node, generator=np.random.default_rng(0))
    assert joined.tolist() == np.asarray([0, 1, 0, 1])[mesh.face_node].tolist()
    assert (parts[mesh.face_node == 2] == -1).all()


def test_without_crumbs_or_parts_nothing_changes() -> None:
    mesh = boxes(((1, 1, 1), (0, 0, 0), "a"))
    for label in (0, -1):
        parts = np.full(12, label, np.int32)
        joined = join_nearest(mesh, parts, mesh.face_node, generator=np.random.default_rng(0))
        assert joined.tolist() == parts.tolist()
