from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from partworks.geometry.cameras import Camera, look_at
from partworks.geometry.mesh import Mesh, TextureRef
from partworks.geometry.texture import Surface
from partworks.geometry.visibility import EmbreeCaster
from render.config import RasterConfig
from render.layers import peel, through_pixels
from render.shading import AMBIENT, GLOSS, LAMP, shade
from tests.render.scenes import board, front, picture

LIT, UNLIT = RasterConfig(), RasterConfig(shading="unlit")
FLAT = (128, 128, 255)
BEHIND = Camera(camera_to_world=look_at((0, 0, -6), (0, 0, 0)), fov_y=0.36, width=64, height=64)


def shaded(
    mesh: Mesh, config: RasterConfig = LIT, camera: Camera | None = None
) -> NDArray[np.float32]:
    """(64, 64, 3) light of the first layer."""
    camera, surface = camera or front(), Surface(mesh)
    shoot = through_pixels(EmbreeCaster(mesh.vertices, mesh.faces), camera)
    layer = next(peel(mesh, surface, shoot, rays=64 * 64, focal=camera.focal, most=1))
    image = np.zeros((64 * 64, 3), np.float32)
    image[layer.hits.rays] = shade(surface, layer, camera, config=config)
    return image.reshape(64, 64, 3)


def white(texel: tuple[int, int, int], *, turned: int = 0, mirrored: bool = False) -> Mesh:
    """A white board with the same texel of a normal map all over it."""
    mesh = board()
    (node,), (material,) = mesh.nodes, mesh.materials
    uv = np.roll(node.uv, -turned, axis=0) if node.uv is not None else None
    if mirrored and uv is not None:
        uv = uv * np.float32([-1, 1])
    material = replace(
        material,
        base_color_texture=None,
        normal_texture=TextureRef(image=0),
    )
    return replace(
        mesh,
        nodes=(replace(node, uv=uv),),
        materials=(material,),
        images=(picture(np.full((1, 1, 3), texel)),),
    )


def brightness(normal: tuple[float, float, float]) -> float:
    """What a white surface of some normal, in the camera's axes, is to send."""
    lamp = np.asarray(LAMP) / np.linalg.norm(LAMP)
    facing = max(float(lamp @ normal / np.linalg.norm(normal)), 0.0)
    return AMBIENT + (1 - AMBIENT) * facing


def test_unlit_is_the_bare_colour() -> None:
    np.testing.assert_allclose(shaded(board(), UNLIT)[16, 16], [1, 0, 0], atol=1e-6)


def test_a_flat_surface_is_as_bright_as_it_faces_the_lamp() -> None:
    level = brightness((0, 0, 1))
    np.testing.assert_allclose(
        shaded(board())[16, 16], np.array([1, GLOSS, GLOSS]) * level, atol=1e-5
    )


def test_emission_is_added_and_light_is_at_most_one() -> None:
    found = shaded(board(emissive=True))[16, 16]
    np.testing.assert_allclose(found, [1, GLOSS * brightness((0, 0, 1)), 0.03], atol=0.02)
    assert shaded(board(emissive=True)).max() == 1


@pytest.mark.parametrize(
    ("texel", "normal"),
    [
        (FLAT, (0, 0, 1)),
        ((204, 128, 230), (0.6, 0, 0.8)),
        ((52, 128, 230), (-0.6, 0, 0.8)),
        ((128, 204, 230), (0, 0.6, 0.8)),
        ((128, 52, 230), (0, -0.6, 0.8)),
    ],
)
def test_slopes_of_a_normal_map_are_lit_as_slopes(
    texel: tuple[int, int, int], normal: tuple[float, float, float]
) -> None:
    assert shaded(white(texel))[32, 32, 0] == pytest.approx(brightness(normal), abs=0.01)


def test_mirrored_uvs_lean_the_other_way() -> None:
    mirrored = shaded(white((204, 128, 230), mirrored=True))[32, 32, 0]
    assert mirrored == pytest.approx(brightness((-0.6, 0, 0.8)), abs=0.01)
    upright = shaded(white((128, 204, 230), mirrored=True))[32, 32, 0]
    assert upright == pytest.approx(brightness((0, 0.6, 0.8)), abs=0.01)


@pytest.mark.parametrize(
    ("turned", "normal"), [(1, (0, -0.6, 0.8)), (2, (-0.6, 0, 0.8)), (3, (0, 0.6, 0.8))]
)
def test_rotated_uvs_turn_the_slope(turned: int, normal: tuple[float, float, float]) -> None:
    # With one turn the lower left corner shows the lower right one of the picture, which thus lies
    # turned clockwise by a quarter: its right side is at the bottom.
    found = shaded(white((204, 128, 230), turned=turned))[32, 32, 0]
    assert found == pytest.approx(brightness(normal), abs=0.01)


def test_normal_maps_can_be_left_out() -> None:
    config = RasterConfig(normal_maps=False)
    found = shaded(white((204, 128, 230)), config)[32, 32, 0]
    assert found == pytest.approx(brightness((0, 0, 1)), abs=1e-5)


def test_from_behind_a_bump_is_a_dent() -> None:
    # Its front leans to +x, so its back leans to -x, which is on the right as seen from -z.
    found = shaded(white((204, 128, 230)), camera=BEHIND)[32, 32, 0]
    assert found == pytest.approx(brightness((0.6, 0, 0.8)), abs=0.01)
