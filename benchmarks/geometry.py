"""Reading meshes and finding neighbours, each against trimesh in the same run."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import numpy as np
import trimesh

from partworks.geometry.adjacency import face_adjacency
from partworks.geometry.glb import read_glb, write_glb
from partworks.geometry.mesh import Mesh, MeshNode

REPEATS = 5


def best(function: Callable[[], object]) -> float:
    """Seconds of the fastest of some calls."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def compare(name: str, ours: Callable[[], object], theirs: Callable[[], object]) -> None:
    """Print both times and their ratio."""
    mine, other = best(ours), best(theirs)
    print(f"{name}: {1000 * mine:.1f} ms, trimesh {1000 * other:.1f} ms, ratio {other / mine:.1f}")


def main() -> None:
    """A sphere of 328k faces: its GLB, and its dual graph."""
    ball = trimesh.creation.icosphere(subdivisions=7)
    vertices, faces = ball.vertices.astype(np.float32), ball.faces.astype(np.int32)
    data = write_glb(Mesh(nodes=(MeshNode(vertices=vertices, faces=faces),)))
    compare(
        f"read a GLB of {len(faces)} faces",
        lambda: read_glb(data).faces,
        lambda: trimesh.load_scene(io.BytesIO(data), file_type="glb", process=False),
    )
    compare(
        f"adjacency and angles of {len(faces)} faces",
        lambda: face_adjacency(vertices, faces),
        lambda: trimesh.Trimesh(vertices, faces, process=False).face_adjacency_angles,
    )


if __name__ == "__main__":
    main()
