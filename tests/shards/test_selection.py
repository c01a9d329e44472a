from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from shards.selection import Selection, Tail, select_parts
from shards.surface import Surface
from tests.shards.made import TABLE, Box, Made, make_object

ORDER = [5, 0, 2, 1, 3, 4]


def select(made: Made, *, max_parts: int = 255, tail: Tail = "drop") -> Selection:
    return select_parts(
        made.mesh,
        made.parts.face_labels,
        surface=Surface(made.mesh.vertices, made.mesh.faces),
        count=made.parts.count,
        max_parts=max_parts,
        tail=tail,
    )


@pytest.fixture(scope="module")
def table() -> Made:
    return make_object()


@pytest.mark.parametrize("tail", ["drop", "merge"])
@pytest.mark.parametrize("max_parts", [6, 7, 255])
def test_nothing_happens_below_the_cap(table: Made, max_parts: int, tail: Tail) -> None:
    found = select(table, max_parts=max_parts, tail=tail)
    assert [part.labels for part in found.kept] == [(label,) for label in ORDER]
    assert found.dropped == {}
    assert not any(part.merged for part in found.kept)


@pytest.mark.parametrize("max_parts", range(1, 6))
def test_the_tail_is_dropped(table: Made, max_parts: int) -> None:
    found = select(table, max_parts=max_parts)
    assert [part.labels for part in found.kept] == [(label,) for label in ORDER[:max_parts]]
    assert found.dropped == dict.fromkeys(sorted(ORDER[max_parts:]), "tail")


@pytest.mark.parametrize("max_parts", range(1, 6))
def test_the_tail_is_merged_within_the_cap(table: Made, max_parts: int) -> None:
    """No face is lost and none is in two parts; what is measured is that of the union."""
    full, found = select(table), select(table, max_parts=max_parts, tail="merge")
    assert len(found.kept) == max_parts
    assert found.dropped == {}
    assert [part.labels for part in found.kept[:-1]] == [
        (label,) for label in ORDER[: max_parts - 1]
    ]
    rest, own = found.kept[-1], full.kept[max_parts - 1 :]
    assert rest.merged and rest.labels == tuple(ORDER[max_parts - 1 :])
    faces = np.concatenate([part.faces for part in found.kept])
    np.testing.assert_array_equal(np.sort(faces), np.arange(len(table.mesh.faces)))
    assert (np.diff(rest.faces) > 0).all()
    assert rest.area == pytest.approx(sum(part.area for part in own), rel=1e-12)
    np.testing.assert_array_equal(rest.box[0], np.min([part.box[0] for part in own], axis=0))
    np.testing.assert_array_equal(rest.box[1], np.max([part.box[1] for part in own], axis=0))


def test_a_part_without_area_is_neither_kept_nor_merged() -> None:
    flat = ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0))
    made = make_object((flat, *TABLE), names=("wire", *"abcdef"))
    for tail in ("drop", "merge"):
        found = select(made, max_parts=3, tail=tail)
        assert found.dropped[0] == "no_area"
        assert all(0 not in part.labels for part in found.kept)


def test_faces_of_no_part_are_in_none() -> None:
    labels = np.repeat(np.array([0, 1, 2, 3, -1, -1], np.int32), 12)
    made = make_object(face_labels=labels)
    found = select(made, max_parts=2, tail="merge")
    kept = np.sort(np.concatenate([part.faces for part in found.kept]))
    np.testing.assert_array_equal(kept, np.flatnonzero(labels >= 0))
    assert found.dropped == {4: "no_area", 5: "no_area"}


def test_a_rest_of_closed_parts_is_watertight_and_of_an_open_one_is_not() -> None:
    assert select(make_object(), max_parts=2, tail="merge").kept[1].watertight
    labels = np.repeat(np.arange(6, dtype=np.int32), 12)
    labels[50] = -1  # a face of the cup, which is last
    made = make_object(face_labels=labels)
    assert not select(made, max_parts=2, tail="merge").kept[1].watertight


@pytest.mark.parametrize("seed", range(3))
def test_the_rest_does_not_depend_on_labels(seed: int) -> None:
    shuffled = np.random.default_rng(seed).permutation(6)
    boxes: list[Box] = [TABLE[index] for index in shuffled]
    found = select(make_object(boxes, names=tuple("abcdef")), max_parts=3, tail="merge")
    again = [tuple(int(shuffled[label]) for label in part.labels) for part in found.kept]
    assert again == [(5,), (0,), (2, 1, 3, 4)]


def test_center_and_scale_take_a_part_into_the_unit_cube(table: Made) -> None:
    surface = Surface(table.mesh.vertices, table.mesh.faces)
    for part in select(table, max_parts=3, tail="merge").kept:
        points = surface.vertices[surface.faces[part.faces]].reshape(-1, 3)
        moved = (points - part.center) / part.scale
        assert np.abs(moved).max() == pytest.approx(1, abs=1e-12)
        np.testing.assert_allclose(moved.min(axis=0), -moved.max(axis=0), atol=1e-6)


def test_an_object_without_labels_has_no_parts() -> None:
    made = make_object(face_labels=np.full(72, -1, np.int32))
    found = select(dataclasses.replace(made), max_parts=1, tail="merge")
    assert found.kept == ()
    assert set(found.dropped) == set(range(6))
