from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ingest.judge.config import JudgeConfig
from ingest.judge.extents import resolution
from ingest.judge.measure import Measurements, measure, warnings_of
from ingest.judge.rules import REASONS, RULES, refusal
from ingest.normalise import normalise
from ingest.samples import SAMPLES, build_sample
from partworks.geometry.mesh import Material, Mesh, MeshNode
from tests.ingest.judge.copies import box


def measured(mesh: Mesh, *warnings: str) -> Measurements:
    placed, _ = normalise(mesh, z_up=False)
    return measure(placed, source_resolution=resolution(mesh), warnings=warnings)


def boxes(*corners: tuple[float, float, float], size: tuple[float, float, float]) -> Mesh:
    """A box at each of some corners, a node each."""
    vertices, faces = box(*size)
    return Mesh(
        nodes=tuple(
            MeshNode(vertices=vertices + np.asarray(corner, np.float32), faces=faces)
            for corner in corners
        )
    )


CUBE = boxes((0, 0, 0), size=(1, 1, 1))
CHAIR = build_sample("chair").mesh


def broken(mesh: Mesh, *warnings: str, **settings: object) -> str:
    """The reason that a mesh is refused for; empty if it is not."""
    found = refusal(measured(mesh, *warnings), JudgeConfig(**settings))  # type: ignore[arg-type]
    return found[0] if found else ""


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_passes(name: str) -> None:
    assert refusal(measured(build_sample(name).mesh), JudgeConfig(require_texture=True)) is None


def test_bounds_are_exact() -> None:
    assert broken(CUBE, min_faces=12) == "" and broken(CUBE, min_faces=13) == "too_few_faces"
    assert broken(CUBE, max_faces=12) == ""
    assert broken(CUBE, min_faces=1, max_faces=11) == "too_many_faces"
    two = boxes((0, 0, 0), (1.01, 0, 0), size=(1, 1, 1))
    assert broken(two, min_components=2, max_components=2) == ""
    assert broken(two, min_components=3) == "too_few_components"
    assert broken(two, max_components=1) == "too_many_components"


def test_pieces_are_joined_where_they_touch() -> None:
    vertices, faces = box(1, 1, 1)
    soup = Mesh(
        nodes=(
            MeshNode(
                vertices=vertices[faces].reshape(-1, 3),
                faces=np.arange(36, dtype=np.int32).reshape(-1, 3),
            ),
        )
    )
    assert measured(soup)["components"] == measured(CUBE)["components"] == 1


def test_a_sheet_is_flat_however_it_is_turned() -> None:
    angle = np.radians(33)
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    vertices, faces = box(1.0, 0.01, 0.5)
    tilted = MeshNode(vertices=(vertices @ turn.T).astype(np.float32), faces=faces)
    found = measured(Mesh(nodes=(tilted,)))
    assert found["thickness"] == pytest.approx(0.01, rel=1e-3)
    assert broken(Mesh(nodes=(tilted,)), min_thickness=0.0101) == "flat"
    assert broken(Mesh(nodes=(tilted,)), min_thickness=0.0099) == ""


def test_what_stands_apart_is_a_scene_and_its_ground_does_not_join_it() -> None:
    grid = [(3.0 * x, 0.0, 3.0 * z) for x in range(3) for z in range(3)]
    apart = boxes(*grid, size=(1, 1, 1))
    assert measured(apart)["islands"] == 9
    floor = boxes((-1, -0.1, -1), size=(9, 0.1, 9))
    scene = Mesh(nodes=(*apart.nodes, *floor.nodes))
    assert measured(scene)["islands"] == 9
    assert broken(scene) == "scene" and broken(scene, max_islands=9) == ""
    assert measured(boxes((0, 0, 0), (1.0, 0, 0), (0, 1.0, 0), size=(1, 1, 1)))["islands"] == 1


def test_a_dense_single_piece_is_a_blob_and_one_of_two_meshes_is_none() -> None:
    assert broken(CUBE, blob_faces=12) == "single_blob" and broken(CUBE, blob_faces=13) == ""
    assert broken(boxes((0, 0, 0), (1.2, 0, 0), size=(1, 1, 1)), blob_faces=1) == ""


def test_textures_that_did_not_come_are_told_by_the_loaders_words() -> None:
    assert broken(CHAIR, "bad_normals", "missing_texture") == "missing_textures"
    assert broken(CHAIR, "unreadable_texture") == "missing_textures"
    assert broken(CHAIR, "bad_normals") == ""
    assert broken(CHAIR, "missing_texture", require_whole_textures=False) == ""


def test_colour_may_come_from_pictures_or_vertices() -> None:
    assert broken(CUBE, require_texture=True) == "untextured"
    shades = np.ones((8, 4), np.float32)
    shades[:4, :3] = 0
    node = replace(CUBE.nodes[0], colors=shades)
    assert broken(Mesh(nodes=(node,)), require_texture=True) == ""


def test_one_colour_all_over_is_blank_if_there_should_be_more() -> None:
    grey = replace(CUBE.nodes[0], colors=np.full((8, 4), 0.5, np.float32))
    assert broken(Mesh(nodes=(grey,))) == "blank_appearance"
    assert broken(Mesh(nodes=(grey,)), min_color_spread=0.0) == ""
    assert broken(CUBE) == "", "nothing was authored, nothing is missing"


def test_what_cannot_be_seen_is_blank() -> None:
    glass = Material(base_color=(1.0, 1.0, 1.0, 0.01), alpha_mode="BLEND")
    mesh = Mesh(nodes=(replace(CUBE.nodes[0], material=0),), materials=(glass,))
    assert measured(mesh)["opacity"] == pytest.approx(0.01)
    assert broken(mesh) == "blank_appearance" and broken(mesh, min_opacity=0.005) == ""


def test_spread_is_the_distance_from_the_mean_colour() -> None:
    """Two halves of one area, black and white: every point is half a diagonal from grey."""
    shades = [np.tile(np.array([value] * 3 + [1.0], np.float32), (8, 1)) for value in (0.0, 1.0)]
    nodes = boxes((0, 0, 0), (1, 0, 0), size=(1, 1, 1)).nodes
    halves = Mesh(
        nodes=tuple(replace(node, colors=shade) for node, shade in zip(nodes, shades, strict=True))
    )
    assert measured(halves)["color_spread"] == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize(
    ("offset", "reason"), [(0.0, ""), (1000.0, ""), (100_000.0, "lost_precision")]
)
def test_far_objects_are_warned_of_and_then_refused(offset: float, reason: str) -> None:
    far = boxes((offset, offset, offset), size=(1, 1, 1))
    assert broken(far) == reason
    assert warnings_of(far) == (("coarse_coordinates",) if offset else ())


def test_resolution_counts_float32_steps() -> None:
    far = boxes((float(1 << 20), 0.0, 0.0), size=(1, 1, 1))
    assert resolution(far) == pytest.approx(8)
    assert resolution(boxes((0, 0, 0), size=(1e-7,) * 3)) == pytest.approx(resolution(CUBE), rel=1)


def test_a_score_counts_where_there_is_one() -> None:
    found = dict(measured(CHAIR))
    assert refusal(found, JudgeConfig(min_aesthetic=9.0)) is None
    found["aesthetic"] = 4.6
    assert refusal(found, JudgeConfig(min_aesthetic=4.6)) is None
    broken_rule = refusal(found, JudgeConfig(min_aesthetic=4.7))
    assert broken_rule is not None and broken_rule[0] == "low_aesthetic"


def test_every_rule_has_a_reason_of_its_own() -> None:
    assert len({rule.reason for rule in RULES}) == len(RULES)
    assert all(text.endswith(".") for text in REASONS.values())


@pytest.mark.parametrize(
    "settings",
    [{"min_faces": -1}, {"min_faces": 5, "max_faces": 4}, {"near_duplicates": "maybe"},
     {"min_thickness": -0.1}],
)  # fmt: skip
def test_senseless_thresholds_are_refused_by_name(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=list(settings)[-1]):
        JudgeConfig(**settings)  # type: ignore[arg-type]
