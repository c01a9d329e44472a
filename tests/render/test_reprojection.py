"""A written zip explains itself: depth and cameras give the object's surface, masks its parts.

All that is read here is the zip, in the way of a stranger who knows PNG and NeRF's
`transforms.json`; the object serves only to measure distances.
"""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest
from numpy.typing import NDArray
from PIL import Image

from partworks import layout
from partworks.artifacts.parts import Parts
from partworks.geometry.mesh import Mesh
from partworks.records import Item
from render.config import DepthFormat, RenderConfig
from render.presets import PRESETS, PresetName
from render.rigs import Pass, Rig
from render.stage import Render
from tests.render.real_objects import real_object
from tests.render.scenes import parts_of, put, tower
from tests.shared_assets import requires_shared

DROPPED = 65535
PASSES: tuple[Pass, ...] = ("depth", "face", "part", "mask")
FOUND_WITHIN = 2.5e-4
"""In half the longest side of the object or part: three grey steps of depth at the longest lens."""


class Zip:
    """Arrays of a zip, each found by the path that its `transforms.json` gives."""

    def __init__(self, data: bytes) -> None:
        self._archive = zipfile.ZipFile(io.BytesIO(data))

    @property
    def folders(self) -> list[str]:
        names = [Path(name) for name in self._archive.namelist()]
        return sorted(str(name.parent) for name in names if name.name == "transforms.json")

    def table(self, folder: str) -> dict[str, Any]:
        table: dict[str, Any] = json.loads(self._archive.read(f"{folder}/transforms.json"))
        return table

    def image(self, frame: dict[str, Any], kind: str = "") -> NDArray[Any]:
        path = frame[f"{kind}_file_path" if kind else "file_path"]
        return np.asarray(Image.open(io.BytesIO(self._archive.read(path))))

    def depth(self, folder: str, frame: dict[str, Any]) -> NDArray[Any]:
        """(H, W) planar depth in the folder's frame, 0 where nothing is."""
        grey: NDArray[Any] = self.image(frame, "depth") * self.table(folder)["depth_scale"]
        return grey

    def channels(self, frame: dict[str, Any], kind: str, letters: str) -> NDArray[Any]:
        """(H, W, C) of an EXR."""
        with tempfile.TemporaryDirectory() as folder:
            path = self._archive.extract(frame[f"{kind}_file_path"], folder)
            with OpenEXR.File(path, separate_channels=True) as file:
                found = file.channels()
                return np.stack([found[letter].pixels for letter in letters], axis=-1)

    def faces(self, frame: dict[str, Any]) -> NDArray[np.int64]:
        """(H, W) the face that each pixel sees, -1 for none: 24 bits, the lowest first."""
        face: NDArray[np.int64] = self.image(frame, "face").astype(np.int64) @ [1, 256, 65536] - 1
        return face


def unproject(table: dict[str, Any], frame: dict[str, Any], depth: NDArray[Any]) -> NDArray[Any]:
    """(H, W, 3) points in the object's frame from planar depth, (H, W), in the folder's frame."""
    angle = float({**table, **frame}["camera_angle_x"])
    focal = table["w"] / (2 * np.tan(angle / 2))
    rows, columns = np.indices(depth.shape)
    right = (columns + 0.5 - table["w"] / 2) / focal
    up = (table["h"] / 2 - rows - 0.5) / focal
    local = np.stack([right, up, np.full(depth.shape, -1.0)], axis=-1) * depth[..., None]
    matrix = np.array(frame["transform_matrix"])
    own = local @ matrix[:3, :3].T + matrix[:3, 3]
    points: NDArray[Any] = own * table["scale"] + table["center"]
    return points


def distances(points: NDArray[Any], corners: NDArray[Any]) -> NDArray[np.float64]:
    """(N,) from each point, (N, 3), to its triangle, (N, 3, 3)."""
    lengths = [_to_segment(points, corners[:, k], corners[:, (k + 1) % 3]) for k in range(3)]
    nearest: NDArray[np.float64] = np.min(lengths, axis=0)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    normal = np.cross(first, second)
    length = np.linalg.norm(normal, axis=1)
    flat = length > 0
    unit = normal / np.where(flat, length, 1)[:, None]
    sides = [
        np.einsum(
            "nc,nc->n",
            np.cross(corners[:, (k + 1) % 3] - corners[:, k], points - corners[:, k]),
            unit,
        )
        for k in range(3)
    ]
    above = flat & (np.min(sides, axis=0) >= 0)
    height = np.abs(np.einsum("nc,nc->n", points - corners[:, 0], unit))
    return np.where(above, height, nearest)


def _to_segment(
    points: NDArray[Any], start: NDArray[Any], stop: NDArray[Any]
) -> NDArray[np.float64]:
    along = stop - start
    squared = np.maximum(np.einsum("nc,nc->n", along, along), 1e-30)
    share = np.clip(np.einsum("nc,nc->n", points - start, along) / squared, 0, 1)
    length: NDArray[np.float64] = np.linalg.norm(points - start - share[:, None] * along, axis=1)
    return length


def few_views(preset: PresetName, *, size: int) -> tuple[Rig, ...]:
    """The preset's rigs with at most eight views, and the passes that are read here."""
    return tuple(
        replace(rig, size=size, views=min(rig.views, 8), passes=PASSES, grid=False)
        for rig in PRESETS[preset].rigs
    )


def rendered(
    folder: Path, mesh: Mesh, parts: Parts, rigs: tuple[Rig, ...], *, depth: DepthFormat = "png"
) -> Zip:
    """The zip of the stage."""
    store = put(folder, "object", mesh, parts)
    stage = Render(RenderConfig(rigs=rigs, depth=depth), store=store, seed=3)
    stage.open()
    outcome = stage.process(Item(uid="object"))
    return Zip(outcome.files[layout.renders("object")])


def parted(mesh: Mesh) -> Parts:
    """Three parts of consecutive faces; the last tenth of the faces belongs to none."""
    labels = (np.arange(mesh.face_count) * 10 // (3 * mesh.face_count)).astype(np.int32)
    labels[labels == 3] = -1
    return parts_of(mesh, labels, names=("a", "b", "c"))


def check_surface(made: Zip, mesh: Mesh, parts: Parts) -> None:
    """Every pixel with depth lies on the face that its face pass names."""
    for folder in made.folders:
        table = made.table(folder)
        shown = np.ones(mesh.face_count, bool)
        if folder.startswith("part_"):
            shown = parts.face_labels == int(folder.split("_")[1])
        seen = 0
        for frame in table["frames"]:
            depth = made.depth(folder, frame)
            face, hit = made.faces(frame), depth > 0
            assert (hit == (face >= 0)).all() and (hit == (made.image(frame, "mask") > 0)).all()
            assert shown[face[hit]].all()
            points = unproject(table, frame, depth)[hit]
            away = distances(points, mesh.vertices[mesh.faces[face[hit]]].astype(float))
            assert away.max(initial=0) <= FOUND_WITHIN * table["scale"], (folder, away.max())
            seen += hit.sum()
        assert seen > 0, folder


def check_tiling(made: Zip, parts: Parts, rigs: tuple[Rig, ...]) -> None:
    """In each of the object's views, parts and dropped faces make up what is seen, once each.

    The folders of cut-out parts show just that of them.
    """
    pixels = np.zeros(parts.count + 1, np.int64)
    for view, frame in enumerate(made.table("object")["frames"]):
        label, face = made.image(frame, "part").astype(int), made.faces(frame)
        masks = np.stack([label == value for value in (*range(1, parts.count + 1), DROPPED)])
        assert (masks.sum(axis=0) == (made.image(frame, "mask") > 0)).all()
        expected = np.where(face >= 0, parts.face_labels[face], -2)
        assert (masks == [expected == part for part in (*range(parts.count), -1)]).all()
        pixels += masks.sum(axis=(1, 2))
        for suffix in [rig.suffix for rig in rigs if rig.masked]:
            for part in range(parts.count):
                cut_out = made.table(f"part_{part:02d}{suffix}")["frames"][view]
                assert ((made.image(cut_out, "mask") > 0) == masks[part]).all()
                assert not made.image(cut_out)[~masks[part]].any()
    assert pixels[:-1].sum() and pixels[-1]


@requires_shared
@pytest.mark.parametrize(
    ("name", "preset"),
    [
        ("flight_helmet", "partverse"),
        ("dutch_ship", "trellis-cond"),
        ("fox", "trellis-vae"),
        ("locomotive", "partgen"),
        ("ms_tall_plant", "autopartgen"),
    ],
)
def test_depth_and_cameras_give_the_surface(tmp_path: Path, name: str, preset: PresetName) -> None:
    mesh, rigs = real_object(name), few_views(preset, size=128)
    parts = parted(mesh)
    made = rendered(tmp_path, mesh, parts, rigs)
    check_surface(made, mesh, parts)
    check_tiling(made, parts, rigs)


def test_a_scene_with_dropped_faces_is_tiled(tmp_path: Path) -> None:
    (mesh, parts), rigs = tower(), few_views("partgen", size=64)
    parts = parts_of(mesh, np.minimum(parts.face_labels, 1), names=parts.part_names[:2])
    made = rendered(tmp_path, mesh, parts, rigs)
    check_surface(made, mesh, parts)
    check_tiling(made, parts, rigs)


def test_floating_point_passes_give_the_same_surface_exactly(tmp_path: Path) -> None:
    mesh, parts = tower()
    rigs = few_views("partverse", size=64)
    rigs = tuple(replace(rig, passes=("depth", "face", "position")) for rig in rigs)
    made = rendered(tmp_path, mesh, parts, rigs, depth="exr")
    for folder in made.folders:
        table = made.table(folder)
        for frame in table["frames"]:
            depth = made.channels(frame, "depth", "Z")[..., 0]
            position = made.channels(frame, "position", "XYZ")
            face, hit = made.faces(frame), depth > 0
            assert (hit == (face >= 0)).all() and (hit == np.isfinite(position).all(axis=-1)).all()
            corners = mesh.vertices[mesh.faces[face[hit]]].astype(float)
            given = position[hit] * table["scale"] + table["center"]
            for points, within in ((unproject(table, frame, depth)[hit], 1e-4), (given, 1e-6)):
                assert distances(points, corners).max(initial=0) <= within * table["scale"]
            pixel = 2 * np.tan(table["camera_angle_x"] / 2) / table["w"] * depth[hit]
            apart = np.linalg.norm(unproject(table, frame, depth)[hit] - given, axis=1)
            assert (apart <= 0.01 * pixel * table["scale"]).all()


def test_a_wrong_camera_is_noticed(tmp_path: Path) -> None:
    mesh, parts = tower()
    made = rendered(tmp_path, mesh, parts, few_views("partverse", size=64))
    table = made.table("object")
    depth = made.depth("object", table["frames"][1])
    face = made.faces(table["frames"][1])
    points = unproject(table, table["frames"][2], depth)[face >= 0]
    away = distances(points, mesh.vertices[mesh.faces[face[face >= 0]]].astype(float))
    assert np.median(away) > 0.1
