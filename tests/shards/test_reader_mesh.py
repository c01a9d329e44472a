from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from partworks.artifacts.npz import to_npz
from shards.mesh import sample_mesh
from shards.reader import Mesh, UndecodableError, decode_mesh
from shards.reader.decoders import decode_member
from tests.shards.shapes import ball, box, object_of


def arrays() -> dict[str, Any]:
    return sample_mesh(*object_of(ball(0.5), box(2, 2, 2)))


def test_what_was_written_is_read() -> None:
    written = arrays()
    mesh = decode_member("mesh.npz", to_npz(written))
    assert isinstance(mesh, Mesh)
    for name, array in written.items():
        np.testing.assert_array_equal(getattr(mesh, name), array)


def test_a_part_alone() -> None:
    mesh = decode_mesh(to_npz(arrays()))
    vertices, faces = mesh.part(1)
    assert (len(vertices), len(faces)) == (8, 12)
    whole = mesh.vertices[mesh.faces[mesh.face_part == 1]]
    np.testing.assert_array_equal(vertices[faces], whole)
    assert [len(each) for each in mesh.part(7)] == [0, 0]


@pytest.mark.parametrize(("name", "value", "message"), [
    ("faces", 8, "name vertices 0 to 8, but there are 8"),
    ("faces", -1, "name vertices -1 to"),
    ("face_part", -2, "below -1"),
    ("vertices", np.inf, "not finite"),
])  # fmt: skip
def test_what_cannot_be_is_refused(name: str, value: float, message: str) -> None:
    changed = sample_mesh(*object_of(box(1, 1, 1)))
    changed[name].flat[0] = value
    with pytest.raises(UndecodableError, match=message):
        decode_mesh(to_npz(changed))
