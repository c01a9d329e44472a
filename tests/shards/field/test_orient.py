from __future__ import annotations

import numpy as np
import trimesh

from shards.closed import is_watertight
from shards.field.body import Body, make_body
from shards.field.orient import made_to_agree
from tests.shards.shapes import ball, box, every, open_box, surface_of, triangles


def body_of(mesh: trimesh.Trimesh) -> Body:
    surface = surface_of(mesh)
    return make_body(surface, every(surface), center=np.zeros(3), scale=1.0)


def shuffled(mesh: trimesh.Trimesh) -> trimesh.Trimesh:
    """The mesh with half of its faces turned."""
    turned = np.random.default_rng(0).random(len(mesh.faces)) < 0.5
    faces = np.where(turned[:, None], mesh.faces[:, ::-1], mesh.faces)
    return trimesh.Trimesh(mesh.vertices, faces, process=False)


def volume(body: Body) -> float:
    return float(np.linalg.det(body.vertices[body.faces]).sum() / 6)


def test_a_closed_body_is_closed_again_and_faces_outwards() -> None:
    far = ball(0.2)
    far.apply_translation([2, 0, 0])
    whole = trimesh.util.concatenate([ball(), far])
    body = body_of(shuffled(whole))
    assert not body.rimless
    fixed = made_to_agree(body)
    assert fixed.rimless
    assert fixed.oriented
    assert is_watertight(fixed.faces)
    np.testing.assert_allclose(volume(fixed), whole.volume)


def test_an_open_body_faces_outwards_too() -> None:
    fixed = made_to_agree(body_of(shuffled(open_box().subdivide())))
    assert fixed.oriented
    assert not fixed.rimless
    crosses = np.cross(*np.diff(fixed.vertices[fixed.faces], axis=1).transpose(1, 0, 2))
    assert ((crosses * fixed.vertices[fixed.faces].mean(axis=1)).sum(axis=1) > 0).all()


def test_what_agrees_stays_as_it_is() -> None:
    for mesh in (box(1, 1, 1), open_box()):
        body = body_of(mesh)
        assert made_to_agree(body) is body


def test_what_cannot_agree_stays_as_it_is() -> None:
    """A Möbius strip of five triangles."""
    angle = np.arange(5) * 2 * np.pi / 5
    corners = np.stack([np.cos(angle), np.sin(2 * angle), np.sin(angle)], axis=1)
    surface = triangles(corners, [[k, (k + 1) % 5, (k + 2) % 5] for k in range(5)])
    body = make_body(surface, np.arange(5), center=np.zeros(3), scale=1.0)
    assert not body.oriented
    assert made_to_agree(body) is body
