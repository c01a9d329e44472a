"""Object roots written by hand: what the stages before this one would leave, small and known."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from partworks import layout
from partworks.artifacts.captions import Caption, Captions
from partworks.artifacts.parts import Parts
from partworks.artifacts.renders import (
    PartOverlap,
    ViewCheck,
    grid_name,
    pack,
    part_folder,
    view_name,
)
from partworks.artifacts.view_images import DROPPED, DROPPED_GREY, NOTHING
from partworks.geometry.cameras import ring, transforms_table
from partworks.geometry.glb import write_glb
from partworks.geometry.mesh import Mesh, MeshNode
from partworks.records import Attempt, Item, Output
from partworks.store import Store
from shards.config import ShardsConfig
from shards.overrides import FieldOverrides, PointsOverrides
from shards.reader import ShardIndex
from shards.stage import Shards

SMALL = ShardsConfig(
    points=PointsOverrides(part_points=64, object_points=128),
    field=FieldOverrides(surface_points=64, near_points=64, volume_points=64),
    views=2,
    part_views=1,
    val_share=0.25,
)
VIEWS = 4
SIZE = 48

Box = tuple[tuple[float, float, float], tuple[float, float, float]]

# A table in [-1, 1]: four legs, a top, and a cup on it; labels are not in the order of a sample.
TABLE: tuple[Box, ...] = (
    ((-1.0, -0.6, -0.5), (-0.9, 0.4, -0.4)),
    ((0.9, -0.6, -0.5), (1.0, 0.4, -0.4)),
    ((-1.0, -0.6, 0.4), (-0.9, 0.4, 0.5)),
    ((0.9, -0.6, 0.4), (1.0, 0.4, 0.5)),
    ((-0.1, 0.5, -0.1), (0.1, 0.6, 0.1)),
    ((-1.0, 0.4, -0.5), (1.0, 0.5, 0.5)),
)
TABLE_NAMES = ("leg", "leg", "leg", "leg", "cup", "top")

_QUADS = np.array(
    [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
)
BOX_FACES = np.concatenate([_QUADS[:, [0, 1, 2]], _QUADS[:, [0, 2, 3]]]).astype(np.int32)


def box_node(box: Box, *, name: str = "") -> MeshNode:
    """A closed box of 8 vertices and 12 faces, wound outwards."""
    low, high = np.asarray(box)
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    vertices = (low + corners * (high - low)).astype(np.float32)
    return MeshNode(vertices=vertices, faces=BOX_FACES, name=name)


@dataclass(frozen=True)
class Made:
    """One object before it is packed."""

    mesh: Mesh
    parts: Parts
    captions: Captions
    renders: bytes


def make_object(
    boxes: Sequence[Box] = TABLE,
    *,
    uid: str = "table",
    names: Sequence[str] | None = None,
    face_labels: NDArray[np.int32] | None = None,
    licence: str = "CC-BY-4.0",
) -> Made:
    """An object of boxes, a part each, with flat pictures for renders."""
    names = tuple(names or TABLE_NAMES[: len(boxes)])
    mesh = Mesh(
        nodes=tuple(box_node(box, name=name) for box, name in zip(boxes, names, strict=True)),
        extras={
            "name": f"the {uid}",
            "source": "made",
            "licence": licence,
            "attribution": f"maker of {uid}",
            "uid": uid,
            "location": f"made:{uid}",
            "to_source": np.diag([2.0, 2.0, 2.0, 1.0]).tolist(),
        },
    )
    labels = np.repeat(np.arange(len(boxes), dtype=np.int32), len(BOX_FACES))
    parts = Parts(
        face_labels=labels if face_labels is None else face_labels,
        part_names=names,
        source="auto",
        geometry_hash=mesh.geometry_hash,
    )
    captions = Captions(
        captioner="template",
        model="",
        prompt_hash="00",
        tokens=0,
        cost=0.0,
        whole=Caption(name=uid, short=f"A {uid}.", long=f"A {uid} made of boxes."),
        parts=tuple(
            Caption(name=name, short=f"A {name}.", long=f"A {name}, number {label}.")
            for label, name in enumerate(names)
        ),
    )
    return Made(mesh, parts, captions, make_renders(len(boxes)))


def view_color(part: int, view: int) -> tuple[int, int, int, int]:
    """The colour of the flat picture that stands for a view; part -1 is the whole object."""
    return (40 * (part + 1) % 256, 50 * view, 100, 255)


def flat_picture(part: int, view: int) -> Image.Image:
    """A flat picture whose lower half is transparent."""
    image = Image.new("RGBA", (SIZE, SIZE))
    image.paste(view_color(part, view), (0, 0, SIZE, SIZE // 2))
    return image


def part_pixels(part_count: int, view: int) -> NDArray[np.int32]:
    """(SIZE, SIZE) int32 labels behind a flat picture: columns that turn with the view."""
    columns = np.arange(SIZE) * (part_count + 1) // SIZE
    labels = (columns + view) % (part_count + 1)
    labels[labels == part_count] = DROPPED
    pixels = np.full((SIZE, SIZE), NOTHING, np.int32)
    pixels[: SIZE // 2] = labels
    return pixels


def depth_steps(view: int) -> NDArray[np.uint16]:
    """(SIZE, SIZE) uint16 steps of depth behind a flat picture, 0 where nothing is."""
    steps = np.zeros((SIZE, SIZE), np.uint16)
    steps[: SIZE // 2] = 1000 * (view + 1) + np.arange(SIZE)
    return steps


def normal_colors(view: int) -> NDArray[np.uint8]:
    """(SIZE, SIZE, 3) uint8 normals behind a flat picture, no two rows alike."""
    colors = np.zeros((SIZE, SIZE, 3), np.uint8)
    colors[: SIZE // 2] = (128, 255, 20 + view)
    colors[: SIZE // 2, :, 0] += np.arange(SIZE // 2, dtype=np.uint8)[:, None]
    return colors


def _pass_pixels(channel: str, part_count: int, view: int) -> NDArray[Any]:
    if channel == "part":
        labels = part_pixels(part_count, view)
        return np.where(labels == DROPPED, DROPPED_GREY, labels + 1).astype(np.uint16)
    return {"depth": depth_steps, "normal": normal_colors}[channel](view)


def _encoded(image: Image.Image, extension: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, extension, lossless=True)
    return buffer.getvalue()


def _grid(cells: Sequence[NDArray[Any]]) -> Image.Image:
    rows = [np.concatenate(cells[row : row + 2], axis=1) for row in (0, 2)]
    return Image.fromarray(np.concatenate(rows))


def make_renders(
    part_count: int,
    *,
    folders: Mapping[str, int] | None = None,
    extension: Literal["png", "webp"] = "png",
    flawed: Mapping[str, Sequence[int]] = {},
    passes: Sequence[str] = (),
    grid: bool = False,
) -> bytes:
    """A renders zip of flat pictures with a ring of cameras, and with paths of depth and masks.

    Args:
        part_count: parts that the overlap knows.
        folders: folder -> part of those that were rendered; `object` and one for each part.
        extension: how the pictures are encoded, without loss.
        flawed: folder -> views that have a flaw.
        passes: of the object's views: `part`, `depth`, `normal`.
        grid: also all views of each folder in one picture, 2 × 2.
    """
    members = {}
    cameras = ring(VIEWS, radius=1.5, size=SIZE)
    if folders is None:
        folders = {"object": -1, **{part_folder(part): part for part in range(part_count)}}
    for folder, part in folders.items():
        paths = [view_name(folder, view, extension=extension) for view in range(VIEWS)]
        table = transforms_table(cameras, paths, depth_scale=0.001)
        pictures = [flat_picture(part, view) for view in range(VIEWS)]
        for view, path in enumerate(paths):
            table["frames"][view]["mask_file_path"] = view_name(folder, view, channel="mask")
            members[path] = _encoded(pictures[view], extension)
        for channel in passes if folder == "object" else ():
            arrays = [_pass_pixels(channel, part_count, view) for view in range(VIEWS)]
            for view, array in enumerate(arrays):
                path = view_name(folder, view, channel=channel)
                table["frames"][view][f"{channel}_file_path"] = path
                members[path] = _encoded(Image.fromarray(array), "png")
            if grid:
                members[grid_name(folder, channel=channel)] = _encoded(_grid(arrays), "png")
        if grid:
            cells = [np.asarray(picture) for picture in pictures]
            members[grid_name(folder, extension=extension)] = _encoded(_grid(cells), extension)
        members[f"{folder}/transforms.json"] = json.dumps(table).encode()
    checks = {
        name: [flat_check(view in flawed.get(name, ())) for view in range(VIEWS)]
        for name in folders
    }
    unseen = PartOverlap(
        pixels=(0,) * VIEWS, shares=(0.0,) * VIEWS, best_view=-1, box=(-1, -1, -1, -1)
    )
    return pack(members, overlap=(unseen,) * part_count, checks=checks, backend="flat")


def flat_check(flawed: bool) -> ViewCheck:
    """What would be said of a flat picture."""
    return ViewCheck(
        coverage=0.5,
        border=0.75,
        spread=0.0,
        magenta=0.0,
        brightness=100.0,
        flaws=("dark",) if flawed else (),
    )


def write_object(store: Store, uid: str, made: Made) -> None:
    """Write what ingest, annotate, render and caption leave."""
    store.write(layout.object_glb(uid), write_glb(made.mesh))
    store.write(layout.parts(uid), made.parts.to_bytes())
    store.write(layout.renders(uid), made.renders)
    store.write(layout.captions(uid), made.captions.to_bytes())


def pack_objects(
    store: Store, uids: Sequence[str], *, config: ShardsConfig = SMALL
) -> list[Attempt]:
    """Run the stage over objects that are in the store; what a ledger would say of them."""
    stage = Shards(config, store=store)
    stage.open()
    done = []
    for uid in sorted(uids):
        outcome = stage.process(Item(uid=uid))
        outputs: tuple[Output, ...] = store.write_all(sorted(outcome.files.items()))
        done.append(
            Attempt(uid=uid, stage="shards", status="ok", fingerprint="made", outputs=outputs)
        )
    return done


def read_size(index: ShardIndex, key: str) -> int:
    """The bytes of a sample's points, for processes that import no more than this module."""
    return len(index.read(key, ["points.npz"])["points.npz"])


def make_root(
    root: str, uids: Sequence[str], *, config: ShardsConfig = SMALL, boxes: Sequence[Box] = TABLE
) -> Store:
    """A root with a training set of tables that differ in size."""
    store = Store(root)
    for index, uid in enumerate(uids):
        squeeze = np.array([1.0, 1.0 - 0.05 * index, 1.0])
        shrunk = [(tuple(low * squeeze), tuple(high * squeeze)) for low, high in np.array(boxes)]
        write_object(store, uid, make_object(shrunk, uid=uid))
    done = pack_objects(store, uids, config=config)
    stage = Shards(config, store=store)
    for path, data in stage.finish(done):
        if data is not None:  # it is there already
            store.write(path, data)
    return store
