from __future__ import annotations

import numpy as np
import pytest
import trimesh

from shards.closed import is_watertight
from shards.field import proxy
from shards.field.body import Body, make_body
from shards.field.native import surface_distances
from shards.field.proxy import make_shell, proxy_inside
from tests.shards.shapes import ball, box, every, inverted, open_box, plane, surface_of


def body_of(mesh: trimesh.Trimesh) -> Body:
    surface = surface_of(mesh)
    return make_body(surface, every(surface), center=np.zeros(3), scale=1.0)


def ask(mesh: trimesh.Trimesh) -> tuple[object, np.ndarray]:
    body, generator = body_of(mesh), np.random.default_rng(0)
    near, _ = body.sample(2000, generator=generator)
    near += 0.01 * generator.standard_normal(near.shape)
    points = np.concatenate([near, generator.uniform(-1.05, 1.05, (2000, 3))])
    distances = surface_distances(body.vertices, body.faces, points)
    return proxy_inside(body, points, distances=distances, generator=generator), points


def test_a_shell_keeps_near_the_surface() -> None:
    body = body_of(ball())
    shell = make_shell(body)
    assert shell is not None
    assert is_watertight(shell.faces)
    radius = np.linalg.norm(shell.vertices, axis=1)
    assert 0 < np.quantile(radius - 1, 0.99) == pytest.approx(shell.gap, abs=2e-3)
    assert shell.gap < 0.04
    assert shell.inside(np.array([[0.0, 0, 0], [0, 0.98, 0], [0, 1.1, 0]])).tolist() == [1, 1, 0]


@pytest.mark.parametrize("mesh", [ball(), inverted(ball())])
def test_signs_near_the_surface_are_those_of_the_surface(mesh: trimesh.Trimesh) -> None:
    """The shell alone, a gap outside of the surface, gets many of them wrong."""
    inside, points = ask(mesh)
    radius = np.linalg.norm(points, axis=1)
    clear = np.abs(radius - 1) > 0.003  # more than the corners stand out of the faces
    assert ((inside == (radius < 1)) | ~clear).all()
    shell = make_shell(body_of(mesh))
    assert shell is not None
    assert np.mean(shell.inside(points) != (radius < 1)) > 0.1


def test_loose_triangles_make_a_body() -> None:
    mesh = ball()
    center = mesh.triangles.mean(axis=1, keepdims=True)
    loose = (center + 0.97 * (mesh.triangles - center)).reshape(-1, 3)
    faces = np.arange(len(loose)).reshape(-1, 3)
    faces[::2] = faces[::2, ::-1]
    inside, points = ask(trimesh.Trimesh(loose, faces, process=False))
    radius = np.linalg.norm(points, axis=1)
    assert np.mean((inside != (radius < 1)) & (np.abs(radius - 1) > 0.003)) < 0.005


def test_a_sheet_is_told_from_a_body() -> None:
    assert ask(plane())[0] == "sheet"
    assert ask(open_box())[0] == "sheet"
    cape = plane()
    cape.apply_scale(0.4)
    cape.apply_translation([0, 0.8, 0])
    assert ask(trimesh.util.concatenate([box(1, 1, 1), cape]))[0] == "sheet"


def test_a_shell_that_strays_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy, "MAX_GAP", 1e-4)
    assert ask(ball())[0] == "no_proxy"


def test_an_open_shell_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    mesh = open_box()
    monkeypatch.setattr(
        proxy, "watertight_shell", lambda *_, resolution: (mesh.vertices, mesh.faces)
    )
    assert ask(box(2, 2, 2))[0] == "no_proxy"
    monkeypatch.setattr(
        proxy, "watertight_shell", lambda *_, resolution: (np.zeros((0, 3)), np.zeros((0, 3)))
    )
    assert ask(box(2, 2, 2))[0] == "no_proxy"


def test_a_shell_of_another_shape_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell near the surface that says otherwise of the inside: two layers, hollow between."""
    outer, inner = box(2.02, 2.02, 2.02), inverted(box(1.98, 1.98, 1.98))
    hollow = trimesh.util.concatenate([outer, inner])
    monkeypatch.setattr(
        proxy, "watertight_shell", lambda *_, resolution: (hollow.vertices, hollow.faces)
    )
    assert ask(box(2, 2, 2))[0] in ("sheet", "ambiguous")
