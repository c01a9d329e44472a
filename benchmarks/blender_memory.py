"""Blender's memory over many objects, for none of which it is started afresh.

`python -m benchmarks.blender_memory [OBJECTS]`
"""

from __future__ import annotations

import io
import sys

import numpy as np
import trimesh
from PIL import Image as PillowImage

from partworks.artifacts.parts import Parts
from partworks.geometry.cameras import ring
from partworks.geometry.mesh import Image, Material, Mesh, MeshNode, TextureRef
from render.blender.backend import BlenderBackend
from render.config import BlenderConfig
from render.rigs import Rig
from render.subject import WHOLE, Subject

OBJECTS = 200
REPORTED = (10, 20, 50, 100, 200, 500, 1000)
SETTLED = 20
"""After so many objects Blender has all that it loads once."""


def ball(subdivisions: int, *, texels: int, glass: bool, seed: int) -> Mesh:
    """Two balls, one in a noisy texture of its own, the other bare or of glass."""
    generator = np.random.default_rng(seed)
    buffer = io.BytesIO()
    noise = generator.integers(0, 256, (texels, texels, 3), np.uint8)
    PillowImage.fromarray(noise).save(buffer, "PNG", compress_level=1)
    round_ = trimesh.creation.icosphere(subdivisions=subdivisions, radius=0.5)
    nodes = [
        MeshNode(
            vertices=(round_.vertices + np.array((side, 0, 0))).astype(np.float32),
            faces=round_.faces.astype(np.int32),
            uv=round_.vertices[:, :2].astype(np.float32),
            normals=round_.vertices.astype(np.float32),
            material=material,
        )
        for side, material in ((-0.5, 0), (0.5, 1))
    ]
    pale = Material(base_color=(1, 1, 1, 0.5), alpha_mode="BLEND" if glass else "OPAQUE")
    return Mesh(
        nodes=tuple(nodes),
        materials=(Material(base_color_texture=TextureRef(image=0)), pale),
        images=(Image(data=buffer.getvalue(), mime="image/png"),),
    )


def render(backend: BlenderBackend, mesh: Mesh) -> None:
    """Two views of the object and one of each part."""
    parts = Parts(
        face_labels=mesh.face_node,
        part_names=("left", "right"),
        source="auto",
        geometry_hash=mesh.geometry_hash,
    )
    subjects = [
        Subject(
            folder=f"subject {part}",
            rig=Rig(),
            part=part,
            faces=np.ones(mesh.face_count, bool) if part == WHOLE else mesh.face_node == part,
            cameras=ring(2 if part == WHOLE else 1, size=128),
            center=np.zeros(3),
            scale=1.0,
        )
        for part in (WHOLE, 0, 1)
    ]
    assert sum(1 for _ in backend.photograph(mesh, parts, subjects)) == 4


def main(objects: int) -> None:
    """Print the child's resident memory, and how it grew since it settled."""
    meshes = [
        ball(3, texels=256, glass=False, seed=0),
        ball(5, texels=1024, glass=False, seed=1),
        ball(4, texels=512, glass=True, seed=2),
    ]
    config = BlenderConfig(samples=4, restart_after=0)
    backend = BlenderBackend(config, lighting="area", layers=8, seed=0)
    settled = last = 0
    for done in range(1, objects + 1):
        render(backend, meshes[done % len(meshes)])
        last = backend.keeper.process.resident
        if done == SETTLED:
            settled = last
        if done in REPORTED or done == objects:
            print(f"after {done} objects: {last / 2**20:.0f} MiB", flush=True)
    assert backend.keeper.starts == 1
    backend.close()
    if settled:
        print(f"after {objects} objects / after {SETTLED}: {last / settled:.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else OBJECTS)
