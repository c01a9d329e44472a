from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image as Pillow

from ingest.samples import SAMPLES, SampleObject, build_sample, build_samples
from partworks.geometry.glb import read_glb, write_glb
from partworks.geometry.measures import face_areas
from tests.ingest.surfaces import is_closed, shells, volume

WELDED = ("chess_queen", "dog", "mug", "teapot")

PRINT_HASHES = """
import hashlib, json
from ingest.samples import build_samples
from partworks.geometry.glb import write_glb
print(json.dumps({s.name: hashlib.sha256(write_glb(s.mesh)).hexdigest() for s in build_samples()}))
"""


@pytest.fixture(params=SAMPLES)
def sample(request: pytest.FixtureRequest) -> SampleObject:
    return build_sample(request.param)


def test_there_are_a_dozen_and_more() -> None:
    samples = build_samples()
    assert len(samples) >= 12
    assert [made.name for made in samples] == sorted(SAMPLES)


def test_labels_cover_every_face_and_every_part(sample: SampleObject) -> None:
    assert sample.face_labels.dtype == np.int32
    assert sample.face_labels.shape == (sample.mesh.face_count,)
    used = np.unique(sample.face_labels)
    assert np.array_equal(used, np.arange(len(sample.part_names)))
    assert len(set(sample.part_names)) == len(sample.part_names) >= 3


def test_size_is_moderate(sample: SampleObject) -> None:
    assert 500 <= sample.mesh.face_count <= 9000


def test_surfaces_are_closed(sample: SampleObject) -> None:
    assert is_closed(sample.mesh.vertices, sample.mesh.faces)


def test_every_shell_is_closed_and_wound_outward(sample: SampleObject) -> None:
    # in a frame of its own size, so that the far ones keep their digits
    vertices = sample.mesh.vertices.astype(np.float64) - sample.mesh.bounds.mean(axis=0)
    faces = sample.mesh.faces
    shell = shells(sample.mesh.vertices, faces)
    for index in range(shell.max() + 1):
        members = faces[shell == index]
        assert is_closed(sample.mesh.vertices, members)
        assert volume(vertices, members) > 0


def test_no_face_is_without_area(sample: SampleObject) -> None:
    assert face_areas(sample.mesh.vertices, sample.mesh.faces).min() > 0


def test_shading_normals_look_the_way_faces_do(sample: SampleObject) -> None:
    for node in sample.mesh.nodes:
        assert node.normals is not None
        corners = node.vertices[node.faces].astype(np.float64)
        flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        assert ((node.normals[node.faces] * flat[:, None]).sum(axis=2) > 0).all()
        assert np.allclose(np.linalg.norm(node.normals, axis=1), 1, atol=1e-5)


def test_uvs_are_of_use(sample: SampleObject) -> None:
    for node in sample.mesh.nodes:
        assert node.uv is not None
        assert np.isfinite(node.uv).all()
        assert np.abs(node.uv).max() <= 16


def test_pictures_are_small_and_not_of_one_colour(sample: SampleObject) -> None:
    assert sample.mesh.images
    for image in sample.mesh.images:
        picture = np.asarray(Pillow.open(io.BytesIO(image.data)).convert("RGB"))
        assert max(picture.shape[:2]) <= 768
        assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 1


def test_every_texture_covers_some_faces(sample: SampleObject) -> None:
    used = {node.material for node in sample.mesh.nodes}
    assert used == set(range(len(sample.mesh.materials)))


def test_some_have_vertex_colours_and_one_a_relief() -> None:
    nodes = [node for made in build_samples() for node in made.mesh.nodes]
    assert any(node.colors is not None and np.ptp(node.colors) > 0.1 for node in nodes)
    materials = [material for made in build_samples() for material in made.mesh.materials]
    assert any(material.normal_texture is not None for material in materials)
    assert any(material.metallic == 1 for material in materials)


@pytest.mark.parametrize("name", WELDED)
def test_a_welded_sample_says_nothing_of_its_parts(name: str) -> None:
    mesh = build_sample(name).mesh
    assert len(mesh.nodes) == len(mesh.materials) == 1
    assert mesh.nodes[0].name == name


@pytest.mark.parametrize(
    ("name", "joined"),
    [
        ("chess_queen", {"base", "stem", "collar", "crown", "finial"}),
        ("mug", {"cup", "handle"}),
        ("dog", {"body", "collar", "head", "snout", "left ear", "tail", "front left leg"}),
    ],
)
def test_parts_of_some_samples_are_one_shell(name: str, joined: set[str]) -> None:
    made = build_sample(name)
    shell = shells(made.mesh.vertices, made.mesh.faces)
    found = {made.part_names[label] for label in np.unique(made.face_labels[shell == shell[0]])}
    assert found >= joined


def test_the_mugs_handle_shares_vertices_with_the_cup() -> None:
    made = build_sample("mug")
    cup, handle = (
        np.unique(made.mesh.faces[made.face_labels == made.part_names.index(part)])
        for part in ("cup", "handle")
    )
    places = made.mesh.vertices
    shared = {tuple(v) for v in places[cup].tolist()} & {tuple(v) for v in places[handle].tolist()}
    assert len(shared) == 16  # two ends of eight corners


def test_most_samples_have_a_node_per_part() -> None:
    for made in build_samples():
        if made.name in WELDED:
            continue
        names = {node.name for node in made.mesh.nodes}
        assert names == set(made.part_names)
        for index, node in enumerate(made.mesh.nodes):
            labels = made.face_labels[made.mesh.face_node == index]
            assert set(labels.tolist()) == {made.part_names.index(node.name)}


def test_frames_differ() -> None:
    bounds = np.stack([made.mesh.bounds for made in build_samples()])
    size = (bounds[:, 1] - bounds[:, 0]).max(axis=1)
    assert size.max() / size.min() > 20
    assert np.abs(bounds).max() > 100


def test_a_round_trip_changes_nothing(sample: SampleObject) -> None:
    data = write_glb(sample.mesh)
    assert write_glb(read_glb(data)) == data


def test_bytes_are_the_same_in_every_process() -> None:
    expected = {
        made.name: hashlib.sha256(write_glb(made.mesh)).hexdigest() for made in build_samples()
    }
    for seed in ("1", "77"):
        run = subprocess.run(
            [sys.executable, "-c", PRINT_HASHES],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        )
        assert json.loads(run.stdout) == expected


def test_building_takes_little_time() -> None:
    build_sample.cache_clear()
    start = time.process_time()
    build_samples()
    assert time.process_time() - start < 6  # about one second on an idle core
