"""The generated samples, through segments to parts."""

from collections import Counter

import numpy as np
import pytest

from annotate.accept import accept
from annotate.config import AnnotateConfig
from partworks.artifacts.parts import Parts
from partworks.geometry.measures import face_areas
from tests.segment.truth import samples


def accepted(name: str) -> Parts:
    mesh, _, segments = samples()[name]
    return accept(mesh, segments, config=AnnotateConfig(), generator=np.random.default_rng(0))


@pytest.mark.parametrize("name", sorted(samples()))
def test_parts_are_few_whole_and_named(name: str) -> None:
    mesh, _, _ = samples()[name]
    parts = accepted(name)
    assert 2 <= parts.count <= 32
    assert parts.face_labels.min() == 0 and len(np.unique(parts.face_labels)) == parts.count
    first = [int(np.flatnonzero(parts.face_labels == part)[0]) for part in range(parts.count)]
    assert first == sorted(first)
    shares = np.bincount(parts.face_labels, face_areas(mesh.vertices, mesh.faces))
    assert shares.min() > 0.002 * shares.sum()
    assert len(set(parts.part_names)) == parts.count
    assert all(name and len(name) <= 80 for name in parts.part_names)


def test_rocket_falls_into_exactly_its_true_parts() -> None:
    mesh, truth, _ = samples()["rocket"]
    parts = accepted("rocket")
    assert parts.count == truth.max() + 1 == 9
    overlap = np.zeros((9, 9))
    np.add.at(overlap, (parts.face_labels, truth), face_areas(mesh.vertices, mesh.faces))
    assert (np.count_nonzero(overlap, axis=0) == 1).all()


def test_chair_has_four_legs() -> None:
    names = accepted("chair").part_names
    assert Counter(name.rsplit(" ", 1)[-1] for name in names)["leg"] == 4
    assert {"seat", "cushion", "front left leg", "back right leg"} <= set(names)


def test_welded_teapot_still_has_body_foot_spout_and_handle() -> None:
    mesh, truth, _ = samples()["teapot"]
    labels, areas = accepted("teapot").face_labels, face_areas(mesh.vertices, mesh.faces)
    overlap = np.zeros((labels.max() + 1, truth.max() + 1))
    np.add.at(overlap, (labels, truth), areas)
    union = overlap.sum(axis=1)[:, None] + overlap.sum(axis=0) - overlap
    body, foot, lid, _, spout, handle = (overlap / union).max(axis=0)
    assert min(body, foot, spout, handle) > 0.99
    # The lid has come apart at its rim, which is one merge away; nothing of it went elsewhere.
    assert lid > 0.45 and overlap[:, :2].max(axis=1)[overlap[:, 2] > 0].max() == 0
