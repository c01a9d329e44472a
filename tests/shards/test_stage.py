from __future__ import annotations

import dataclasses
import io
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from partworks.errors import Failed, Rejected
from partworks.records import Item
from partworks.store import Store
from shards.config import ShardsConfig
from shards.reader import decode_image, decode_json, decode_points
from shards.stage import Shards
from tests.shards.made import (
    BOX_FACES,
    SMALL,
    TABLE,
    make_object,
    make_renders,
    view_color,
    write_object,
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(str(tmp_path))
    write_object(store, "table", make_object())
    return store


def members_of(tar: bytes, uid: str = "table") -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        return {
            info.name.removeprefix(f"{uid}."): archive.extractfile(info).read()  # type: ignore[union-attr]
            for info in archive
        }


def run(store: Store, config: ShardsConfig = SMALL, *, seed: int = 0) -> bytes:
    outcome = Shards(config, store=store, seed=seed).process(Item(uid="table"))
    assert list(outcome.files) == ["samples/ta/table.tar"]
    return outcome.files["samples/ta/table.tar"]


def record_of(store: Store, config: ShardsConfig = SMALL) -> dict[str, Any]:
    return decode_json(members_of(run(store, config))["json"])


def test_members_are_those_of_the_contract(store: Store) -> None:
    assert list(members_of(run(store))) == [
        "boxes.00.webp", "boxes.01.webp", "json", "object.00.webp", "object.01.webp",
        *(f"part{index:02d}.00.webp" for index in range(6)), "points.npz",
    ]  # fmt: skip


def test_the_same_input_gives_the_same_bytes(store: Store) -> None:
    assert run(store) == run(store)
    assert run(store) != run(store, seed=1)


def test_json_says_where_the_object_comes_from(store: Store) -> None:
    record = record_of(store)
    assert record["licence"] == "CC-BY-4.0"
    assert record["attribution"] == "maker of table"
    assert record["source"] == "made"
    assert record["location"] == "made:table"
    assert record["to_source"][0] == [2.0, 0, 0, 0]
    assert record["made_by"] == {"parts": "auto", "captioner": "template", "renderer": "flat"}
    assert record["split"] in ("train", "val", "test")
    assert record["field"] is None


def test_parts_carry_their_own_captions_and_views(store: Store) -> None:
    """Labels and sample order differ, so a mix-up of the two shows here."""
    members = members_of(run(store))
    record = decode_json(members["json"])
    assert [part["name"] for part in record["parts"]] == ["top", *["leg"] * 4, "cup"]
    assert [part["label"] for part in record["parts"]] == [5, 0, 2, 1, 3, 4]
    for part in record["parts"]:
        assert part["caption_short"] == f"A {part['name']}."
        assert part["caption_long"] == f"A {part['name']}, number {part['label']}."
        low, high = np.float32(TABLE[part["label"]])
        np.testing.assert_array_equal(part["box_min"], low)
        np.testing.assert_array_equal(part["box_max"], high)
        image = decode_image(members[f"part{part['index']:02d}.00.webp"])
        assert np.abs(image[5, 5].astype(int) - view_color(part["label"], 0)).max() <= 6
        stem = f"part{part['index']:02d}"
        assert record["cameras"][stem]["frames"][0]["file_path"] == f"{stem}.00.webp"


def test_parts_that_were_not_rendered_have_no_views(store: Store) -> None:
    folders = {"object": -1, "part_00": 0, "part_03_visible": 3}
    made = make_object()
    for flawed, expected in (({}, {"part01.00.webp"}), ({"part_00": range(4)}, set())):
        renders = make_renders(len(TABLE), folders=folders, flawed=flawed)
        write_object(store, "table", dataclasses.replace(made, renders=renders))
        members = members_of(run(store))
        assert {name for name in members if name.startswith("part")} == expected
        record = decode_json(members["json"])
        assert record["parts"][1]["label"] == 0 and len(record["parts"]) == 6
        assert record["cameras"]["part02"]["frames"] == []
        assert len(record["cameras"]["object"]["frames"]) == 2


def test_only_views_without_flaws_are_packed(store: Store) -> None:
    renders = make_renders(len(TABLE), extension="webp", flawed={"object": [0, 1]})
    write_object(store, "table", dataclasses.replace(make_object(), renders=renders))
    members = members_of(run(store))
    frames = decode_json(members["json"])["cameras"]["object"]["frames"]
    assert [frame["view"] for frame in frames] == [2, 3]
    image = decode_image(members["object.00.webp"])
    assert np.abs(image[5, 5].astype(int) - view_color(-1, 2)).max() <= 6


def test_part_table_measures_each_part(store: Store) -> None:
    top = record_of(store)["parts"][0]
    assert top["area"] == pytest.approx(2 * (2 * 1 + 2 * 0.1 + 1 * 0.1), rel=1e-6)
    np.testing.assert_allclose(top["center"], (0, 0.45, 0), atol=1e-6)
    assert top["scale"] == 1.0
    assert top["watertight"] is True
    assert top["face_count"] == 12


def test_an_open_part_is_not_watertight(tmp_path: Path) -> None:
    labels = np.repeat(np.arange(6, dtype=np.int32), 12)
    labels[60] = -1  # one face of the top was dropped
    store = Store(str(tmp_path))
    write_object(store, "table", make_object(face_labels=labels))
    tight = {part["label"]: part["watertight"] for part in record_of(store)["parts"]}
    assert tight == {0: True, 1: True, 2: True, 3: True, 4: True, 5: False}


def test_points_lie_on_their_part(store: Store) -> None:
    members = members_of(run(store))
    points = decode_points(members["points.npz"])
    labels = [part["label"] for part in decode_json(members["json"])["parts"]]
    assert points.part_surface.shape == (6, 64, 6)
    assert points.object_surface.shape == (128, 6)
    assert points.part_box.dtype == points.part_surface.dtype == np.float32
    for label, surface, box in zip(labels, points.part_surface, points.part_box, strict=True):
        np.testing.assert_array_equal(box, np.float32(TABLE[label]))
        outside = np.maximum(box[0] - surface[:, :3], surface[:, :3] - box[1]).max(axis=1)
        np.testing.assert_allclose(outside, 0, atol=1e-6)
        np.testing.assert_allclose(np.linalg.norm(surface[:, 3:], axis=1), 1, atol=1e-6)


def test_the_object_has_the_faces_of_no_part_too(tmp_path: Path) -> None:
    """Its views show them, so its points do."""
    labels = np.repeat(np.array([0, 1, 2, 3, 4, -1], np.int32), 12)
    store = Store(str(tmp_path))
    write_object(store, "table", make_object(face_labels=labels))
    points = decode_points(members_of(run(store))["points.npz"])
    assert (points.object_surface[:, 1] == np.float32(0.5)).mean() > 0.2


def test_the_tail_is_dropped_and_named(store: Store) -> None:
    config = dataclasses.replace(SMALL, max_parts=2)
    members = members_of(run(store, config))
    record = decode_json(members["json"])
    assert [part["label"] for part in record["parts"]] == [5, 0]
    assert [part["label"] for part in record["dropped_parts"]] == [1, 2, 3, 4]
    assert {part["reason"] for part in record["dropped_parts"]} == {"tail"}
    assert "part02.00.webp" not in members
    full, cut = (decode_points(members_of(run(store, c))["points.npz"]) for c in (SMALL, config))
    np.testing.assert_array_equal(cut.part_surface, full.part_surface[:2])


def test_a_part_without_area_is_dropped_and_named(tmp_path: Path) -> None:
    flat = ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0))
    made = make_object((TABLE[5], flat), names=("top", "wire"))
    store = Store(str(tmp_path))
    write_object(store, "table", made)
    record = record_of(store)
    assert [part["name"] for part in record["parts"]] == ["top"]
    assert record["dropped_parts"] == [{"label": 1, "name": "wire", "reason": "no_area"}]


def test_an_object_without_parts_is_rejected(tmp_path: Path) -> None:
    labels = np.full(6 * len(BOX_FACES), -1, np.int32)
    store = Store(str(tmp_path))
    write_object(store, "table", make_object(face_labels=labels))
    with pytest.raises(Rejected, match="no_parts"):
        run(store)


def test_labels_of_another_mesh_fail(store: Store) -> None:
    other = make_object((*TABLE[:5], ((-1, 0.4, -0.5), (1, 0.45, 0.5))))
    store.write("parts/ta/table.npz", other.parts.to_bytes())
    with pytest.raises(Failed, match="geometry_mismatch"):
        run(store)


@pytest.mark.parametrize("stage", ["render", "caption"])
def test_inputs_of_other_parts_fail(store: Store, stage: str) -> None:
    other = make_object(TABLE[:3])
    if stage == "render":
        store.write("renders/ta/table.zip", other.renders)
    else:
        store.write("captions/ta/table.json", other.captions.to_bytes())
    with pytest.raises(Failed, match=f"its {stage} output 3"):
        run(store)


def test_metrics_count(store: Store) -> None:
    outcome = Shards(SMALL, store=store).process(Item(uid="table"))
    assert outcome.metrics["parts"] == 6
    assert outcome.metrics["sample_bytes"] == len(outcome.files["samples/ta/table.tar"])


@pytest.mark.parametrize(
    ("setting", "value"),
    [("max_parts", 0), ("webp_quality", 101), ("part_points", 0), ("shard_mb", 0), ("views", -1)],
)
def test_impossible_settings_are_refused(setting: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"shards.{setting} is"):
        dataclasses.replace(SMALL, **{setting: value})
