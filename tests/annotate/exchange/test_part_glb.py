from dataclasses import replace

import numpy as np
import pytest
import trimesh

from annotate.exchange.part_glb import read_parts_glb
from partworks.errors import UsageError
from partworks.geometry.glb import read_glb, write_glb
from partworks.geometry.load import load_mesh
from partworks.geometry.mesh import Mesh, MeshNode
from partworks.geometry.submesh import extract_faces, write_parts_glb
from tests.annotate.shapes import boxes, table
from tests.shared_assets import requires_shared, shared

LABELS = np.asarray([0, 1, 2, 1, 2], np.int32)
NAMES = ("top", "left", "right")


def parted(mesh: Mesh) -> bytes:
    return write_parts_glb(mesh, LABELS[mesh.face_node], NAMES)


def shuffled(data: bytes, seed: int) -> bytes:
    """Nodes, faces, corners and vertices in another order, as a tool may write them."""
    random = np.random.default_rng(seed)
    nodes = []
    for node in read_glb(data).nodes:
        order = random.permutation(len(node.vertices))
        rank = np.argsort(order).astype(np.int32)
        faces = rank[node.faces][random.permutation(len(node.faces))]
        turned = np.stack([np.roll(face, random.integers(3)) for face in faces])
        nodes.append(replace(node, vertices=node.vertices[order], faces=turned, normals=None))
    random.shuffle(nodes)
    return write_glb(Mesh(nodes=tuple(nodes)))


@pytest.mark.parametrize("seed", range(5))
def test_parts_come_back_whatever_the_order(seed: int) -> None:
    mesh = table()
    edited = read_parts_glb(mesh, shuffled(parted(mesh), seed))
    names = [edited.names[label] for label in edited.face_labels]
    assert names == [NAMES[label] for label in LABELS[mesh.face_node]]


def test_renamed_joined_and_separated_parts_are_what_they_are_now() -> None:
    mesh = table()
    nodes = [
        replace(node, name=name, mesh_name=f"{name}.mesh")
        for node, name in zip(
            mesh.nodes, ("board", "legs", "legs", "leg.001", "leg.002"), strict=True
        )
    ]
    edited = read_parts_glb(mesh, write_glb(Mesh(nodes=tuple(nodes))))
    assert edited.names == ("board", "legs", "leg.001", "leg.002")
    assert edited.face_labels.tolist() == np.asarray([0, 1, 1, 2, 3])[mesh.face_node].tolist()


def test_copies_have_the_name_of_what_they_copy() -> None:
    mesh = boxes(((1, 1, 1), (0, 0, 0), "leg"), ((1, 1, 1), (3, 0, 0), "leg.001"))
    edited = read_parts_glb(mesh, write_glb(mesh))
    assert edited.names == ("leg", "leg") and edited.face_labels.max() == 1


def test_a_small_error_of_float32_is_no_change() -> None:
    mesh = table()
    random = np.random.default_rng(0)
    nodes = [
        replace(
            node,
            vertices=node.vertices + random.normal(0, 1e-7, node.vertices.shape).astype("f4"),
        )
        for node in mesh.nodes
    ]
    edited = read_parts_glb(mesh, write_glb(Mesh(nodes=tuple(nodes))))
    assert edited.face_labels.tolist() == mesh.face_node.tolist()


def test_a_moved_part_is_named() -> None:
    mesh = table()
    moved = replace(mesh.nodes[2], vertices=mesh.nodes[2].vertices + np.float32(0.01))
    nodes = (*mesh.nodes[:2], moved, *mesh.nodes[3:])
    with pytest.raises(UsageError, match=r"12 of 60 faces .*12 in 'leg_1'"):
        read_parts_glb(mesh, write_glb(Mesh(nodes=nodes)))


def test_an_added_part_is_named() -> None:
    mesh = table()
    more = boxes(((0.3, 0.3, 0.3), (0, 2, 0), "vase"))
    with pytest.raises(UsageError, match="12 in 'vase'"):
        read_parts_glb(mesh, write_glb(Mesh(nodes=(*mesh.nodes, *more.nodes))))


def test_a_deleted_part_is_an_error_unless_it_is_to_be_dropped() -> None:
    mesh = table()
    data = write_glb(extract_faces(mesh, mesh.face_node != 3))
    with pytest.raises(UsageError, match=r"12 of 60 faces are missing.*--drop-missing"):
        read_parts_glb(mesh, data)
    edited = read_parts_glb(mesh, data, may_drop=True)
    assert (edited.face_labels[mesh.face_node == 3] == -1).all()
    assert (edited.face_labels[mesh.face_node != 3] >= 0).all()


def test_faces_that_tools_leave_out_silently_are_not_missed() -> None:
    """Blender drops faces without area, and all but one of faces in one place."""
    plain = trimesh.creation.box()
    vertices, faces = plain.vertices.astype(np.float32), plain.faces.astype(np.int32)
    flat, twin = np.asarray([[0, 0, 1]], np.int32), faces[3:4][:, ::-1]
    mesh = Mesh(
        nodes=(
            MeshNode(vertices=vertices, faces=np.concatenate([faces, flat, twin]), name="box"),
            MeshNode(vertices=vertices + np.float32(3), faces=faces, name="other"),
        )
    )
    kept = np.ones(mesh.face_count, bool)
    kept[[12, 13]] = False
    edited = read_parts_glb(mesh, write_glb(extract_faces(mesh, kept)))
    assert edited.face_labels.tolist() == mesh.face_node.tolist()


def test_twins_keep_their_own_parts() -> None:
    mesh = boxes(((1, 1, 1), (0, 0, 0), "inside"), ((1, 1, 1), (0, 0, 0), "outside"))
    edited = read_parts_glb(mesh, write_glb(mesh))
    assert edited.face_labels.tolist() == mesh.face_node.tolist()


def test_what_is_no_model_is_said() -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_parts_glb(table(), b"no model")


@requires_shared
@pytest.mark.parametrize("name", ["cesium_milk_truck.glb", "camp_scene.glb"])
def test_real_objects(name: str) -> None:
    mesh = load_mesh(shared(f"assets/dev/{name}").read_bytes(), "glb").mesh
    labels = np.random.default_rng(0).integers(0, 7, mesh.face_count).astype(np.int32)
    data = write_parts_glb(mesh, labels, [f"part {number}" for number in range(7)])
    edited = read_parts_glb(mesh, data)
    found = np.asarray([int(edited.names[label].split()[1]) for label in edited.face_labels])
    # Faces in one place may swap, for nothing tells them apart.
    corners = np.sort(mesh.vertices[mesh.faces].reshape(-1, 9), axis=1)
    twins = np.unique(corners, axis=0, return_inverse=True, return_counts=True)
    alone = twins[2][twins[1].reshape(-1)] == 1
    assert alone.mean() > 0.8 and (found[alone] == labels[alone]).all()
