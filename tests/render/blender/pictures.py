"""Scenes of which one knows what Blender must show, and how to take their pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.cameras import Camera, bounding_sphere, ring
from partworks.geometry.glb import read_glb
from partworks.geometry.mesh import Mesh
from render.backend import Backend, Picture
from render.rigs import Rig
from render.subject import WHOLE, Subject
from tests.render.scenes import board, doubled, front, parts_of, stacked, tower
from tests.shared_assets import SHARED, shared

YELLOW_BEHIND = {"uv_from": (0.55, 0.55), "uv_to": (0.95, 0.95), "z": -1.0}


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


def subject(
    faces: NDArray[np.bool_],
    cameras: Sequence[Camera],
    *,
    part: int = WHOLE,
    center: tuple[float, float, float] = (0.0, 0.0, 0.0),
    scale: float = 1.0,
) -> Subject:
    """A subject of a rig that does not matter."""
    return Subject(
        folder="object" if part == WHOLE else f"part_{part:02d}",
        rig=Rig(),
        part=part,
        faces=faces,
        cameras=tuple(cameras),
        center=np.array(center, float),
        scale=scale,
    )


def shoot(backend: Backend, mesh: Mesh, *cameras: Camera) -> list[Picture]:
    """Pictures of the whole mesh."""
    parts = parts_of(mesh, np.zeros(mesh.face_count, np.int32), names=("all",))
    whole = subject(np.ones(mesh.face_count, bool), cameras)
    return [shot.picture for shot in backend.photograph(mesh, parts, [whole])]


def shoot_halves(backend: Backend) -> dict[str, Picture]:
    """A board whose two sides are two parts: the whole and each side alone."""
    mesh = doubled(board())
    parts = parts_of(mesh, np.array([0, 0, 1, 1], np.int32), names=("front", "back"))
    subjects = [subject(np.ones(4, bool), [front()])]
    subjects += [subject(parts.face_labels == part, [front()], part=part) for part in (0, 1)]
    shots = backend.photograph(mesh, parts, subjects)
    return {f"halves_{shot.subject.folder}": shot.picture for shot in shots}
