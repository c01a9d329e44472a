from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as PillowImage

from partworks.geometry.cameras import bounding_sphere, ring
from partworks.geometry.glb import read_glb
from partworks.geometry.mesh import AlphaMode, Image, Material, Mesh, MeshNode, TextureRef
from partworks.geometry.texture import Surface, alpha_meaning, base_color, srgb_to_linear
from partworks.geometry.visibility import EmbreeCaster
from tests.shared_assets import requires_shared, shared

TRIANGLE = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
CENTER = np.full(3, 1 / 3)


def picture(texels: NDArray) -> Image:
    buffer = io.BytesIO()
    PillowImage.fromarray(texels.astype(np.uint8)).save(buffer, "PNG")
    return Image(data=buffer.getvalue(), mime="image/png")


def one(
    material: Material | None,
    *,
    images: tuple[Image, ...] = (),
    uv: NDArray | None = None,
    colors: NDArray | None = None,
) -> Mesh:
    node = MeshNode(
        vertices=TRIANGLE,
        faces=np.array([[0, 1, 2]], np.int32),
        uv=None if uv is None else uv.astype(np.float32),
        colors=None if colors is None else colors.astype(np.float32),
        material=None if material is None else 0,
    )
    return Mesh(nodes=(node,), materials=() if material is None else (material,), images=images)


def at(mesh: Mesh, weights: NDArray = CENTER) -> NDArray:
    return base_color(mesh, np.array([0]), weights[None])[0]


def test_without_a_material_a_surface_is_white() -> None:
    np.testing.assert_allclose(at(one(None)), [1, 1, 1, 1])


def test_background_is_zero_and_shapes_are_kept() -> None:
    faces = np.array([[0, -1], [-1, 0], [0, 0]])
    colors = base_color(one(None), faces, np.tile(CENTER, (3, 2, 1)))
    assert colors.shape == (3, 2, 4) and colors.dtype == np.float32
    np.testing.assert_allclose(colors[..., 3], faces + 1, atol=1e-6)


def test_vertex_colors_are_interpolated() -> None:
    colors = np.array([[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, 1]])
    np.testing.assert_allclose(
        at(one(None, colors=colors), np.array([0.5, 0.25, 0.25])), [0.5, 0.25, 0.25, 1]
    )


@pytest.mark.parametrize(("mode", "alpha"), [("OPAQUE", 1.0), ("MASK", 0.125), ("BLEND", 0.125)])
def test_texture_factor_and_vertex_color_multiply(mode: AlphaMode, alpha: float) -> None:
    mesh = one(
        Material(
            base_color=(0.5, 1.0, 0.25, 0.5),
            base_color_texture=TextureRef(image=0),
            alpha_mode=mode,
        ),
        images=(picture(np.tile([188, 255, 0, 128], (2, 2, 1))),),
        uv=np.zeros((3, 2)),
        colors=np.tile([0.5, 0.25, 1, 0.5], (3, 1)),
    )
    red = srgb_to_linear(np.array(188 / 255)) * 0.25
    np.testing.assert_allclose(at(mesh), [red, 0.25, 0, alpha], atol=1e-3)


def test_uv_are_interpolated_and_start_at_the_top_left() -> None:
    texels = np.zeros((2, 2, 4))
    texels[..., 3] = 255
    texels[0, 0, 0] = texels[0, 1, 1] = texels[1, 0, 2] = 255
    mesh = one(
        Material(base_color_texture=TextureRef(image=0)),
        images=(picture(texels),),
        uv=np.array([[0.25, 0.25], [1.25, 0.25], [0.25, 1.25]]),
    )
    np.testing.assert_allclose(at(mesh, np.array([1.0, 0, 0])), [1, 0, 0, 1], atol=1e-6)
    np.testing.assert_allclose(at(mesh, np.array([0.5, 0.5, 0])), [0, 1, 0, 1], atol=1e-6)
    np.testing.assert_allclose(at(mesh, np.array([0.5, 0, 0.5])), [0, 0, 1, 1], atol=1e-6)


def test_a_textured_material_on_a_node_without_uv_shows_its_factor() -> None:
    mesh = one(
        Material(base_color=(0.5, 0.5, 0.5, 1), base_color_texture=TextureRef(image=0)),
        images=(picture(np.zeros((2, 2, 3))),),
    )
    np.testing.assert_allclose(at(mesh), [0.5, 0.5, 0.5, 1])


def test_a_large_footprint_averages_the_texture() -> None:
    stripes = np.zeros((64, 64, 3))
    stripes[:, ::2] = 255
    mesh = one(
        Material(base_color_texture=TextureRef(image=0)),
        images=(picture(stripes),),
        uv=TRIANGLE[:, :2],
    )
    weights = np.random.default_rng(0).dirichlet(np.ones(3), 500)
    sharp = base_color(mesh, np.zeros(500, int), weights)[:, 0]
    surface = Surface(mesh)
    exact = surface.base_color(
        np.zeros(500, int), weights, footprint=np.full(500, 1 / 64, np.float32)
    )[:, 0]
    blurred = surface.base_color(
        np.zeros(500, int), weights, footprint=np.full(500, 4 / 64, np.float32)
    )[:, 0]
    np.testing.assert_array_equal(exact, sharp)
    assert sharp.std() > 0.2 and blurred.std() < 1e-6
    np.testing.assert_allclose(blurred, srgb_to_linear(np.array(128 / 255)), atol=1e-6)


def test_emission_is_factor_times_texture() -> None:
    mesh = one(
        Material(emissive=(1.0, 0.5, 0.0), emissive_texture=TextureRef(image=0)),
        images=(picture(np.full((1, 1, 3), 255)),),
        uv=np.zeros((3, 2)),
    )
    light = Surface(mesh).emission(np.array([0, -1]), np.stack([CENTER, CENTER]))
    np.testing.assert_allclose(light, [[1, 0.5, 0], [0, 0, 0]])
    dark = Surface(one(None)).emission(np.array([0]), CENTER[None])
    np.testing.assert_array_equal(dark, np.zeros((1, 3)))


def test_normals_are_interpolated_and_of_unit_length() -> None:
    node = one(None).nodes[0]
    normals = np.array([[1, 0, 0], [0, 2, 0], [0, 0, np.nan]], np.float32)
    surface = Surface(Mesh(nodes=(replace(node, normals=normals), node)))
    weights = np.array([[0.5, 0.25, 0.0], [0, 0, 1.0], [0.5, 0.25, 0.0], [1, 0, 0]])
    found = surface.normal(np.array([0, 0, 1, -1]), weights)
    half = np.sqrt(0.5)
    assert np.isnan(normals).any() and np.isfinite(found).all()
    np.testing.assert_allclose(found[1:], np.zeros((3, 3)))
    np.testing.assert_allclose(
        Surface(Mesh(nodes=(replace(node, normals=np.nan_to_num(normals)),))).normal(
            np.array([0]), weights[:1]
        ),
        [[half, half, 0]],
        atol=1e-6,
    )


def test_an_image_is_decoded_once_and_only_if_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    from partworks.geometry import texture

    decoded: list[Image] = []

    def count(image: Image, *, most: int) -> NDArray[np.uint8]:
        decoded.append(image)
        return np.full((1, 1, 4), 255, np.uint8)

    monkeypatch.setattr(texture, "decode_image", count)
    use = TextureRef(image=1)
    broken = Image(data=b"never read", mime="image/png")
    mesh = one(
        Material(base_color_texture=use, emissive=(1, 1, 1), emissive_texture=use),
        images=(broken, picture(np.zeros((1, 1, 3)))),
        uv=np.zeros((3, 2)),
    )
    surface = Surface(mesh)
    for _ in range(3):
        surface.base_color(np.array([0]), CENTER[None])
        surface.emission(np.array([0]), CENTER[None])
    assert decoded == [mesh.images[1]]


@requires_shared
def test_the_colors_of_a_textured_object_are_those_of_its_texture() -> None:
    mesh = read_glb(shared("assets/dev/cesium_milk_truck.glb").read_bytes())
    center, radius = bounding_sphere(mesh.vertices)
    camera = ring(1, center=center, radius=radius, size=256, azimuth_offset=0.8)[0]
    seen = EmbreeCaster(mesh.vertices, mesh.faces).cast(camera)
    colors = base_color(mesh, seen.face_id, seen.barycentric)
    assert (colors[~seen.hit] == 0).all() and (colors[seen.hit][:, 3] == 1).all()
    # White paint with a green and blue mark; an atlas read upside down would show other things.
    red, green, blue = np.moveaxis(colors[seen.hit][:, :3], 1, 0)
    assert (np.minimum(red, blue) > 0.7).mean() > 0.4
    assert ((blue > 0.5) & (red < 0.6 * blue)).mean() > 0.03
    assert ((green > 2 * blue) & (green > 0.1)).mean() > 0.03


@pytest.mark.parametrize(
    ("mode", "alpha", "cutoff", "meaning"),
    [
        ("MASK", 0.0, 0.5, "OPAQUE"),
        ("MASK", 0.5, 0.5, "MASK"),
        ("MASK", 1.0, 0.5, "MASK"),
        ("MASK", 0.0, 0.0, "MASK"),
        ("BLEND", 0.0, 0.5, "BLEND"),
        ("OPAQUE", 0.0, 0.5, "OPAQUE"),
    ],
)
def test_a_cutoff_that_hides_everything_is_taken_for_a_mistake(
    mode: AlphaMode, alpha: float, cutoff: float, meaning: AlphaMode
) -> None:
    material = Material(base_color=(1, 1, 1, alpha), alpha_mode=mode, alpha_cutoff=cutoff)
    assert alpha_meaning(material) == meaning


def bumpy(texels: NDArray, *, scale: float = 1.0, uv: bool = True) -> Mesh:
    """A triangle with a normal map, upright on it, and normals that lean a little to the front."""
    made = one(
        Material(normal_texture=TextureRef(image=0), normal_scale=scale),
        images=(picture(texels),),
        uv=TRIANGLE[:, :2] * [1, -1] if uv else None,
    )
    normals = np.tile(np.float32([0, 0, 1]), (3, 1))
    return replace(made, nodes=(replace(made.nodes[0], normals=normals),))


LEANING = np.full((1, 1, 3), [217, 128, 230])  # 0.7, 0, 0.8 in steps of 8 bits


def test_a_normal_map_bends_normals_by_its_scale() -> None:
    for scale in (1.0, 0.5, -1.0):
        found = Surface(bumpy(LEANING, scale=scale)).bumped_normal(np.array([0, -1]), [CENTER] * 2)
        expected = np.array([0.7 * scale, 0, 0.8])
        np.testing.assert_allclose(found[0], expected / np.linalg.norm(expected), atol=0.01)
        np.testing.assert_array_equal(found[1], np.zeros(3))


def test_green_leans_to_the_top_of_the_picture() -> None:
    green = np.full((1, 1, 3), [128, 217, 230])
    found = Surface(bumpy(green)).bumped_normal(np.array([0]), CENTER[None])[0]
    assert found[1] > 0.6 and abs(found[0]) < 0.01


def test_without_uvs_or_a_map_normals_stay() -> None:
    for mesh in (bumpy(LEANING, uv=False), replace(bumpy(LEANING), materials=(Material(),))):
        found = Surface(mesh).bumped_normal(np.array([0]), CENTER[None])
        np.testing.assert_array_equal(found, [[0, 0, 1]])


def test_only_the_material_with_the_map_is_bent() -> None:
    mesh = bumpy(LEANING)
    plain = replace(mesh.nodes[0], material=1)
    bare = replace(mesh.nodes[0], material=None)
    both = replace(mesh, nodes=(plain, *mesh.nodes, bare), materials=(*mesh.materials, Material()))
    found = Surface(both).bumped_normal(np.array([0, 1, 2]), np.tile(CENTER, (3, 1)))
    np.testing.assert_array_equal(found[[0, 2]], [[0, 0, 1]] * 2)
    assert found[1, 0] > 0.5


def test_bumps_finer_than_the_footprint_are_averaged() -> None:
    ridges = np.tile([[[217, 128, 230], [39, 128, 230]]], (64, 32, 1))  # leaning to and fro
    surface, weights = Surface(bumpy(ridges)), np.random.default_rng(0).dirichlet(np.ones(3), 200)
    sharp = surface.bumped_normal(np.zeros(200, int), weights)
    wide = np.full(200, 4 / 64, np.float32)
    blurred = surface.bumped_normal(np.zeros(200, int), weights, footprint=wide)
    assert sharp[:, 0].std() > 0.2
    np.testing.assert_allclose(blurred, np.tile([0, 0, 1], (200, 1)), atol=0.01)


def test_an_image_can_be_colour_and_normal_map() -> None:
    use = TextureRef(image=0)
    mesh = bumpy(np.full((1, 1, 3), 188))
    mesh = replace(mesh, materials=(Material(base_color_texture=use, normal_texture=use),))
    surface = Surface(mesh)
    color = surface.base_color(np.array([0]), CENTER[None])[0, :3]
    np.testing.assert_allclose(color, srgb_to_linear(np.array(188 / 255)), atol=1e-6)
    bent = surface.bumped_normal(np.array([0]), CENTER[None])[0]
    np.testing.assert_allclose(bent, np.full(3, np.sqrt(1 / 3)), atol=1e-6)
