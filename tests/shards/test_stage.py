from __future__ import annotations

import dataclasses
import io
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import webdataset

from partworks.artifacts.renders import Renders
from partworks.errors import Failed, Rejected
from partworks.records import Item
from partworks.store import Store
from render.config import RenderConfig
from render.presets import PRESETS as RENDER_PRESETS
from render.stage import Render
from shards.config import ShardsConfig
from shards.overrides import FieldOverrides, PointsOverrides
from shards.presets import PRESETS, PresetName
from shards.reader import decode_image, decode_json, decode_points
from shards.stage import Shards
from tests.shards.made import (
    BOX_FACES,
    SIZE,
    SMALL,
    TABLE,
    VIEWS,
    make_object,
    make_renders,
    part_pixels,
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
        "json", "field.npz", "mesh.npz", "points.npz",
        "boxes.00.webp", "boxes.01.webp", "object.00.webp", "object.01.webp",
        *(f"part{index:02d}.00.webp" for index in range(6)),
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
    assert record["creator"] == "maker of table"
    assert record["format"] == 2
    assert record["preset"] == "copart"
    assert record["part_count"] == 6
    assert "split" not in record


def test_parts_carry_their_own_captions_and_views(store: Store) -> None:
    """Labels and sample order differ, so a mix-up of the two shows here."""
    members = members_of(run(store))
    record = decode_json(members["json"])
    assert [part["name"] for part in record["parts"]] == ["top", *["leg"] * 4, "cup"]
    assert [part["labels"] for part in record["parts"]] == [[5], [0], [2], [1], [3], [4]]
    for part in record["parts"]:
        (label,) = part["labels"]
        assert part["caption_short"] == f"A {part['name']}."
        assert part["caption_long"] == f"A {part['name']}, number {label}."
        low, high = np.float32(TABLE[label])
        np.testing.assert_array_equal(part["box_min"], low)
        np.testing.assert_array_equal(part["box_max"], high)
        image = decode_image(members[f"part{part['index']:02d}.00.webp"])
        assert np.abs(image[5, 5].astype(int) - view_color(label, 0)).max() <= 6
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
        assert record["parts"][1]["labels"] == [0] and len(record["parts"]) == 6
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
    tight = {part["labels"][0]: part["watertight"] for part in record_of(store)["parts"]}
    assert tight == {0: True, 1: True, 2: True, 3: True, 4: True, 5: False}


def test_points_lie_on_their_part(store: Store) -> None:
    members = members_of(run(store))
    points = decode_points(members["points.npz"])
    labels = [part["labels"][0] for part in decode_json(members["json"])["parts"]]
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
    assert [part["labels"] for part in record["parts"]] == [[5], [0]]
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
    assert outcome.metrics["dropped_parts"] == outcome.metrics["merged_parts"] == 0
    assert outcome.metrics["parts_with_field"] == 6
    merging = dataclasses.replace(SMALL, max_parts=2, tail="merge")
    found = Shards(merging, store=store).process(Item(uid="table")).metrics
    assert (found["parts"], found["dropped_parts"], found["merged_parts"]) == (2, 0, 5)


def arrays_of(data: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def test_no_setting_moves_what_it_is_not_about(store: Store) -> None:
    whole = members_of(run(store))
    more = FieldOverrides(surface_points=32, near_points=96, volume_points=8)
    other = members_of(run(store, dataclasses.replace(SMALL, field=more)))
    assert other["points.npz"] == whole["points.npz"]
    assert other["field.npz"] != whole["field.npz"]
    points = PointsOverrides(part_points=64, object_points=128, sharp_points=16, box_points=8)
    other = members_of(run(store, dataclasses.replace(SMALL, points=points)))
    assert other["field.npz"] == whole["field.npz"]
    before, after = arrays_of(whole["points.npz"]), arrays_of(other["points.npz"])
    for name, array in before.items():
        np.testing.assert_array_equal(after[name], array)
    assert decode_json(other["json"])["shape"] == decode_json(whole["json"])["shape"]


def test_the_json_says_which_parts_have_a_field(tmp_path: Path) -> None:
    labels = np.repeat(np.arange(6, dtype=np.int32), 12)
    labels[60:70] = -1  # two faces of the top are left, a sheet
    store = Store(str(tmp_path))
    write_object(store, "table", make_object(face_labels=labels))
    members = members_of(run(store))
    field, arrays = decode_json(members["json"])["field"], arrays_of(members["field.npz"])
    assert field["truncation"] == 0.1
    assert len(field["parts"]) == 6
    row = arrays["part_row"]
    assert [sign in ("closed", "winding", "proxy") for sign in field["parts"]] == (
        row >= 0
    ).tolist()
    opened = [5 in part["labels"] for part in decode_json(members["json"])["parts"]].index(True)
    assert row[opened] == -1
    assert field["parts"].count("closed") == 5
    assert sorted(row[row >= 0]) == list(range(5))
    assert len(arrays["part_near"]) == 5


def test_without_points_there_is_no_field(store: Store) -> None:
    none = FieldOverrides(surface_points=0, near_points=0, volume_points=0)
    members = members_of(run(store, dataclasses.replace(SMALL, field=none)))
    assert "field.npz" not in members
    record = decode_json(members["json"])
    assert record["field"] is None and record["statistics"]["field"] is None


@pytest.mark.parametrize("preset", list(PRESETS))
def test_nothing_in_a_sample_is_nan(store: Store, preset: PresetName) -> None:
    renders = make_renders(len(TABLE), passes=["part"], grid=True)
    write_object(store, "table", dataclasses.replace(make_object(), renders=renders))
    config = ShardsConfig(preset=preset, points=SMALL.points)
    members = members_of(run(store, config))
    for name, data in members.items():
        if name.endswith(".npz"):
            for array in arrays_of(data).values():
                assert np.isfinite(array).all()
    assert members_of(run(store, config)) == members


def test_a_merged_tail_is_the_last_part(store: Store) -> None:
    config = dataclasses.replace(SMALL, max_parts=3, tail="merge")
    members = members_of(run(store, config))
    record = decode_json(members["json"])
    assert [part["labels"] for part in record["parts"]] == [[5], [0], [2, 1, 3, 4]]
    assert record["parts"][2]["name"] == "rest"
    assert record["cameras"]["part02"]["frames"] == []
    assert "part02.00.webp" not in members and "part01.00.webp" in members
    points = decode_points(members["points.npz"])
    assert len(points.part_surface) == 3
    expected = np.float32([(-1, -0.6, -0.5), (1, 0.6, 0.5)])
    np.testing.assert_array_equal(points.part_box[2], expected)


def test_a_sample_may_do_without_views(store: Store) -> None:
    members = members_of(run(store, dataclasses.replace(SMALL, views=0, part_views=0)))
    assert set(members) == {"json", "points.npz", "field.npz", "mesh.npz"}
    table = decode_json(members["json"])["cameras"]["object"]
    assert table["frames"] == [] and (table["w"], table["h"]) == (SIZE, SIZE)


def test_copart_is_the_default(store: Store) -> None:
    members = members_of(run(store, ShardsConfig()))
    archives = sorted(name for name in members if name.endswith("npz"))
    assert archives == ["field.npz", "mesh.npz", "points.npz"]
    assert {name.split(".")[0] for name in members if name.endswith("webp")} == {
        "object", "boxes", *(f"part{index:02d}" for index in range(6)),
    }  # fmt: skip
    assert decode_points(members["points.npz"]).part_surface.shape == (6, 4096, 6)


def test_autopartgen_gives_the_mask_of_each_part_in_each_view(store: Store) -> None:
    renders = make_renders(len(TABLE), passes=["part"])
    write_object(store, "table", dataclasses.replace(make_object(), renders=renders))
    config = ShardsConfig(preset="autopartgen", points=SMALL.points, max_parts=4)
    members = members_of(run(store, config))
    assert sorted(name for name in members if name.endswith("webp")) == sorted(
        f"object.{view:02d}{kind}.webp" for view in range(4) for kind in ("", ".parts")
    )
    record = decode_json(members["json"])
    for view, frame in enumerate(record["cameras"]["object"]["frames"]):
        numbers = decode_image(members[frame["parts_file_path"]])[..., 0]
        labels = part_pixels(len(TABLE), view)
        for part in record["parts"]:
            expected = np.isin(labels, part["labels"])
            np.testing.assert_array_equal(numbers == part["index"] + 1, expected)
        np.testing.assert_array_equal(numbers == 0, labels < 0)


def test_partgen_gives_grids(store: Store) -> None:
    renders = make_renders(
        len(TABLE), passes=["part"], grid=True, flawed={"part_00": [2], "part_03": range(4)}
    )
    write_object(store, "table", dataclasses.replace(make_object(), renders=renders))
    members = members_of(run(store, ShardsConfig(preset="partgen", points=SMALL.points)))
    record = decode_json(members["json"])
    whole = {part["index"] for part in record["parts"] if part["labels"] not in ([0], [3])}
    assert {name for name in members if name.endswith("webp")} == {
        "object.grid.webp", "object.grid.parts.webp",
        *(f"part{index:02d}.grid.webp" for index in whole),
    }  # fmt: skip
    table = record["cameras"]["part00.grid"]
    assert table["file_path"] == "part00.grid.webp" and len(table["frames"]) == 4
    cell = decode_image(members["part00.grid.webp"])[SIZE + 5, SIZE + 5]  # row 1, column 1: view 3
    assert np.abs(cell.astype(int) - view_color(5, 3)).max() <= 6


def test_trellis_gives_voxels_and_all_views(store: Store) -> None:
    members = members_of(run(store, ShardsConfig(preset="trellis", points=SMALL.points)))
    assert sorted(name for name in members if name.endswith("webp")) == [
        f"object.{view:02d}.webp" for view in range(VIEWS)
    ]
    grid = arrays_of(members["grid.npz"])
    assert grid["occupied"].dtype == np.uint8 and grid["occupied"].max() < 64
    assert len(grid["visible"]) == len(grid["part"]) == len(grid["occupied"]) > 100
    # The top, part 0 of the sample, spans the object's width.
    top = grid["occupied"][grid["part"] == 0]
    assert (top[:, 0].min(), top[:, 0].max()) == (0, 63)
    assert "field.npz" not in members


@pytest.mark.parametrize(
    ("changes", "lacking", "expected"),
    [
        ({"preset": "autopartgen"}, {}, r"no pass `part` of the object.*preset autopartgen or"),
        ({"preset": "partgen"}, {}, r"grid of the object's views, no grid of any part's views"),
        (
            {"preset": "partgen"},
            {"grid": True},
            r"grid of the object's pass `part`; .*--render\.preset partgen,",
        ),
        ({"passes": ("normal",)}, {"passes": ["part"]}, "no pass `normal` of the object"),
        ({}, {"folders": {"object": -1}}, "no views of parts; .* preview or partverse"),
    ],
)
def test_renders_without_what_is_wanted_fail(
    store: Store, changes: dict[str, Any], lacking: dict[str, Any], expected: str
) -> None:
    renders = make_renders(len(TABLE), **lacking)
    write_object(store, "table", dataclasses.replace(make_object(), renders=renders))
    with pytest.raises(Failed, match=f"not_rendered: .*{expected}"):
        run(store, ShardsConfig(points=SMALL.points, **changes))


def test_an_object_whose_grid_is_flawed_is_rejected(store: Store) -> None:
    renders = make_renders(len(TABLE), passes=["part"], grid=True, flawed={"object": [1]})
    write_object(store, "table", dataclasses.replace(make_object(), renders=renders))
    with pytest.raises(Rejected, match=r"flawed_grid: .*\(dark\)"):
        run(store, ShardsConfig(preset="partgen", points=SMALL.points))


def render(store: Store, preset: PresetName) -> Renders:
    """Let the render stage take the first pictures that suffice, but small and few."""
    first, *others = RENDER_PRESETS[PRESETS[preset].renders[0]].rigs  # type: ignore[index]
    rigs = (replace(first, views=4, size=64), *(replace(rig, size=64) for rig in others))
    stage = Render(RenderConfig(rigs=rigs), store=store)
    stage.open()
    store.write_all(sorted(stage.process(Item(uid="table")).files.items()))
    return Renders(store.read("renders/ta/table.zip"))


@pytest.mark.parametrize("preset", list(PRESETS))
def test_every_preset_takes_what_the_render_stage_makes(store: Store, preset: PresetName) -> None:
    render(store, preset)
    members = members_of(run(store, ShardsConfig(preset=preset, points=SMALL.points)))
    tables = decode_json(members["json"])["cameras"].values()
    named = {
        path
        for table in tables
        for holder in (table, *table["frames"])
        for key, path in holder.items()
        if key.endswith("file_path")
    }
    pictures = {name for name in members if name.endswith("webp") and "boxes" not in name}
    assert named == pictures
    assert any(name.startswith("object") for name in pictures)


def test_pictures_of_parts_are_the_masks_that_the_render_stage_cuts_with(store: Store) -> None:
    renders = render(store, "autopartgen")
    members = members_of(run(store, ShardsConfig(preset="autopartgen", points=SMALL.points)))
    record = decode_json(members["json"])
    for frame in record["cameras"]["object"]["frames"]:
        numbers = decode_image(members[frame["parts_file_path"]])[..., 0]
        assert len(np.unique(numbers)) > 4
        for part in record["parts"]:
            cut = renders.image(f"part_{part['labels'][0]:02d}", frame["view"])
            np.testing.assert_array_equal(numbers == part["index"] + 1, cut[..., 3] > 0)


def test_webdataset_reads_a_sample_without_code_of_ours(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "train-000000.tar"
    path.write_bytes(run(store))
    (sample,) = webdataset.WebDataset(str(path), shardshuffle=False).decode("rgba8")
    assert sample["__key__"] == "table"
    assert sample["json"]["part_count"] == 6
    image = sample["object.00.webp"]
    assert image.shape == (SIZE, SIZE, 4)
    assert (image[5, 5, 3], image[-5, 5, 3]) == (255, 0)
    assert sample["points.npz"]["part_surface"].shape == (6, 64, 6)
    assert sample["field.npz"]["part_near"].shape == (6, 64, 4)


def test_arrays_come_before_pictures(store: Store) -> None:
    tar = run(store)
    names = list(members_of(tar))
    assert names[0] == "json"
    kinds = [name.endswith(".npz") for name in names[1:]]
    assert any(kinds) and kinds == sorted(kinds, reverse=True)
