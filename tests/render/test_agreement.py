"""Blender and the ray caster see the same: colours of one and passes of the other fit together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from partworks.geometry.cameras import Camera
from partworks.geometry.mesh import Mesh
from partworks.geometry.texture import Surface
from partworks.geometry.visibility import EmbreeCaster
from render.blender.backend import BlenderBackend
from render.config import BlenderConfig
from render.layers import first_visible
from render.presets import PRESETS
from render.subject import make_subjects
from tests.render.geometry_agreement import LAYERS, PARALLEL, TOLERANCE, Agreement, compare
from tests.render.real_objects import real_object, real_records
from tests.render.scenes import parts_of, tower
from tests.shared_assets import requires_shared

VARIED = ("cesium_man", "dutch_ship", "flight_helmet", "truck_red")
"""Smooth; dense with cutouts and thin ropes; dense with blended glass; boxes with edge-on faces."""


@pytest.fixture(scope="module")
def backend() -> Iterator[BlenderBackend]:
    made = BlenderBackend(BlenderConfig(), lighting="suns", layers=LAYERS, seed=0)
    yield made
    made.close()


def cameras_of(mesh: Mesh, *, size: int, views: int) -> tuple[Camera, ...]:
    """Some of the object's cameras in the preset `partverse`, spread over the ring."""
    rig = replace(PRESETS["partverse"].rigs[0], size=size)
    parts = parts_of(mesh, np.zeros(mesh.face_count, np.int32), names=("all",))
    (whole,) = make_subjects(mesh, parts, [rig], generator=np.random.default_rng(0))
    return whole.cameras[:: rig.views // views]


def flat(mesh: Mesh) -> Mesh:
    """The mesh without smooth normals: what is left for a renderer to report are those of faces."""
    return replace(
        mesh,
        nodes=tuple(replace(node, normals=None) for node in mesh.nodes),
        materials=tuple(replace(each, normal_texture=None) for each in mesh.materials),
    )


def check(found: Agreement) -> None:
    assert found.iou >= 0.999, str(found)
    assert np.median(found.depth) < 5e-5, str(found)
    assert np.percentile(found.depth, 99.9) < TOLERANCE, str(found)
    assert (found.cosine < PARALLEL).mean() < 0.01, str(found)
    assert found.unexplained <= 1, str(found)
    assert found.unexplained_normals <= 1 + 1e-5 * found.union, str(found)


@requires_shared
@pytest.mark.parametrize("name", VARIED)
def test_depth_normals_and_mask_agree(backend: BlenderBackend, name: str) -> None:
    mesh = real_object(name)
    cameras = cameras_of(mesh, size=256, views=2)
    check(compare(mesh, cameras, list(backend.geometry(flat(mesh), cameras))))


@requires_shared
@pytest.mark.slow
@pytest.mark.parametrize("name", real_records())
def test_every_asset_agrees_in_every_view(backend: BlenderBackend, name: str) -> None:
    mesh = real_object(name)
    cameras = cameras_of(mesh, size=512, views=8)
    check(compare(mesh, cameras, list(backend.geometry(flat(mesh), cameras))))


@requires_shared
def test_smooth_normals_are_those_of_the_asset(backend: BlenderBackend) -> None:
    mesh = real_object("cesium_man")
    cameras = cameras_of(mesh, size=256, views=2)
    surface, caster = Surface(mesh), EmbreeCaster(mesh.vertices, mesh.faces)
    for camera, other in zip(cameras, backend.geometry(mesh, cameras), strict=True):
        seen = first_visible(mesh, surface, caster, camera, most=LAYERS)
        both = seen.hit & np.isfinite(other.depth)
        smooth = surface.normal(seen.face_id, seen.barycentric)
        cosine = np.einsum("hwc,hwc->hw", smooth, other.normal)[both]
        faces = np.einsum("hwc,hwc->hw", seen.normal, other.normal)[both]
        assert np.percentile(cosine, 5) > PARALLEL  # Cycles bends those at the silhouette
        assert np.percentile(faces, 5) < 0.99  # those of the faces would not do


def test_a_mesh_moved_by_a_little_is_noticed(backend: BlenderBackend) -> None:
    mesh, _ = tower()
    cameras = cameras_of(mesh, size=96, views=2)
    seen = list(backend.geometry(mesh, cameras))
    check(compare(mesh, cameras, seen))
    shift = np.full(3, 0.01, np.float32)
    nodes = tuple(replace(node, vertices=node.vertices + shift) for node in mesh.nodes)
    moved = compare(replace(mesh, nodes=nodes), cameras, seen)
    assert moved.unexplained > 0.5 * moved.union
    turned = [replace(view, normal=-view.normal) for view in seen]
    assert compare(mesh, cameras, turned).unexplained_normals > 0.99 * moved.union
