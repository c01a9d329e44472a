from __future__ import annotations

import numpy as np
import pytest
import torch
import trimesh

from train.metrics.mesh import TriangleMesh
from train.rendering.portable import TorchRenderer
from train.sampling.coloring import GREY, projected_colors
from train.sampling.views import ring_cameras

RENDERER = TorchRenderer()


def mesh_of(shape: trimesh.Trimesh) -> TriangleMesh:
    return TriangleMesh(
        vertices=np.asarray(shape.vertices, np.float64), faces=np.asarray(shape.faces, np.int64)
    )


def painted(mesh: TriangleMesh, colors: np.ndarray, *, views: int, pixels: int) -> np.ndarray:
    """Pictures whose every pixel has the mean colour of the corners of the face it sees."""
    cameras = ring_cameras(mesh.vertices, views=views, pixels=pixels)
    seen = RENDERER.render(
        torch.from_numpy(mesh.vertices).float(), torch.from_numpy(mesh.faces), cameras
    ).face_id_NHW.numpy()
    of_faces = colors[mesh.faces].mean(axis=1)
    return np.where((seen >= 0)[..., None], of_faces[seen], 1.0).astype(np.float32)


BALL = mesh_of(trimesh.creation.icosphere(subdivisions=4, radius=0.8))


@pytest.mark.parametrize("views", [4, 8])
def test_a_ball_gets_back_the_colours_it_was_painted_with(views: int) -> None:
    colors = 0.5 + 0.4 * BALL.vertices
    images = painted(BALL, colors, views=views, pixels=128)
    cameras = ring_cameras(BALL.vertices, views=views, pixels=128)
    found = projected_colors(BALL, images, cameras=cameras, renderer=RENDERER)
    # The bottom is seen by no camera above the horizon, and takes what is around it.
    seen = BALL.vertices[:, 1] > -0.3
    assert np.abs(found - colors)[seen].max() < 0.04
    assert np.abs(found - colors)[~seen].max() < 0.3


def test_the_background_does_not_bleed_in() -> None:
    """A black thing on white stays black up to its rim."""
    box = mesh_of(trimesh.creation.box(extents=(1, 0.6, 0.2)).subdivide_to_size(0.05))
    images = painted(box, np.zeros_like(box.vertices), views=4, pixels=96)
    cameras = ring_cameras(box.vertices, views=4, pixels=96)
    found = projected_colors(box, images, cameras=cameras, renderer=RENDERER)
    assert found.max() == 0


def test_what_is_behind_is_not_seen() -> None:
    """Two walls that hide one another's inner sides from the cameras before and behind them."""
    walls = [
        trimesh.creation.box(extents=(2, 2, 0.02)).subdivide_to_size(0.2).apply_translation(at)
        for at in ((0, 0, 0.1), (0, 0, -0.1))
    ]
    mesh = TriangleMesh.union([mesh_of(wall) for wall in walls])
    red = mesh.vertices[:, 2] > 0
    colors = np.where(red[:, None], [1.0, 0, 0], [0, 0, 1.0])
    images = painted(mesh, colors, views=4, pixels=96)
    cameras = ring_cameras(mesh.vertices, views=4, pixels=96)
    found = projected_colors(mesh, images, cameras=cameras, renderer=RENDERER)
    inner = np.abs(mesh.vertices[:, 2]) < 0.1
    low = mesh.vertices[:, 1] < 0.5
    assert (inner & low & red).sum() > 50
    np.testing.assert_allclose(found[inner & low], colors[inner & low], atol=0.2)
    np.testing.assert_allclose(found[~inner], colors[~inner], atol=0.2)


def test_what_no_view_sees_takes_what_is_around_it() -> None:
    images = np.full((4, 64, 64, 3), (0.2, 0.4, 0.6), np.float32)
    cameras = ring_cameras(BALL.vertices, views=4, pixels=64)
    inner = TriangleMesh.union([BALL, TriangleMesh(vertices=BALL.vertices * 0.5, faces=BALL.faces)])
    found = projected_colors(inner, images, cameras=cameras, renderer=RENDERER)
    np.testing.assert_allclose(found, np.tile((0.2, 0.4, 0.6), (len(found), 1)), atol=1e-6)


def test_what_nobody_sees_is_grey() -> None:
    away = ring_cameras(BALL.vertices + 50, views=4, pixels=16)
    images = np.zeros((4, 16, 16, 3), np.float32)
    found = projected_colors(BALL, images, cameras=away, renderer=RENDERER)
    np.testing.assert_array_equal(found, np.tile(GREY, (len(found), 1)))
    empty = projected_colors(TriangleMesh.empty(), images, cameras=away, renderer=RENDERER)
    assert empty.shape == (0, 3)
