"""Renders with Blender in a process of its own: `python -m tests.render.blender_child OUT THREADS`.

Leaves OUT/shots.npz with pictures of the scenes below and OUT/tower.zip, what the stage makes.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from partworks.artifacts.parts import Parts
from partworks.geometry.cameras import Camera, bounding_sphere, ring
from partworks.geometry.glb import read_glb
from partworks.geometry.mesh import Mesh
from partworks.records import Item
from render.backend import Picture
from render.choice import make_backend
from render.config import RenderConfig
from render.stage import Render
from render.subject import Subject
from tests.render.scenes import board, doubled, front, parts_of, put, stacked, tower
from tests.shared_assets import SHARED, shared

YELLOW_BEHIND = {"uv_from": (0.55, 0.55), "uv_to": (0.95, 0.95), "z": -1.0}
STAGE_CONFIG = RenderConfig(backend="blender", size=48, object_views=2, part_views=1, samples=4)


def scenes() -> Mapping[str, tuple[Mesh, Camera]]:
    """Name -> mesh and the camera that looks at it."""
    shades = np.array([[1, 1, 1, 1], [0.1, 0.1, 0.1, 1], [0.1, 0.1, 0.1, 1], [1, 1, 1, 1]])
    boards = {
        "plain": board(),
        "hidden_alpha": board(alpha=(0, 0, 0, 0)),
        "factor": board(factor=(0.1, 1.0, 1.0, 1.0)),
        "vertex_colors": board(colors=shades),
        "mask": stacked(board(alpha_mode="MASK", alpha=(255, 100, 0, 128)), board(**YELLOW_BEHIND)),
        "lost_alpha": board(alpha_mode="MASK", factor=(1, 1, 1, 0)),
        "glass": board(alpha_mode="BLEND", factor=(1, 1, 1, 0.5)),
        "repeat": board(uv_to=(2.0, 2.0)),
        "mirror": board(uv_to=(2.0, 2.0), wrap=("mirror", "mirror")),
        "clamp": board(uv_to=(2.0, 2.0), wrap=("clamp", "clamp")),
        "mixed": board(uv_to=(2.0, 2.0), wrap=("mirror", "clamp")),
        "emission": board(factor=(0, 0, 0, 1), emissive=True),
        "white": board(uv_from=(0.55, 0.55), uv_to=(0.95, 0.95), factor=(1, 1, 1, 1)),
    }
    boards["doubled"] = doubled(board())
    made = {name: (mesh, front()) for name, mesh in boards.items()}
    for name in ("char_knight", "dutch_ship") if SHARED is not None else ():
        mesh = read_glb(shared(f"assets/dev/{name}.glb").read_bytes())
        center, radius = bounding_sphere(mesh.vertices)
        view = ring(1, center=center, radius=radius, size=128, azimuth_offset=0.5)[0]
        made[name] = (mesh, view)
    mesh, _ = tower()
    made["tower"] = (mesh, ring(1, radius=1.8, size=128, azimuth_offset=0.6)[0])
    return made


def shoot(mesh: Mesh, camera: Camera, config: RenderConfig) -> Picture:
    """One picture of the whole mesh."""
    backend = make_backend(config, seed=0)
    parts: Parts = parts_of(mesh, np.zeros(mesh.face_count, np.int32), names=("all",))
    subject = Subject(
        folder="object",
        faces=np.ones(mesh.face_count, bool),
        cameras=(camera,),
        center=np.zeros(3),
        scale=1.0,
    )
    ((_, (picture,)),) = backend.photograph(mesh, parts, [subject])
    return picture


def shoot_halves(config: RenderConfig) -> dict[str, Picture]:
    """A board whose two sides are two parts: the whole and each side alone."""
    mesh = doubled(board())
    parts = parts_of(mesh, np.array([0, 0, 1, 1], np.int32), names=("front", "back"))
    masks = {"object": parts.face_labels >= 0, "part_00": parts.face_labels == 0}
    masks["part_01"] = parts.face_labels == 1
    subjects = [
        Subject(folder=folder, faces=faces, cameras=(front(),), center=np.zeros(3), scale=1.0)
        for folder, faces in masks.items()
    ]
    backend = make_backend(config, seed=0)
    return {
        f"halves_{subject.folder}": pictures[0]
        for subject, pictures in backend.photograph(mesh, parts, subjects)
    }


def main(out: Path, threads: int) -> None:
    config = RenderConfig(backend="blender", samples=4, threads=threads)
    shots = {name: shoot(mesh, camera, config) for name, (mesh, camera) in scenes().items()}
    shots |= shoot_halves(config)
    np.savez(out / "shots.npz", **shots)

    settings = {name: getattr(STAGE_CONFIG, name) for name in STAGE_CONFIG.__dataclass_fields__}
    stage = Render(
        RenderConfig(**{**settings, "threads": threads}),
        store=put(out / "root", "tower", *tower()),
        seed=0,
    )
    stage.open()
    outcome = stage.process(Item(uid="tower"))
    (data,) = outcome.files.values()
    (out / "tower.zip").write_bytes(data)
    (out / "tools.txt").write_text(str(dict(stage.tools())))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
