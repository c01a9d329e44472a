from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import trimesh

from partworks.geometry.form import FORMS, form_of, place_of

CREATE = trimesh.creation
SHAPES: list[tuple[str, Callable[[], Any]]] = [
    ("ball", lambda: CREATE.icosphere(subdivisions=3)),
    ("ball", lambda: CREATE.uv_sphere(count=[8, 8])),
    ("block", lambda: CREATE.box(extents=(1, 1, 1))),
    ("block", lambda: CREATE.box(extents=(1, 0.7, 0.5))),
    ("plate", lambda: CREATE.box(extents=(1, 0.8, 0.05))),
    ("bar", lambda: CREATE.box(extents=(1, 0.1, 0.15))),
    ("rod", lambda: CREATE.cylinder(radius=0.1, height=2.0, sections=24)),
    ("cylinder", lambda: CREATE.cylinder(radius=0.5, height=1.0, sections=32)),
    ("disc", lambda: CREATE.cylinder(radius=1.0, height=0.1, sections=32)),
    ("ring", lambda: CREATE.torus(major_radius=1.0, minor_radius=0.2)),
    ("tube", lambda: CREATE.annulus(r_min=0.45, r_max=0.5, height=2.0)),
    ("piece", lambda: CREATE.icosphere().apply_scale((1.0, 0.8, 0.6))),
]


def turned(shape: Any, seed: int) -> Any:
    return shape.apply_transform(
        trimesh.transformations.random_rotation_matrix(np.random.default_rng(seed).random(3))
    )


@pytest.mark.parametrize(("expected", "make"), SHAPES)
@pytest.mark.parametrize("seed", [None, 0, 1, 2])
def test_forms_are_known_however_they_are_turned(
    expected: str, make: Callable[[], Any], seed: int | None
) -> None:
    shape = make() if seed is None else turned(make(), seed)
    for scale in (1e-3, 1.0, 1e3):
        generator = np.random.default_rng(0)
        assert form_of(shape.vertices * scale, shape.faces, generator=generator) == expected


def test_open_cylinder_side_is_a_tube_and_half_a_box_is_no_ball() -> None:
    pipe = CREATE.cylinder(radius=0.3, height=2.0, sections=32)
    side = np.abs(pipe.face_normals[:, 2]) < 0.5
    generator = np.random.default_rng(0)
    assert form_of(pipe.vertices, pipe.faces[side], generator=generator) == "tube"
    box = CREATE.box()
    assert form_of(box.vertices, box.faces[:4], generator=generator) != "ball"


@pytest.mark.parametrize("faces", [0, 3])
def test_nothing_to_go_by(faces: int) -> None:
    found = form_of(
        np.zeros((3, 3)), np.zeros((faces, 3), np.int32), generator=np.random.default_rng(0)
    )
    assert found == "piece" and found in FORMS


def test_flat_triangle_is_harmless() -> None:
    vertices = np.asarray([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
    generator = np.random.default_rng(0)
    assert form_of(vertices, np.asarray([[0, 1, 2]]), generator=generator) == "plate"


@pytest.mark.parametrize(
    ("center", "words"),
    [
        ((0, 0, 0), ()),
        ((0.4, 0.4, 0.4), ()),
        ((0, 0.9, 0), ("top",)),
        ((0, -0.9, 0), ("bottom",)),
        ((-0.9, 0, 0), ("left",)),
        ((0.9, 0, 0.8), ("front", "right")),
        ((0.9, 0.6, -0.8), ("back", "right")),
        ((0.9, -0.9, 0.0), ("bottom", "right")),
    ],
)
def test_places(center: tuple[float, ...], words: tuple[str, ...]) -> None:
    bounds = np.asarray([[-1, -1, -1], [1, 1, 1]])
    assert place_of(np.asarray(center), bounds) == words
    assert place_of(np.asarray(center) * 7 + 5, bounds * 7 + 5) == words


def test_place_in_a_flat_box() -> None:
    flat = np.asarray([[-1.0, 0, -1], [1, 0, 1]])
    assert place_of(np.asarray([0.9, 0, 0]), flat) == ("right",)
