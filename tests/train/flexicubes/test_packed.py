from __future__ import annotations

import pytest
import torch

from tests.train.flexicubes.solids import assert_closed, ball, components, sample, torus
from train.flexicubes.extraction import extract
from train.flexicubes.grid import Grid
from train.flexicubes.packed import pack
from train.flexicubes.parameters import FlexiParameters

GRID = Grid.regular(12, bounds=(-1.0, 1.0))


def test_packing_keeps_every_mesh_and_its_gradient() -> None:
    fields = [sample(field, GRID) for field in (ball(0.5), ball(-1), torus(0.5, 0.25))]
    leaves = [field.requires_grad_() for field in fields]
    meshes = [extract(GRID, FlexiParameters(leaf)) for leaf in leaves]
    packed = pack(meshes)
    assert meshes[1].is_empty
    assert packed.vertex_starts[-1] == len(packed.vertices)
    assert packed.face_starts[-1] == len(packed.faces)
    assert_closed(packed.faces)
    assert components(packed.vertices, packed.faces) == 2
    for mesh, (vertices, faces) in zip(meshes, packed.meshes(), strict=True):
        assert torch.equal(vertices, mesh.vertices)
        assert torch.equal(faces, mesh.faces)
    packed.vertices.sum().backward()
    assert [bool(leaf.grad is not None and leaf.grad.any()) for leaf in leaves] == [
        True,
        False,
        True,
    ]


def test_nothing_cannot_be_packed() -> None:
    with pytest.raises(ValueError, match="at least one"):
        pack([])
