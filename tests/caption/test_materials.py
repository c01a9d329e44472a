import numpy as np
import pytest
import trimesh

from caption.materials import dominant_material, material_word
from partworks.geometry.mesh import Material, TextureRef
from tests.caption.shapes import WHITE, dull, object_of


@pytest.mark.parametrize(
    ("material", "word"),
    [
        (Material(), ""),
        (Material(name="Oak_Planks.001"), "wooden"),
        (Material(name="SheenChair_metal"), "metal"),
        (Material(name="glass", metallic=0.0, roughness=0.0), "glass"),
        (dull(WHITE), ""),
        (dull(WHITE, metallic=1.0, roughness=0.4), "metallic"),
        (dull(WHITE, metallic=1.0, roughness=1.0), ""),
        (dull(WHITE, roughness=0.1), "glossy"),
        (dull(WHITE, roughness=0.1, metallic_roughness_texture=TextureRef(image=0)), ""),
        (dull((1, 1, 1, 0.2), alpha_mode="BLEND"), "transparent"),
        (dull((1, 1, 1, 0.2), alpha_mode="OPAQUE"), ""),
    ],
)
def test_words(material: Material, word: str) -> None:
    assert material_word(material) == word


def test_most_of_the_samples_decide() -> None:
    box = trimesh.creation.box()
    mesh = object_of(
        (box, (0, 0, 0), Material(name="wood")),
        (box, (2, 0, 0), Material(name="oak")),
        (box, (4, 0, 0), Material(name="brass")),
    )
    faces = np.asarray([0, 12, 24, 25])
    assert dominant_material(mesh, faces[:3]) == "wooden"
    assert dominant_material(mesh, faces) == ""
    assert dominant_material(mesh, faces[:0]) == ""
