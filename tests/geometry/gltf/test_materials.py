import io
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from partworks.errors import Rejected
from partworks.geometry.load import Loaded, LoadLimits, load_mesh
from partworks.geometry.mesh import Material, TextureRef
from tests.geometry.made_gltf import MadeGltf, tetrahedron
from tests.geometry.made_mesh import jpeg, png

UV = np.array([[0, 0], [1, 0], [0, 1], [0.25, 0.5]], np.float32)


def webp() -> bytes:
    buffer = io.BytesIO()
    Pillow.open(io.BytesIO(png((10, 20, 30)))).save(buffer, "WEBP", lossless=True)
    return buffer.getvalue()


def textured(material: dict[str, Any], **tables: Any) -> MadeGltf:
    """A tetrahedron with two UV sets, two images (PNG and JPEG) and a texture of each."""
    made = tetrahedron(TEXCOORD_0=UV, TEXCOORD_1=1 - UV)
    made.json["materials"] = [material]
    made.json["textures"] = [{"source": 0}, {"source": 1}]
    made.json["images"] = [
        {"bufferView": made.view(png()), "mimeType": "image/jpeg", "name": "first"},
        {"bufferView": made.view(jpeg())},
    ]
    made.json["meshes"][0]["primitives"][0]["material"] = 0
    made.json.update(tables)
    return made


def load(made: MadeGltf, files: dict[str, bytes] | None = None) -> Loaded:
    return load_mesh(made.to_glb(), "glb", files=files)


def one(made: MadeGltf, files: dict[str, bytes] | None = None) -> tuple[Material, Loaded]:
    loaded = load(made, files)
    (material,) = loaded.mesh.materials
    return material, loaded


def base(**info: Any) -> dict[str, Any]:
    return {"pbrMetallicRoughness": {"baseColorTexture": {"index": 0, **info}}}


def test_every_factor_and_texture() -> None:
    material, loaded = one(
        textured(
            {
                "name": "paint",
                "pbrMetallicRoughness": {
                    "baseColorFactor": [0.5, 0.25, 2, 0.125],
                    "baseColorTexture": {"index": 0},
                    "metallicFactor": 0.75,
                    "roughnessFactor": -1,
                    "metallicRoughnessTexture": {"index": 1},
                },
                "normalTexture": {"index": 1, "scale": 0.3},
                "occlusionTexture": {"index": 1},
                "emissiveFactor": [0, 0.5, 1],
                "emissiveTexture": {"index": 0},
                "alphaMode": "MASK",
                "alphaCutoff": 0.7,
                "doubleSided": True,
            }
        )
    )
    assert material == Material(
        name="paint",
        base_color=(0.5, 0.25, 1.0, 0.125),
        base_color_texture=TextureRef(image=0),
        metallic=0.75,
        roughness=0.0,
        metallic_roughness_texture=TextureRef(image=1),
        normal_texture=TextureRef(image=1),
        normal_scale=0.3,
        occlusion_texture=TextureRef(image=1),
        emissive=(0.0, 0.5, 1.0),
        emissive_texture=TextureRef(image=0),
        alpha_mode="MASK",
        alpha_cutoff=0.7,
        double_sided=True,
    )
    first, second = loaded.mesh.images
    # The bytes decide what a picture is, whatever the file calls it.
    assert (first.data, first.mime, first.name) == (png(), "image/png", "first")
    assert (second.data, second.mime) == (jpeg(), "image/jpeg")
    assert loaded.warnings == ()


def test_what_no_face_uses_is_not_read() -> None:
    made = textured({}, materials=[{"name": "unused", **base()}, {"name": "used"}])
    made.json["meshes"][0]["primitives"][0]["material"] = 1
    made.json["images"][0] = {"uri": "missing.png"}
    loaded = load(made)
    assert loaded.warnings == ()
    assert [material.name for material in loaded.mesh.materials] == ["used"]
    assert loaded.mesh.images == ()
    assert loaded.mesh.nodes[0].material == 0


def test_wrap_modes() -> None:
    samplers = [{"wrapS": 33071, "wrapT": 33648}]
    made = textured(base(), samplers=samplers, textures=[{"source": 1, "sampler": 0}])
    material, _ = one(made)
    assert material.base_color_texture == TextureRef(image=0, wrap_u="clamp", wrap_v="mirror")


def test_the_base_colour_chooses_the_uv_set() -> None:
    material, loaded = one(textured({**base(texCoord=1), "normalTexture": {"index": 1}}))
    np.testing.assert_array_equal(loaded.mesh.nodes[0].uv, 1 - UV)
    assert material.base_color_texture is not None
    assert material.normal_texture is None
    assert loaded.warnings == ("dropped_texture",)
    assert len(loaded.mesh.images) == 1


def test_texture_transforms_are_baked() -> None:
    """The first example of KHR_texture_transform: the lower left quadrant, turned by 90 degrees."""
    transform = {"offset": [0, 1], "rotation": np.pi / 2, "scale": [0.5, 0.5]}
    _, loaded = one(textured(base(extensions={"KHR_texture_transform": transform})))
    uv = loaded.mesh.nodes[0].uv
    expected = np.stack([UV[:, 1] / 2, 1 - UV[:, 0] / 2], axis=1)
    np.testing.assert_allclose(uv, expected, atol=1e-7)


def test_texture_transforms_scale_before_they_turn() -> None:
    transform = {"rotation": np.pi / 2, "scale": [2, 3], "texCoord": 1}
    _, loaded = one(textured(base(extensions={"KHR_texture_transform": transform})))
    other = 1 - UV
    expected = np.stack([3 * other[:, 1], -2 * other[:, 0]], axis=1)
    np.testing.assert_allclose(loaded.mesh.nodes[0].uv, expected, atol=1e-6)


def test_specular_glossiness_becomes_a_rough_metal_free_material() -> None:
    glossy = {
        "diffuseFactor": [0.1, 0.2, 0.3, 1],
        "diffuseTexture": {"index": 1},
        "glossinessFactor": 0.25,
    }
    material, _ = one(textured({"extensions": {"KHR_materials_pbrSpecularGlossiness": glossy}}))
    assert material.base_color == (0.1, 0.2, 0.3, 1.0)
    assert material.base_color_texture == TextureRef(image=0)
    assert (material.metallic, material.roughness) == (0.0, 0.75)


def test_webp_becomes_png_with_the_same_pixels() -> None:
    made = textured(base(), textures=[{"extensions": {"EXT_texture_webp": {"source": 0}}}])
    made.json["images"] = [{"bufferView": made.view(webp()), "mimeType": "image/webp"}]
    loaded, again = load(made), load(made)
    (image,) = loaded.mesh.images
    assert image.mime == "image/png"
    assert image.data == again.mesh.images[0].data
    assert np.asarray(Pillow.open(io.BytesIO(image.data)))[0, 0].tolist() == [10, 20, 30]


def test_a_plain_picture_is_taken_before_its_webp_twin() -> None:
    made = textured(base())
    made.json["textures"] = [{"source": 0, "extensions": {"EXT_texture_webp": {"source": 1}}}]
    assert load(made).mesh.images[0].data == png()
    made.json["images"][0] = {"uri": "missing.png"}
    loaded = load(made)
    assert loaded.mesh.images[0].data == jpeg()
    assert loaded.warnings == ("missing_texture",)


@pytest.mark.parametrize(
    ("image", "warning"),
    [
        ({"uri": "missing.png"}, "missing_texture"),
        ({}, "missing_texture"),
        ({"uri": "data:image/png;base64,AAAA"}, "unreadable_texture"),
        ({"uri": "data:image/ktx2;base64,q0tUWCAyMLsNChoK"}, "unreadable_texture"),
        ({"uri": "data:image/ktx2;base64,q0tUWCAyMLsNChoK" + "A" * 108}, "unsupported_texture"),
        ({"uri": "cut.jpg"}, "unreadable_texture"),
    ],
)
def test_textures_that_cannot_be_had_are_left_out(image: dict[str, Any], warning: str) -> None:
    made = textured(base())
    made.json["images"][0] = image
    material, loaded = one(made, {"cut.jpg": jpeg()[:-100]})
    assert material.base_color_texture is None
    assert loaded.warnings == (warning,)
    assert loaded.mesh.images == ()


def test_pictures_in_side_files_and_data_uris() -> None:
    made = textured(base())
    made.json["images"][0] = {"uri": "./maps/a%20b.png"}
    assert load(made, {"maps/A b.png": png((1, 2, 3))}).mesh.images[0].data == png((1, 2, 3))


def test_gpu_textures_are_named() -> None:
    made = textured(base(), textures=[{"extensions": {"KHR_texture_basisu": {"source": 0}}}])
    basis = made.view(b"\xabKTX 20\xbb\r\n\x1a\n" + bytes(80))
    made.json["images"][0] = {"bufferView": basis, "mimeType": "image/ktx2"}
    assert load(made).warnings == ("unsupported_texture",)


def test_a_plain_picture_is_taken_instead_of_a_gpu_texture() -> None:
    both = {"source": 1, "extensions": {"KHR_texture_basisu": {"source": 0}}}
    material, loaded = one(textured(base(), textures=[both]))
    assert loaded.warnings == ()
    assert loaded.mesh.images[0].mime == "image/jpeg"
    assert material.base_color_texture == TextureRef(image=0)


def test_a_gpu_texture_is_taken_instead_of_what_cannot_be_read() -> None:
    made = textured(base())
    made.json["images"][1] = {"uri": "gone.jpg"}
    made.json["textures"] = [{"source": 1, "extensions": {"MSFT_texture_dds": {"source": 0}}}]
    material, loaded = one(made)
    assert material.base_color_texture == TextureRef(image=0)
    assert loaded.mesh.images[0].data == png()


@pytest.mark.parametrize(("strength", "glow"), [(None, 0.25), (2.0, 0.5), (100.0, 1.0), (0.0, 0.0)])
def test_emission_has_a_strength(strength: float | None, glow: float) -> None:
    entry: dict[str, Any] = {"emissiveFactor": [0.25, 0.25, 0.0]}
    if strength is not None:
        told = {"emissiveStrength": strength}
        entry["extensions"] = {"KHR_materials_emissive_strength": told}
    material, _ = one(textured(entry))
    assert material.emissive == (glow, glow, 0.0)


@pytest.mark.parametrize(
    ("material", "tables", "reason"),
    [
        ({"pbrMetallicRoughness": {"baseColorTexture": {"index": 5}}}, {}, "dangling_reference"),
        (base(), {"textures": [{"source": 9}]}, "dangling_reference"),
        (base(), {"textures": [{"source": 0, "sampler": 0}]}, "dangling_reference"),
        (base(), {"images": [{"bufferView": 99}]}, "dangling_reference"),
        (base(), {"images": [{"uri": "../secret.png"}]}, "unsafe_path"),
        (base(), {"images": [{"uri": "http://localhost/a.png"}]}, "unsafe_path"),
        (base(), {"images": [{"uri": "data:nonsense"}]}, "invalid_data_uri"),
        ({"alphaMode": "GLOW"}, {}, "invalid_gltf"),
        ({"emissiveFactor": [1, 2]}, {}, "invalid_gltf"),
        ({"pbrMetallicRoughness": []}, {}, "invalid_gltf"),
    ],
)
def test_broken_materials_are_named(
    material: dict[str, Any], tables: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Rejected) as caught:
        load(textured(material, **tables))
    assert caught.value.reason == reason


def test_large_pictures_are_refused_before_they_are_decoded() -> None:
    made = textured(base())
    with pytest.raises(Rejected, match=r"too_large.*'first' has 4 × 4 pixels, the limit is 15"):
        load_mesh(made.to_glb(), "glb", limits=LoadLimits(max_image_pixels=15))
