import numpy as np

from annotate.accept import accept
from annotate.config import AnnotateConfig
from tests.annotate.shapes import boxes, by_node, table


def test_table_parts_into_top_and_legs() -> None:
    mesh = table()
    merges = [(0, 1, 0.84), (5, 2, 0.84), (6, 3, 0.84), (7, 4, 0.84)]
    parts = accept(
        mesh,
        by_node(mesh, merges),
        config=AnnotateConfig(),
        generator=np.random.default_rng(0),
    )
    assert parts.face_labels.tolist() == mesh.face_node.tolist()
    assert parts.part_names[0] == "table top" and parts.count == 5
    assert parts.source == "auto" and parts.geometry_hash == mesh.geometry_hash


def test_parts_are_numbered_by_their_first_face_and_crumbs_are_given_away() -> None:
    mesh = boxes(
        ((0.001, 0.001, 0.001), (2, 0.5, 0), "screw"),
        ((1, 1, 1), (2, 0, 0), "box"),
        ((1, 1, 1), (0, 0, 0), "crate"),
    )
    segments = by_node(mesh, [(2, 1, 0.84), (3, 0, 0.95)])
    parts = accept(mesh, segments, config=AnnotateConfig(), generator=np.random.default_rng(0))
    assert parts.part_names == ("box", "crate")
    assert parts.face_labels.tolist() == np.asarray([0, 0, 1])[mesh.face_node].tolist()
