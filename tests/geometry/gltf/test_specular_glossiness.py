from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from partworks.geometry.gltf.specular_glossiness import DIELECTRIC, to_metallic_roughness
from partworks.geometry.image_sampling import decode_image, srgb_to_linear
from partworks.geometry.load import load_mesh
from partworks.geometry.mesh import Material, Mesh
from tests.geometry.made_gltf import tetrahedron

UV = np.array([[0, 0], [1, 0], [0, 1], [0.25, 0.5]], np.float32)


def there_and_back(base: Any, metallic: Any) -> None:
    """The extension's own formulae in the other direction."""
    base, metallic = np.atleast_2d(base), np.atleast_1d(metallic)
    specular = DIELECTRIC * (1 - metallic[:, None]) + base * metallic[:, None]
    diffuse = (
        base * (1 - DIELECTRIC) * (1 - metallic[:, None]) / (1 - specular.max(axis=1))[:, None]
    )
    found, metal = to_metallic_roughness(diffuse, specular)
    np.testing.assert_allclose(metal, metallic, atol=1e-6)
    np.testing.assert_allclose(found, base, atol=1e-5)


def test_greys_and_pure_materials_go_there_and_back() -> None:
    greys = np.linspace(0.1, 0.9, 9)[:, None].repeat(3, axis=1)
    there_and_back(greys, np.ones(9))
    there_and_back(greys, np.zeros(9))
    there_and_back(np.random.default_rng(2).uniform(0.1, 0.9, (50, 3)), np.zeros(50))
    there_and_back(np.random.default_rng(3).uniform(0.3, 0.9, (50, 3)), np.ones(50))


def png(texels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Pillow.fromarray(texels.astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def load(glossy: dict[str, Any], *pictures: np.ndarray) -> tuple[Material, Mesh, tuple[str, ...]]:
    made = tetrahedron(TEXCOORD_0=UV)
    made.json["images"] = [
        {"bufferView": made.view(png(p)), "mimeType": "image/png"} for p in pictures
    ]
    made.json["textures"] = [{"source": index} for index in range(len(pictures))]
    made.json["materials"] = [{"extensions": {"KHR_materials_pbrSpecularGlossiness": glossy}}]
    made.json["meshes"][0]["primitives"][0]["material"] = 0
    loaded = load_mesh(made.to_glb(), "glb")
    return loaded.mesh.materials[0], loaded.mesh, loaded.warnings


def test_gold_by_its_factors() -> None:
    gold = [1.0, 0.766, 0.336]
    material, _, _ = load(
        {"diffuseFactor": [0, 0, 0, 0.5], "specularFactor": gold, "glossinessFactor": 0.75}
    )
    assert material.metallic == 1.0
    assert material.roughness == 0.25
    np.testing.assert_allclose(material.base_color, [*gold, 0.5], atol=1e-9)


def test_who_says_nothing_of_specular_light_means_no_metal() -> None:
    material, mesh, _ = load({"diffuseFactor": [0.5, 0.25, 0.125, 1]})
    assert (material.base_color, material.metallic) == ((0.5, 0.25, 0.125, 1.0), 0.0)
    assert material.roughness == 0.0
    assert mesh.images == ()


def test_textures_are_converted_texel_by_texel() -> None:
    """Left half red plastic of gloss 0.2, right half gold of gloss 1."""
    diffuse, specular = np.zeros((2, 4, 4)), np.zeros((2, 4, 4))
    diffuse[..., 3] = 255
    diffuse[:, :2, 0] = 200
    diffuse[:, :2, 3] = 128
    specular[:, :2] = [56, 56, 56, 51]
    specular[:, 2:] = [255, 226, 157, 255]
    material, mesh, warnings = load(
        {"diffuseTexture": {"index": 0}, "specularGlossinessTexture": {"index": 1}},
        diffuse,
        specular,
    )
    assert warnings == ()
    assert material.base_color_texture is not None
    assert material.metallic_roughness_texture is not None
    assert (material.metallic, material.roughness) == (1.0, 1.0)
    base = decode_image(mesh.images[material.base_color_texture.image])
    surface = decode_image(mesh.images[material.metallic_roughness_texture.image])
    np.testing.assert_allclose(base[:, :2], np.broadcast_to([200, 0, 0, 128], (2, 2, 4)), atol=2)
    np.testing.assert_allclose(
        base[:, 2:], np.broadcast_to([255, 226, 157, 255], (2, 2, 4)), atol=1
    )
    np.testing.assert_array_equal(surface[:, :2, 1:3], np.broadcast_to([204, 0], (2, 2, 2)))
    np.testing.assert_array_equal(surface[:, 2:, 1:3], np.broadcast_to([0, 255], (2, 2, 2)))


def test_pictures_of_two_sizes_become_one() -> None:
    _, mesh, _ = load(
        {"diffuseTexture": {"index": 0}, "specularGlossinessTexture": {"index": 1}},
        np.full((2, 2, 3), 90),
        np.full((8, 4, 4), 10),
    )
    assert [decode_image(image).shape for image in mesh.images[-2:]] == [(8, 4, 4), (8, 4, 4)]


@pytest.mark.parametrize("level", [0, 10, 128, 255])
def test_a_black_specular_texture_leaves_the_diffuse_colour(level: int) -> None:
    """All that is not reflected at the surface is diffuse: base × (1 − 0.04) is what is seen."""
    _, mesh, _ = load(
        {"diffuseTexture": {"index": 0}, "specularGlossinessTexture": {"index": 1}},
        np.full((2, 2, 3), level),
        np.concatenate([np.zeros((2, 2, 3)), np.full((2, 2, 1), 255)], axis=2),
    )
    seen = srgb_to_linear(decode_image(mesh.images[-2])[0, 0, :3] / 255) * (1 - DIELECTRIC)
    expected = np.minimum(srgb_to_linear(np.full(3, level / 255)), 1 - DIELECTRIC)
    np.testing.assert_allclose(seen, expected, atol=0.005)
