from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest

from partworks.errors import Rejected
from partworks.geometry.load import LoadLimits, load_mesh
from tests.geometry.formats.dae.made_dae import NODE, PYRAMID, TRIANGLE, dae, source
from tests.geometry.made_gltf import volume
from tests.geometry.made_mesh import png

VOLUME = 2 * 2 * 3 / 3


def rejected(data: bytes, limits: LoadLimits | None = None) -> str:
    with pytest.raises(Rejected) as caught:
        load_mesh(data, "dae", limits=limits)
    return caught.value.reason


def test_a_pyramid_keeps_names_faces_and_outside() -> None:
    loaded = load_mesh(dae(), "dae")
    (node,) = loaded.mesh.nodes
    assert (node.name, node.mesh_name, loaded.warnings) == ("Roof", "Pyramid", ())
    assert len(node.faces) == 6
    assert volume(node.vertices, node.faces) == pytest.approx(VOLUME)
    # The base first: its quad is split where it stands.
    assert set(node.vertices[node.faces[:2]].reshape(-1, 3)[:, 2]) == {0.0}


def test_vertices_are_told_apart_by_all_that_they_refer_to() -> None:
    (node,) = load_mesh(dae(), "dae").mesh.nodes
    assert node.uv is not None
    pairs = np.column_stack([node.vertices, node.uv])
    assert len(np.unique(pairs, axis=0)) == len(pairs) == 11
    # COLLADA's v goes up, glTF's down.
    apex = node.uv[node.vertices[:, 2] == 3]
    np.testing.assert_array_equal(apex, [[1, 0]])


def test_the_unit_and_the_up_axis_count() -> None:
    asset = '<unit name="centimeter" meter="0.01"/><up_axis>Z_UP</up_axis>'
    mesh = load_mesh(dae(asset=asset), "dae").mesh
    np.testing.assert_allclose(mesh.bounds, [[0, 0, -0.02], [0.02, 0.03, 0]], atol=1e-9)
    assert volume(mesh.vertices, mesh.faces) == pytest.approx(VOLUME * 1e-6)
    sideways = load_mesh(dae(asset="<up_axis>X_UP</up_axis>"), "dae").mesh
    np.testing.assert_allclose(sideways.bounds, [[-2, 0, 0], [0, 2, 3]])
    assert volume(sideways.vertices, sideways.faces) == pytest.approx(VOLUME)


@pytest.mark.parametrize("unit", ["0", "-1", "nan", "many"])
def test_a_unit_of_nonsense_is_one(unit: str) -> None:
    mesh = load_mesh(dae(asset=f'<unit meter="{unit}"/>'), "dae").mesh
    assert volume(mesh.vertices, mesh.faces) == pytest.approx(VOLUME)


def test_placement_is_baked_and_mirrors_keep_the_outside_out() -> None:
    place = "<translate>10 0 0</translate><scale>2 1 -1</scale>"
    inner = f'<node name="Outer"><rotate>0 0 1 90</rotate>{NODE.format(place=place)}</node>'
    mesh = load_mesh(dae(nodes=inner), "dae").mesh
    np.testing.assert_allclose(mesh.bounds, [[-2, 10, -3], [0, 14, 0]], atol=1e-5)
    assert volume(mesh.vertices, mesh.faces) == pytest.approx(2 * VOLUME)
    assert mesh.nodes[0].name == "Roof"


def test_nodes_of_a_library_are_instanced() -> None:
    library = f"<library_nodes>{NODE.format(place='')}</library_nodes>"
    use = '<node name="{0}"><translate>{1} 0 0</translate><instance_node url="#n"/></node>'
    nodes = use.format("a", 0) + use.format("b", 7)
    text = dae(nodes=nodes).replace(b"<library_visual", library.encode() + b"<library_visual")
    loaded = load_mesh(text, "dae").mesh
    assert [node.name for node in loaded.nodes] == ["Roof", "Roof"]
    moved = loaded.nodes[0].vertices + np.float32([7, 0, 0])
    np.testing.assert_array_equal(loaded.nodes[1].vertices, moved)


def test_a_skin_stands_as_it_was_bound() -> None:
    bind = "2 0 0 5  0 2 0 0  0 0 2 0  0 0 0 1"
    joints = source("w", "1", ["WEIGHT"])
    skin = f"""<library_controllers><controller id="c"><skin source="#g">
<bind_shape_matrix>{bind}</bind_shape_matrix>
<source id="j"><Name_array id="j-a" count="1">bone</Name_array><technique_common>
<accessor source="#j-a" count="1" stride="1"><param name="JOINT" type="name"/></accessor>
</technique_common></source>
<source id="b"><float_array id="b-a" count="16">1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1</float_array>
<technique_common><accessor source="#b-a" count="1" stride="16">
<param name="TRANSFORM" type="float4x4"/></accessor></technique_common></source>{joints}
<joints><input semantic="JOINT" source="#j"/>
<input semantic="INV_BIND_MATRIX" source="#b"/></joints>
<vertex_weights count="5"><input semantic="JOINT" source="#j" offset="0"/>
<input semantic="WEIGHT" source="#w" offset="1"/><vcount>1 1 1 1 1</vcount>
<v>0 0 0 0 0 0 0 0 0 0</v></vertex_weights></skin></controller></library_controllers>"""
    node = """<node name="Body"><translate>99 0 0</translate>
<instance_controller url="#c"/></node>"""
    text = dae(nodes=node).replace(b"<library_visual", skin.encode() + b"<library_visual")
    mesh = load_mesh(text, "dae").mesh
    np.testing.assert_allclose(mesh.bounds, [[5, 0, 0], [9, 4, 6]])
    assert mesh.nodes[0].name == "Body"


def test_materials_and_their_pictures() -> None:
    parameters = """<newparam sid="surface"><surface type="2D"><init_from>i</init_from></surface>
</newparam><newparam sid="sampler"><sampler2D><source>surface</source></sampler2D></newparam>"""
    effect = '<diffuse><texture texture="sampler" texcoord="UV"/></diffuse>'
    images = r"""<library_images><image id="i"><init_from>file:///C:/maps/wood%20.png</init_from>
</image></library_images>"""
    data = dae(effect=effect, parameters=parameters, libraries=images)
    loaded = load_mesh(data, "dae", files={"textures/wood .png": png()})
    (material,) = loaded.mesh.materials
    assert material.name == "Paint"
    assert material.base_color_texture is not None
    assert loaded.mesh.images[0].data == png()
    assert load_mesh(data, "dae").warnings == ("missing_texture",)
    (plain,) = load_mesh(dae(), "dae").mesh.materials
    assert plain.base_color == (0.5, 0.25, 0.125, 1.0)
    assert plain.metallic == 0.0


@pytest.mark.parametrize(
    ("transparent", "opacity"),
    [
        ("", 1.0),
        ("<transparency><float>0.25</float></transparency>", 0.25),
        ("<transparency><float>0</float></transparency>", 1.0),
        ('<transparent opaque="A_ONE"><color>0 0 0 0.5</color></transparent>', 0.5),
        ('<transparent opaque="RGB_ZERO"><color>0.5 0.5 0.5 1</color></transparent>', 0.5),
    ],
)
def test_opacity(transparent: str, opacity: float) -> None:
    effect = "<diffuse><color>1 1 1 1</color></diffuse>" + transparent
    (material,) = load_mesh(dae(effect=effect), "dae").mesh.materials
    assert material.base_color[3] == pytest.approx(opacity, abs=1e-4)
    assert material.alpha_mode == ("BLEND" if opacity < 1 else "OPAQUE")


def test_lines_beside_faces_are_noted() -> None:
    lines = TRIANGLE.replace("triangles", "lines").replace("0 1 4", "0 1")
    assert load_mesh(dae(primitives=PYRAMID + lines), "dae").warnings == (
        "ignored_points_or_lines",
    )
    assert rejected(dae(primitives=lines)) == "lines_only"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<html>no such file</html>", "not_a_model"),
        (dae()[:700], "invalid_dae"),
        (dae(head='<!DOCTYPE x [<!ENTITY a "aaaa">]>'), "unsafe_path"),
        (dae(head='<!DOCTYPE x SYSTEM "file:///etc/hostname">'), "unsafe_path"),
        (dae(head="<!DOCTYPE x>").decode().encode("utf-16"), "unsafe_path"),
        (dae(primitives=TRIANGLE.replace("0 1 4", "0 1 5")), "invalid_dae"),
        (dae(primitives=TRIANGLE.replace("0 1 4", "0 1 -1")), "index_out_of_range"),
        (dae(primitives=TRIANGLE.replace("0 1 4", "0 1")), "invalid_dae"),
        (dae(primitives=PYRAMID.replace("4 3 3 3 3", "4 3 3 3 9")), "invalid_dae"),
        (dae(primitives=PYRAMID.replace("4 3 3 3 3", "4 -3 3 3 9")), "invalid_dae"),
        (dae(nodes=""), "no_faces"),
        (dae(nodes=NODE.format(place="").replace("#g", "#gone")), "invalid_dae"),
        (dae(nodes=NODE.format(place="").replace("#g", "http://localhost/g")), "invalid_dae"),
    ],
)
def test_broken_and_hostile_files_are_named(data: bytes, reason: str) -> None:
    assert rejected(data) == reason


def test_an_archive_behind_the_xml_is_not_unpacked() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("other.dae", dae())
    assert rejected(dae() + packed.getvalue()) == "not_a_model"


def test_nodes_in_nodes_cannot_multiply_without_end() -> None:
    """Thirty nodes that each hold the one before twice stand for a thousand million."""
    library = NODE.format(place="").replace('id="n"', 'id="n0"')
    for level in range(1, 31):
        library += f'<node id="n{level}">' + f'<instance_node url="#n{level - 1}"/>' * 2 + "</node>"
    nodes = '<node><instance_node url="#n30"/></node>'
    text = dae(nodes=nodes).replace(
        b"<library_visual", f"<library_nodes>{library}</library_nodes><library_visual".encode()
    )
    assert rejected(text) == "too_many_nodes"
    assert rejected(text, LoadLimits(max_faces=100)) in ("too_many_faces", "too_many_nodes")
    assert rejected(dae(), LoadLimits(max_faces=5)) == "too_many_faces"


def test_random_damage_never_raises_anything_else() -> None:
    generator = np.random.default_rng(11)
    whole = np.frombuffer(dae(), np.uint8)
    outcomes = set()
    for _ in range(150):
        broken = whole.copy()
        broken[generator.integers(60, len(broken), 2)] = generator.integers(32, 127, 2)
        try:
            load_mesh(broken.tobytes(), "dae")
            outcomes.add("loaded")
        except Rejected:
            outcomes.add("rejected")
    assert outcomes == {"loaded", "rejected"}
