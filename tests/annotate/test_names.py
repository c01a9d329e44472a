from dataclasses import replace

import numpy as np
import trimesh

from annotate.names import part_names
from partworks.geometry.mesh import Mesh, MeshNode
from tests.annotate.shapes import boxes, table


def names_of(mesh: Mesh, labels: np.ndarray) -> tuple[str, ...]:
    return part_names(mesh, labels.astype(np.int32), generator=np.random.default_rng(0))


def test_legs_are_told_apart_by_their_places() -> None:
    mesh = table()
    assert names_of(mesh, mesh.face_node) == (
        "table top",
        "back left leg",
        "back right leg",
        "front left leg",
        "front right leg",
    )


def test_a_name_that_all_parts_share_gives_way_to_forms() -> None:
    mesh = table()
    one = Mesh(nodes=(MeshNode(vertices=mesh.vertices, faces=mesh.faces, name="Table"),))
    assert names_of(one, mesh.face_node) == (
        "plate",
        "back left bar",
        "back right bar",
        "front left bar",
        "front right bar",
    )


def test_a_whole_object_keeps_its_name() -> None:
    mesh = boxes(((1, 1, 1), (0, 0, 0), "Treasure_Chest"))
    assert names_of(mesh, np.zeros(12)) == ("treasure chest",)


def test_mesh_names_and_then_materials_stand_in() -> None:
    nodes = boxes(
        ((1, 1, 1), (0, 0, 0), "Object_1"),
        ((1, 1, 1), (3, 0, 0), "Object_2"),
        materials=("Brass.001", "Oak"),
    )
    assert names_of(nodes, nodes.face_node) == ("brass", "oak")
    named = [
        replace(node, mesh_name=name)
        for node, name in zip(nodes.nodes, ("lid", "jar"), strict=True)
    ]
    meshes = Mesh(nodes=tuple(named), materials=nodes.materials)
    assert names_of(meshes, meshes.face_node) == ("lid", "jar")


def test_the_name_of_most_of_the_area_wins_and_dropped_faces_have_no_say() -> None:
    mesh = boxes(
        ((1, 1, 1), (0, 0, 0), "seat"),
        ((0.1, 0.1, 0.1), (0, 1, 0), "screw"),
        ((9, 9, 9), (0, 20, 0), "sky"),
        ((1, 1, 1), (3, 0, 0), "stool"),
    )
    labels = np.asarray([0, 0, -1, 1])[mesh.face_node]
    assert names_of(mesh, labels) == ("seat", "stool")


def test_namesakes_in_one_place_are_numbered() -> None:
    lump = trimesh.creation.icosphere(subdivisions=2).apply_scale((1, 0.8, 0.6))
    node = MeshNode(vertices=lump.vertices.astype(np.float32), faces=lump.faces.astype(np.int32))
    mesh = Mesh(nodes=(node, node))
    assert names_of(mesh, mesh.face_node) == ("part 1", "part 2")
