from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ingest.checks import REASONS, check_licence, check_mesh, resolution
from ingest.config import IngestConfig
from ingest.samples import build_sample
from partworks.errors import Rejected
from partworks.geometry.mesh import Mesh, MeshNode


def sheet(*, offset: float = 0.0, size: float = 1.0) -> Mesh:
    corners = np.asarray([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], np.float64)
    vertices = (corners * size + offset).astype(np.float32)
    faces = np.asarray([(0, 1, 2), (0, 2, 3)] * 4, np.int32)
    return Mesh(nodes=(MeshNode(vertices=vertices, faces=faces),))


def reason(mesh: Mesh, config: IngestConfig) -> str:
    with pytest.raises(Rejected) as caught:
        check_mesh(mesh, config)
    assert caught.value.reason in REASONS
    return caught.value.reason


def test_a_sound_mesh_passes_without_a_word() -> None:
    assert check_mesh(build_sample("chair").mesh, IngestConfig(require_texture=True)) == ()


def test_few_faces_are_counted_exactly() -> None:
    assert check_mesh(sheet(), IngestConfig(min_faces=8)) == ()
    assert reason(sheet(), IngestConfig(min_faces=9)) == "too_few_faces"


def test_colour_may_come_from_pictures_or_vertices() -> None:
    config = IngestConfig(require_texture=True)
    assert reason(sheet(), config) == "untextured"
    node = replace(sheet().nodes[0], colors=np.ones((4, 4), np.float32))
    assert check_mesh(Mesh(nodes=(node,)), config) == ()


def test_resolution_counts_float32_steps() -> None:
    assert resolution(sheet(offset=float(1 << 20))) == pytest.approx(8)
    assert resolution(sheet(size=1e-7)) == pytest.approx(resolution(sheet(size=1.0)), rel=1)


@pytest.mark.parametrize(
    ("offset", "expected"), [(0.0, ()), (1000.0, ("coarse_coordinates",)), (1e6, "lost_precision")]
)
def test_far_objects_are_warned_of_and_then_refused(
    offset: float, expected: tuple[str, ...] | str
) -> None:
    mesh = sheet(offset=offset)
    if isinstance(expected, str):
        assert reason(mesh, IngestConfig()) == expected
    else:
        assert check_mesh(mesh, IngestConfig()) == expected


def test_the_licence_gate_knows_exact_ids() -> None:
    check_licence("unknown", IngestConfig())
    config = IngestConfig(licences=("CC0-1.0", "CC-BY-4.0"))
    check_licence("CC-BY-4.0", config)
    for licence in ("CC-BY-NC-4.0", "unknown", ""):
        with pytest.raises(Rejected, match="licence_not_allowed"):
            check_licence(licence, config)
