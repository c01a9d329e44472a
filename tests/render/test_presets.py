"""The presets against what is published of the data sets that they are named after."""

from __future__ import annotations

from dataclasses import replace
from math import degrees, sqrt
from typing import get_args

import numpy as np
import pytest

from partworks.geometry.cameras import Camera
from render.presets import PRESETS, PresetName
from render.subject import Subject, make_subjects
from tests.render.scenes import tower


def subjects(preset: PresetName) -> list[Subject]:
    mesh, parts = tower()
    rigs = [replace(rig, size=32) for rig in PRESETS[preset].rigs]
    return make_subjects(mesh, parts, rigs, generator=np.random.default_rng(0))


def angles(camera: Camera) -> tuple[float, float]:
    """Azimuth and elevation in degrees of where the camera looks from."""
    x, y, z = -camera.forward
    return round(degrees(np.arctan2(x, z))) % 360, round(degrees(np.arcsin(y)), 6)


def test_every_preset_has_a_name_and_an_unnamed_rig_of_the_object_first() -> None:
    assert set(PRESETS) == set(get_args(PresetName))
    for preset in PRESETS.values():
        assert preset.rigs[0].target == "object" and preset.rigs[0].name == ""


def test_partverse_has_eight_azimuths_at_30_degrees_and_normalised_parts() -> None:
    rigs = PRESETS["partverse"].rigs
    assert {(rig.size, rig.fov, rig.radius, rig.views) for rig in rigs} == {(512, 40.0, 2.0, 8)}
    for subject in subjects("partverse"):
        assert [angles(camera) for camera in subject.cameras] == [(45 * k, 30) for k in range(8)]
        # The longest side is 2 in its own frame, so that a radius of 2 sides is 4.
        distances = [float(np.linalg.norm(c.position)) for c in subject.own_cameras()]
        assert min(distances) >= 4 - 1e-9
        assert max(distances) < 4 * 1.4  # farther only where a corner would be cut
    assert PRESETS["partverse"].lighting == "area"


def test_trellis_has_150_views_over_the_sphere_for_features() -> None:
    (whole,) = subjects("trellis-vae")
    assert len(whole.cameras) == 150 and degrees(whole.cameras[0].fov_y) == pytest.approx(40)
    directions = -np.array([camera.forward for camera in whole.cameras])
    assert np.abs(directions.mean(axis=0)).max() < 0.02
    octants = np.unique((directions > 0) @ [1, 2, 4], return_counts=True)[1]
    assert len(octants) == 8 and octants.min() > 12


def test_trellis_has_24_lenses_with_distances_to_match_for_conditions() -> None:
    (whole,) = subjects("trellis-cond")
    assert len(whole.cameras) == 24 and PRESETS["trellis-cond"].rigs[0].size == 1024
    lenses = np.array([degrees(camera.fov_y) for camera in whole.cameras])
    assert lenses.min() >= 10 and lenses.max() <= 70 and np.ptp(lenses) > 20
    distance = np.array([np.linalg.norm(camera.position) for camera in whole.cameras])
    apparent = distance * np.sin(np.radians(lenses / 2))
    np.testing.assert_allclose(apparent, apparent[0], rtol=1e-9)


def test_partgen_has_four_views_and_parts_from_the_same_cameras() -> None:
    whole, *parts = subjects("partgen")
    assert [angles(camera) for camera in whole.cameras] == [(a, 20) for a in (0, 90, 180, 270)]
    assert whole.rig.grid and whole.rig.passes == ("part", "mask")
    assert [part.folder for part in parts] == [
        *(f"part_{k:02d}" for k in range(3)),
        *(f"part_{k:02d}_visible" for k in range(3)),
    ]
    for part in parts:
        assert part.cameras is whole.cameras and part.scale == 1 and not part.center.any()
        assert part.rig.masked == part.folder.endswith("_visible") and part.rig.grid


def test_autopartgen_has_the_object_and_what_is_seen_of_each_part() -> None:
    whole, *parts = subjects("autopartgen")
    assert all(part.rig.masked and part.cameras is whole.cameras for part in parts)
    assert len(parts) == 3


def test_the_sphere_of_a_cube_is_never_cut() -> None:
    mesh, parts = tower()
    (rig, *_) = PRESETS["partverse"].rigs
    (whole,) = make_subjects(mesh, parts, [rig], generator=np.random.default_rng(0))
    farthest = sqrt(3) * 1.05 / np.sin(np.radians(20))
    assert np.linalg.norm(whole.cameras[0].position) <= farthest
    for camera in whole.cameras:
        pixel = camera.project(mesh.vertices)[:, :2]
        assert pixel.min() > 0 and pixel.max() < 512
