from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from partworks.geometry.bump import bend, tilts

CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
UPRIGHT = np.array([[0, 1], [1, 1], [0, 0]], np.float32)  # the picture lies on it as one reads it
FRONT = np.array([0, 0, 1], np.float32)
RIGHT, UP = np.array([[0.6, 0, 0.8]]), np.array([[0, 0.6, 0.8]])


def bent(
    tilt: NDArray,
    *,
    uv: NDArray = UPRIGHT,
    normal: NDArray = FRONT,
    corners: NDArray = CORNERS,
) -> NDArray:
    found = bend(
        normal[None].astype(np.float32),
        tilt,
        corners=corners[None].astype(np.float32),
        uv=uv[None].astype(np.float32),
    )
    assert found.dtype == np.float32
    return found[0]


def test_texels_are_vectors_and_the_scale_strengthens_them() -> None:
    texels = np.array([[1.0, 0.5, 1.0, 1.0], [0.5, 0.0, 1.0, 0.0]], np.float32)
    np.testing.assert_allclose(tilts(texels), [[1, 0, 1], [0, -1, 1]])
    np.testing.assert_allclose(tilts(texels, scale=0.5), [[0.5, 0, 1], [0, -0.5, 1]])


def test_red_leans_to_the_right_of_the_picture_and_green_upwards() -> None:
    np.testing.assert_allclose(bent(RIGHT), [0.6, 0, 0.8], atol=1e-6)
    np.testing.assert_allclose(bent(UP), [0, 0.6, 0.8], atol=1e-6)
    np.testing.assert_allclose(bent(np.array([[0, 0, 0.3]])), FRONT, atol=1e-6)


def test_a_mirrored_picture_leans_the_other_way_and_stays_upright() -> None:
    mirrored = UPRIGHT * [-1, 1]
    np.testing.assert_allclose(bent(RIGHT, uv=mirrored), [-0.6, 0, 0.8], atol=1e-6)
    np.testing.assert_allclose(bent(UP, uv=mirrored), [0, 0.6, 0.8], atol=1e-6)
    upside_down = UPRIGHT * [1, -1]
    np.testing.assert_allclose(bent(RIGHT, uv=upside_down), [0.6, 0, 0.8], atol=1e-6)
    np.testing.assert_allclose(bent(UP, uv=upside_down), [0, -0.6, 0.8], atol=1e-6)


@pytest.mark.parametrize("degrees", [30, 90, 200])
def test_a_turned_picture_turns_its_bumps(degrees: float) -> None:
    angle = np.radians(degrees)
    # The picture is turned counter-clockwise; seen with v downwards its UVs turn with it.
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    found = bent(RIGHT, uv=UPRIGHT @ turn.T)
    np.testing.assert_allclose(found, [0.6 * np.cos(angle), 0.6 * np.sin(angle), 0.8], atol=1e-6)


def test_a_stretched_or_skewed_picture_keeps_the_slope_along_u() -> None:
    skewed = UPRIGHT * [5, 1] + np.array([[0, 0], [0, 0], [2, 0]])
    found = bent(UP, uv=skewed)
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-6) and found[2] == pytest.approx(0.8)
    along_u = CORNERS[1] - CORNERS[0]
    assert found @ along_u == pytest.approx(0, abs=1e-6)


def test_the_tangent_is_orthogonal_to_the_smooth_normal() -> None:
    smooth = np.array([0.6, 0.0, 0.8])
    np.testing.assert_allclose(bent(np.array([[0, 0, 1.0]]), normal=smooth), smooth, atol=1e-6)
    right = bent(np.array([[1.0, 0, 0]]), normal=smooth)
    np.testing.assert_allclose(right, [0.8, 0, -0.6], atol=1e-6)


def test_without_a_normal_the_front_of_the_face_is_bent() -> None:
    nothing = np.zeros(3)
    np.testing.assert_allclose(bent(RIGHT, normal=nothing), [0.6, 0, 0.8], atol=1e-6)
    back = CORNERS[[0, 2, 1]]
    np.testing.assert_allclose(
        bent(RIGHT, normal=nothing, corners=back, uv=UPRIGHT[[0, 2, 1]]),
        [0.6, 0, -0.8],
        atol=1e-6,
    )


@pytest.mark.parametrize(
    "uv",
    [np.zeros((3, 2)), UPRIGHT * [1, 0], UPRIGHT * np.nan, np.full((3, 2), np.inf)],
    ids=["a point", "a line", "no numbers", "infinite"],
)
def test_uvs_without_an_area_leave_the_normal(uv: NDArray) -> None:
    np.testing.assert_array_equal(bent(RIGHT, uv=uv), FRONT)


def test_faces_and_texels_without_a_direction_leave_the_normal() -> None:
    np.testing.assert_array_equal(bent(RIGHT, corners=np.zeros((3, 3))), FRONT)
    np.testing.assert_array_equal(bent(np.zeros((1, 3))), FRONT)
    np.testing.assert_array_equal(bent(RIGHT, normal=np.zeros(3), corners=np.zeros((3, 3))), 0)


def test_small_faces_and_large_uvs_are_bent_alike() -> None:
    found = bent(RIGHT, corners=CORNERS * 1e-6, uv=UPRIGHT * 1e-4 + 7)
    np.testing.assert_allclose(found, [0.6, 0, 0.8], atol=0.02)  # UVs at 7 have few bits left
