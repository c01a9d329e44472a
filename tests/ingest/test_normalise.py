from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.normalise import Z_UP, normalise
from ingest.samples import build_sample
from partworks.geometry.mesh import Mesh, MeshNode


def moved(mesh: Mesh, scale: float, offset: tuple[float, float, float]) -> Mesh:
    nodes = tuple(
        replace(node, vertices=(node.vertices.astype(np.float64) * scale + offset).astype("f4"))
        for node in mesh.nodes
    )
    return replace(mesh, nodes=nodes)


def back(vertices: NDArray[np.float32], to_source: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(vertices.astype(np.float64) @ to_source[:3, :3].T + to_source[:3, 3])


@pytest.mark.parametrize("z_up", [False, True])
@pytest.mark.parametrize(
    ("scale", "offset"),
    [
        (1.0, (0, 0, 0)),
        (1e8, (3e8, -2e8, 0)),
        (1e-7, (0, 1e-6, 0)),
        (1.0, (6000.0, -250.0, 4000.0)),
        (1e37, (1e37, 0, 0)),
        (1e-40, (0, 0, 0)),
    ],
)
def test_the_box_is_centred_and_the_way_back_leads_back(
    scale: float, offset: tuple[float, float, float], z_up: bool
) -> None:
    source = moved(build_sample("chair").mesh, scale, offset)
    mesh, to_source = normalise(source, z_up=z_up)
    low, high = mesh.bounds
    assert np.allclose(low, -high, atol=1e-7)
    assert (high - low).max() == pytest.approx(2, abs=1e-6)
    size = float((source.bounds[1] - source.bounds[0]).max())
    error = np.abs(back(mesh.vertices, to_source) - source.vertices.astype(np.float64)).max()
    assert error <= size * np.finfo(np.float32).eps / 4


def test_vertices_and_faces_keep_their_numbers() -> None:
    source = build_sample("house").mesh
    mesh, _ = normalise(source, z_up=False)
    assert np.array_equal(mesh.faces, source.faces)
    for new, old in zip(mesh.nodes, source.nodes, strict=True):
        assert len(new.vertices) == len(old.vertices)
        assert new.uv is old.uv and new.colors is old.colors
        assert np.array_equal(np.argsort(new.vertices[:, 0], kind="stable"),
                              np.argsort(old.vertices[:, 0], kind="stable"))  # fmt: skip


def test_z_up_is_turned_and_not_mirrored() -> None:
    source = build_sample("chair").mesh
    standing, _ = normalise(source, z_up=False)
    lying = replace(
        source,
        nodes=tuple(
            replace(
                node,
                vertices=(node.vertices @ Z_UP.astype("f4")),
                normals=None if node.normals is None else node.normals @ Z_UP.astype("f4"),
            )
            for node in source.nodes
        ),
    )
    mesh, to_source = normalise(lying, z_up=True)
    assert np.allclose(mesh.vertices, standing.vertices, atol=1e-6)
    for new, old in zip(mesh.nodes, standing.nodes, strict=True):
        assert new.normals is not None and old.normals is not None
        assert np.allclose(new.normals, old.normals)
    assert np.linalg.det(to_source[:3, :3]) > 0


def test_a_flat_object_stays_flat() -> None:
    vertices = np.asarray([(5, 1, 2), (9, 1, 2), (9, 1, 4), (5, 1, 4)], np.float32)
    faces = np.asarray([(0, 2, 1), (0, 3, 2)], np.int32)
    mesh, _ = normalise(Mesh(nodes=(MeshNode(vertices=vertices, faces=faces),)), z_up=False)
    assert np.array_equal(mesh.bounds, [(-1, 0, -0.5), (1, 0, 0.5)])


def test_no_coordinate_is_minus_zero() -> None:
    vertices = np.asarray([(0, 0, 0), (2, 0, 0), (0, 2, 0), (1, 1, 0)], np.float32)
    faces = np.asarray([(0, 1, 2)], np.int32)
    mesh, _ = normalise(Mesh(nodes=(MeshNode(vertices=vertices, faces=faces),)), z_up=True)
    assert not np.signbit(mesh.vertices[mesh.vertices == 0]).any()
