from typing import Any

import pytest

from partworks.geometry.formats.mtl import MtlLibrary
from partworks.geometry.limits import LoadLimits
from partworks.geometry.mesh import Material, TextureRef
from partworks.geometry.pictures import Pictures
from partworks.geometry.side_files import SideFiles
from tests.geometry.made_mesh import png


def library(text: str, *, name: str = "a.mtl", **files: bytes) -> tuple[MtlLibrary, list[str]]:
    words: list[str] = []
    every = {"lib/a.mtl": text.encode(), **{k.replace("__", "/"): v for k, v in files.items()}}
    found = MtlLibrary(
        SideFiles(
            {key.replace("_png", ".png"): value for key, value in every.items()}, max_bytes=9999
        ),
        read_picture=Pictures(LoadLimits(), words.append).read,
        warn=words.append,
    )
    found.add(name)
    return found, words


def material(statements: str, **files: bytes) -> tuple[Material, list[str]]:
    found, words = library(f"newmtl m\n{statements}\n", **files)
    return found.material("m"), words


def test_phong_becomes_metal_free_roughness() -> None:
    found, words = material("Kd 0.1 0.2 0.3\nNs 250\nKs 1 1 1\nKe 0 0 2\nillum 2")
    assert found == Material(
        name="m",
        base_color=(0.1, 0.2, 0.3, 1.0),
        metallic=0.0,
        roughness=0.5,
        emissive=(0.0, 0.0, 1.0),
        double_sided=True,
    )
    assert words == []


@pytest.mark.parametrize(
    ("statements", "field", "expected"),
    [
        ("Ns 0", "roughness", 1.0),
        ("Ns 1000", "roughness", 0.0),
        ("Ns nonsense", "roughness", 0.5),
        ("Pr 0.3\nNs 1000", "roughness", 0.3),
        ("Pm 0.9", "metallic", 0.9),
        ("Kd 0.5", "base_color", (0.5, 0.5, 0.5, 1.0)),
        ("Kd 0.5 nan 1", "base_color", (0.8, 0.8, 0.8, 1.0)),
        ("Kd spectral file.rfl", "base_color", (0.8, 0.8, 0.8, 1.0)),
        ("Kd", "base_color", (0.8, 0.8, 0.8, 1.0)),
        ("d 0.25", "base_color", (0.8, 0.8, 0.8, 0.25)),
        ("d -halo 0.25", "base_color", (0.8, 0.8, 0.8, 0.25)),
        ("Tr 0.75", "base_color", (0.8, 0.8, 0.8, 0.25)),
        ("d 0", "base_color", (0.8, 0.8, 0.8, 1.0)),
        ("d 0.25", "alpha_mode", "BLEND"),
        ("d 1", "alpha_mode", "OPAQUE"),
    ],
)
def test_statements(statements: str, field: str, expected: Any) -> None:
    found, _ = material(statements)
    assert getattr(found, field) == pytest.approx(expected)


def test_maps_are_found_beside_the_library_or_by_their_name() -> None:
    lines = [
        "Kd 0 0 0\nmap_Kd wood.png",
        "Kd 0 0 0\nmap_Kd -s 2 2 2 -o 0.5 -bm 1 C:\\maps\\wood.png",
        "Kd 0 0 0\nmap_Kd -mm 0 1 ../lib/wood.png",
    ]
    for line in lines:
        found, words = material(line, lib__wood_png=png())
        assert found.base_color == (1.0, 1.0, 1.0, 1.0)
        assert found.base_color_texture == TextureRef(image=0)
        assert words == []


def test_map_options_and_names_with_spaces() -> None:
    found, words = library("newmtl m\nmap_Kd -clamp on my wood.png")
    assert found.material("m").base_color_texture is None
    assert words == ["missing_texture"]
    files = SideFiles({"my wood.png": png(), "a.mtl": b"newmtl m\nmap_Kd -clamp on my wood.png"},
                      max_bytes=9999)  # fmt: skip
    spaced = MtlLibrary(
        files, read_picture=Pictures(LoadLimits(), words.append).read, warn=words.append
    )
    spaced.add("a.mtl")
    use = spaced.material("m").base_color_texture
    assert use == TextureRef(image=0, wrap_u="clamp", wrap_v="clamp")


def test_an_opacity_map_masks_and_pictures_are_shared() -> None:
    found, _ = library(
        "newmtl a\nmap_Kd wood.png\nmap_d wood.png\nnewmtl b\nmap_Ke wood.png\nnorm wood.png",
        lib__wood_png=png(),
    )
    assert found.material("a").alpha_mode == "MASK"
    second = found.material("b")
    assert second.emissive_texture == second.normal_texture == TextureRef(image=0)
    assert len(found.images) == 1


def test_missing_libraries_and_materials() -> None:
    found, words = library("", name="none.mtl")
    assert words == ["missing_material_file"]
    assert found.material("бук").name == "бук"


def test_several_libraries_on_one_line() -> None:
    found, words = library("newmtl m\nKd 1 0 0", name="none.mtl a.mtl")
    assert words == ["missing_material_file"]
    assert found.material("m").base_color == (1.0, 0.0, 0.0, 1.0)
