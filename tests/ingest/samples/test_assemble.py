from __future__ import annotations

import io

import numpy as np
from PIL import Image as Pillow

from ingest.samples.assemble import assemble, assemble_welded, piece
from ingest.samples.finish import Finish
from ingest.samples.pictures import checker, plain
from ingest.samples.solids import box

RED = Finish(name="red", picture=plain((200, 10, 10)))
BOARD = Finish(name="board", picture=checker(((0, 0, 0), (255, 255, 255)), squares=2))
BLUE = Finish(name="blue", color=(0, 0, 255))


def test_faces_lie_part_by_part_in_the_order_of_first_appearance() -> None:
    made = assemble(
        "toy",
        [
            piece("base", RED, box(1, 1, 1)),
            piece("lid", BLUE, box(1, 1, 1).moved(y=2)),
            piece("base", BLUE, box(1, 1, 1).moved(x=3)),
        ],
    )
    assert made.part_names == ("base", "lid")
    assert [node.name for node in made.mesh.nodes] == ["base", "base", "lid"]
    assert made.face_labels.tolist() == [0] * 24 + [1] * 12
    assert [material.name for material in made.mesh.materials] == ["red", "blue"]


def test_unit_and_offset_place_the_object() -> None:
    made = assemble("toy", [piece("a", RED, box(1, 1, 1))], unit=2.0, offset=(10, 0, -1))
    assert np.allclose(made.mesh.bounds, [(9, -1, -2), (11, 1, 0)])


def test_an_atlas_shows_every_finish_where_it_was() -> None:
    made = assemble_welded(
        "toy",
        [
            piece("plain", BLUE, box(1, 1, 1)),
            piece("chequered", BOARD, box(1, 1, 1).moved(x=4)),
        ],
    )
    node = made.mesh.nodes[0]
    sheet = np.asarray(Pillow.open(io.BytesIO(made.mesh.images[0].data)), int)
    assert node.uv is not None
    middle = node.uv[node.faces].mean(axis=1) * (sheet.shape[1], sheet.shape[0])
    seen = sheet[middle[:, 1].astype(int), middle[:, 0].astype(int)]
    assert (seen[:12] == (0, 0, 255)).all()
    assert set(np.unique(seen[12:])) <= {0, 255} and (seen[12:].ptp(axis=1) == 0).all()


def test_one_finish_needs_no_atlas() -> None:
    made = assemble_welded(
        "toy", [piece("a", BOARD, box(3, 3, 3)), piece("b", BOARD, box(1, 9, 1))]
    )
    assert made.mesh.materials[0].name == "board"
    assert made.mesh.nodes[0].uv is not None and made.mesh.nodes[0].uv.max() > 1


def test_equal_vertices_of_joined_parts_are_one() -> None:
    whole = box(1, 1, 1)
    made = assemble_welded(
        "toy", [piece("a", RED, whole.select(0, 1, 2)), piece("b", RED, whole.select(3, 4, 5))]
    )
    assert len(made.mesh.vertices) == 24
    assert made.mesh.face_count == 12
