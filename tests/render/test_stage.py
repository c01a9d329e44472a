from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import binary_erosion

from partworks import layout
from partworks.artifacts.parts import Parts
from partworks.artifacts.renders import Renders
from partworks.errors import Failed, Rejected
from partworks.geometry.cameras import read_transforms
from partworks.geometry.glb import read_glb
from partworks.records import Item, Outcome
from partworks.store import Store
from render.checks import REASONS
from render.config import RasterConfig, RenderConfig
from render.rigs import PASSES, Rig
from render.stage import Render
from tests.render.scenes import board, decode, parts_of, put, tower
from tests.shared_assets import requires_shared, shared

RIGS = (
    Rig(views=8, size=64, passes=("depth", "normal", "part")),
    Rig(target="parts", views=2, size=64),
)
CONFIG = RenderConfig(rigs=RIGS)


def process(store: Store, config: RenderConfig = CONFIG, *, seed: int = 0) -> Outcome:
    stage = Render(config, store=store, seed=seed)
    stage.open()
    return stage.process(Item(uid="tower"))


def zip_of(outcome: Outcome) -> bytes:
    (path,) = outcome.files
    assert path == layout.renders("tower")
    return outcome.files[path]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return put(tmp_path, "tower", *tower())


def test_the_zip_holds_all_that_the_artefact_promises(store: Store) -> None:
    renders = Renders(zip_of(process(store)))
    folders = {"object": 8, "part_00": 2, "part_01": 2, "part_02": 2}
    expected = {"overlap.json", "checks.json"}
    for folder, views in folders.items():
        expected |= {f"{folder}/transforms.json", *(f"{folder}/{v:03d}.png" for v in range(views))}
        assert renders.views(folder) == [f"{folder}/{v:03d}.png" for v in range(views)]
    channels = ("depth", "normal", "part")
    expected |= {f"object/{v:03d}.{channel}.png" for v in range(8) for channel in channels}
    assert set(renders.names) == expected
    for name in renders.names:
        if name.endswith(".png"):
            shape = decode(renders.read(name)).shape
            assert shape[:2] == (64, 64)
            assert shape[2:] == ((4,) if name.count(".") == 1 else (3,) if "normal" in name else ())


def test_overlap_counts_what_is_seen_of_each_part(store: Store) -> None:
    renders = Renders(zip_of(process(store)))
    assert renders.backend == "raster"
    slab, block, core = renders.overlap
    for view in range(8):
        image = decode(renders.read(f"object/{view:03d}.part.png"))
        assert slab.pixels[view] == (image == 1).sum()
        assert block.pixels[view] == (image == 2).sum()
    assert core.pixels == (0,) * 8 and core.best_view == -1 and core.box == (-1, -1, -1, -1)
    x0, y0, x1, y1 = block.box
    best = decode(renders.read(f"object/{block.best_view:03d}.part.png")) == 2
    assert best[y0:y1, x0:x1].sum() == best.sum() == max(block.pixels)


def test_colour_and_passes_fit_together(store: Store) -> None:
    renders = Renders(zip_of(process(store)))
    for view in range(8):
        color = decode(renders.read(f"object/{view:03d}.png"))
        part = decode(renders.read(f"object/{view:03d}.part.png"))
        for label, channel in ((1, 0), (2, 1)):  # a red slab and a green block
            inside = binary_erosion(part == label, np.ones((3, 3)))
            assert inside.sum() > 100
            assert (color[inside][:, :3].argmax(axis=1) == channel).all()
            assert (color[inside][:, 3] == 255).all()


def test_the_cameras_project_the_object_into_its_depth(store: Store) -> None:
    renders = Renders(zip_of(process(store)))
    mesh = read_glb(store.read(layout.object_glb("tower")))
    table = renders.transforms("object")
    corner = mesh.vertices[mesh.vertices @ np.float32([0, 1, 0]) > 0.9]  # the top of the block
    for view, camera in enumerate(read_transforms(table)):
        depth = decode(renders.read(f"object/{view:03d}.depth.png")) * table["depth_scale"]
        x, y, z = camera.project(corner.mean(axis=0, keepdims=True))[0]
        assert depth[int(y), int(x)] == pytest.approx(z, rel=0.05)


def test_a_parts_table_has_its_normalisation(store: Store) -> None:
    renders = Renders(zip_of(process(store)))
    table = renders.transforms("part_01")
    np.testing.assert_allclose(table["center"], [0, 0.25, 0], atol=1e-6)
    assert table["scale"] == pytest.approx(0.75)
    block = (np.array([[-0.5, -0.5, -0.5], [0.5, 1.0, 0.5]]) - table["center"]) / table["scale"]
    for view, camera in enumerate(read_transforms(table)):
        alpha = decode(renders.read(f"part_01/{view:03d}.png"))[..., 3]
        corners = np.array(np.meshgrid(*block.T)).reshape(3, -1).T
        pixel = camera.project(corners)[:, :2]
        rows, columns = np.nonzero(alpha > 127)
        np.testing.assert_allclose(pixel.min(axis=0), [columns.min(), rows.min()], atol=1.1)
        np.testing.assert_allclose(pixel.max(axis=0), [columns.max() + 1, rows.max() + 1], atol=1.1)


def test_metrics_count_views_and_flaws(store: Store) -> None:
    outcome = process(store)
    assert outcome.metrics == {
        "backend": "raster",
        "preset": "own rigs",
        "views": 14,
        "flawed_views": 0,
        "flaws": "",
        "hidden_parts": 1,
    }


def test_equal_input_gives_equal_bytes(store: Store) -> None:
    first = zip_of(process(store))
    assert first == zip_of(process(store, seed=9))  # a ring has no chance in it
    random = RenderConfig(rigs=tuple(replace(rig, placement="hammersley") for rig in RIGS))
    assert zip_of(process(store, random)) == zip_of(process(store, random))
    assert zip_of(process(store, random)) != zip_of(process(store, random, seed=9))


def test_every_pass_of_every_rig_is_there_and_named_by_its_frame(store: Store) -> None:
    part_passes = tuple(kind for kind in PASSES if kind != "boxes")
    rigs = (
        Rig(views=2, size=32, passes=PASSES, grid=True),
        Rig(name="top", views=1, size=48, elevation=80, passes=("mask",)),
        Rig(target="parts", views=2, size=32, passes=part_passes),
        Rig(
            name="visible",
            target="parts",
            placement="object",
            masked=True,
            size=32,
            passes=part_passes,
            grid=True,
        ),
    )
    config = RenderConfig(rigs=rigs, image="webp", depth="exr")
    renders = Renders(zip_of(process(store, config)))
    folders = {"object", "object_top"}
    folders |= {f"part_{k:02d}{end}" for k in range(3) for end in ("", "_visible")}
    assert set(renders.folders) == folders
    for folder in folders:
        for frame in renders.transforms(folder)["frames"]:
            for key, path in frame.items():
                if key.endswith("file_path"):
                    assert renders.read(path)
    grids = {name for name in renders.names if "/grid" in name}
    assert len(grids) == (1 + len(PASSES)) + 3 * (1 + len(part_passes))


def test_masked_parts_are_what_the_objects_views_show_of_them(store: Store) -> None:
    renders = Renders(zip_of(process(store, RenderConfig(preset="autopartgen", size=64))))
    for view in range(4):
        whole = decode(renders.read(f"object/{view:03d}.png"))
        labels = decode(renders.read(f"object/{view:03d}.part.png")).astype(int)
        total = np.zeros_like(whole, dtype=int)
        for part in range(3):
            mask = decode(renders.read(f"part_{part:02d}/{view:03d}.mask.png")) > 0
            np.testing.assert_array_equal(mask, labels == part + 1)
            picture = decode(renders.read(f"part_{part:02d}/{view:03d}.png"))
            np.testing.assert_array_equal(picture[mask], whole[mask])
            assert not picture[~mask].any()
            total += picture
        seen = (labels > 0) & (labels < 65535)
        np.testing.assert_array_equal(total[seen], whole[seen])
        dropped = labels == 65535
        object_mask = decode(renders.read(f"object/{view:03d}.mask.png")) > 0
        np.testing.assert_array_equal(seen | dropped, object_mask)
        assert seen.any() and dropped.any()


def test_partgen_completes_in_the_same_place_what_is_hidden(store: Store) -> None:
    renders = Renders(zip_of(process(store, RenderConfig(preset="partgen", size=64))))
    whole = decode(renders.read("object/grid.png"))
    assert whole.shape == (128, 128, 4)
    for part in range(3):
        alone = decode(renders.read(f"part_{part:02d}/grid.mask.png")) > 0
        seen = decode(renders.read(f"part_{part:02d}_visible/grid.mask.png")) > 0
        assert alone.shape == (128, 128) and alone.any()
        assert (alone | ~seen).all()  # what is seen of it is a piece of the whole of it
        target = decode(renders.read(f"part_{part:02d}/grid.png"))
        assert (target[..., 3] > 127)[alone].mean() > 0.9
    core = decode(renders.read("part_02_visible/grid.mask.png"))
    assert not core.any()  # it is inside of the block, but has a target all the same
    assert renders.checks("part_02_visible")[0].flaws == ("empty",)


def test_an_invisible_object_is_rejected(tmp_path: Path) -> None:
    mesh = board(alpha_mode="BLEND", alpha=(0, 0, 0, 0))
    store = put(tmp_path, "tower", mesh, parts_of(mesh, np.zeros(2, np.int32), names=("a",)))
    with pytest.raises(Rejected, match="none of the 8 views of tower is fit") as caught:
        process(store)
    assert caught.value.reason == "blank_render"


def test_a_black_object_in_the_dark_is_rejected(tmp_path: Path) -> None:
    mesh = board(factor=(0.001, 0.001, 0.001, 1.0))
    store = put(tmp_path, "tower", mesh, parts_of(mesh, np.zeros(2, np.int32), names=("a",)))
    dark = replace(CONFIG, raster=RasterConfig(shading="unlit"))
    with pytest.raises(Rejected, match="too dark") as caught:
        process(store, dark)
    assert caught.value.reason == "dark_render"
    assert process(store).status == "ok"  # under a lamp it has some gloss


def test_a_magenta_object_is_no_missing_texture(tmp_path: Path) -> None:
    mesh, parts = tower()
    pink = tuple(replace(m, base_color=(1.0, 0.0, 1.0, 1.0)) for m in mesh.materials)
    pink_mesh = replace(mesh, materials=pink)
    store = put(tmp_path, "tower", pink_mesh, replace(parts, geometry_hash=pink_mesh.geometry_hash))
    assert process(store).metrics["flawed_views"] == 0


def test_reasons_are_those_that_the_checks_can_give() -> None:
    assert {reason for reason, _ in REASONS.values()} <= set(Render.reasons)


def test_an_invisible_part_is_only_counted(tmp_path: Path) -> None:
    mesh, parts = tower()
    labels = np.where(parts.face_labels == 2, 3, parts.face_labels).astype(np.int32)
    store = put(tmp_path, "tower", mesh, parts_of(mesh, labels, names=("a", "b", "ghost", "core")))
    outcome = process(store)
    assert outcome.status == "ok"
    assert outcome.metrics["flawed_views"] == 2 and outcome.metrics["flaws"] == "empty 2"
    assert outcome.metrics["hidden_parts"] == 2
    renders = Renders(zip_of(outcome))
    assert renders.sound_views("part_02") == [] and renders.sound_views("part_00") == [0, 1]


def test_parts_of_another_geometry_are_an_error(store: Store) -> None:
    parts = Parts.from_bytes(store.read(layout.parts("tower")))
    store.write(layout.parts("tower"), replace(parts, geometry_hash="0" * 64).to_bytes())
    with pytest.raises(Failed, match="parts of tower were made for geometry 000000") as caught:
        process(store)
    assert caught.value.reason in Render.reasons


@requires_shared
@pytest.mark.parametrize("name", ["flight_helmet", "sports_car"])
def test_real_objects_are_rendered_whole(tmp_path: Path, name: str) -> None:
    mesh = read_glb(shared(f"assets/dev/{name}.glb").read_bytes())
    labels = (np.arange(mesh.face_count) * 3 // mesh.face_count).astype(np.int32)
    store = put(tmp_path, "tower", mesh, parts_of(mesh, labels, names=("a", "b", "c")))
    outcome = process(store)
    renders = Renders(zip_of(outcome))
    assert outcome.metrics["flawed_views"] == 0
    for view in renders.views("object"):
        alpha = decode(renders.read(view))[..., 3]
        assert 0.03 < (alpha > 0).mean() < 0.9
        assert not alpha[0].any() and not alpha[:, -1].any()  # nothing touches the border


@requires_shared
def test_the_texture_of_a_real_object_is_seen(tmp_path: Path) -> None:
    mesh = read_glb(shared("assets/dev/fox.glb").read_bytes())
    parts = parts_of(mesh, np.zeros(mesh.face_count, np.int32), names=("fox",))
    renders = Renders(zip_of(process(put(tmp_path, "tower", mesh, parts))))
    color = decode(renders.read("object/001.png"))
    red, green, blue = color[color[..., 3] == 255][:, :3].mean(axis=0)
    assert red > 1.3 * green > 1.5 * blue  # an orange fox
