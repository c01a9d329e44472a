"""A Blender that dies, hangs or refuses at one object, and the object after it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from partworks.errors import Failed
from partworks.geometry.mesh import Mesh, MeshNode
from render.blender.backend import BlenderBackend
from render.blender.command import BOOTSTRAP
from render.config import BlenderConfig
from tests.render.blender import broken_server
from tests.render.blender.pictures import shoot
from tests.render.blender.programs import like_blender, running
from tests.render.scenes import board, front


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlenderBackend]:
    executable = running(tmp_path_factory.mktemp("fragile") / "blender", broken_server.__name__)
    config = BlenderConfig(
        samples=4, threads=1, device="cpu", executable=executable, view_deadline_s=4.0
    )
    made = BlenderBackend(config, lighting="suns", layers=8, seed=0)
    yield made
    made.close()


@pytest.fixture(scope="module")
def healthy(backend: BlenderBackend) -> bytes:
    """What a Blender shows that nothing has happened to."""
    return shoot(backend, board(), front())[0].tobytes()


def fan(vertices: int) -> Mesh:
    """A disc of so many vertices, all of which faces use."""
    angles = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    rim = np.stack([np.cos(angles), np.sin(angles), np.zeros(vertices)], axis=1)
    faces = [(0, index, index + 1) for index in range(1, vertices - 1)]
    return Mesh(nodes=(MeshNode(vertices=rim.astype("f4"), faces=np.array(faces, np.int32)),))


def failure(backend: BlenderBackend, mesh: Mesh) -> Failed:
    with pytest.raises(Failed) as caught:
        shoot(backend, mesh, front())
    assert "rendering view 0 of object" in caught.value.message
    return caught.value


def test_a_crash_costs_one_object(fragile: BlenderBackend, healthy: bytes) -> None:
    starts = fragile.keeper.starts
    error = failure(fragile, fan(broken_server.CRASHES_AT))
    assert error.reason == "blender_crashed" and "SIGSEGV" in error.message
    assert "broken_server.py" in error.stderr and "in shoot" in error.stderr
    assert shoot(fragile, board(), front())[0].tobytes() == healthy
    assert fragile.keeper.starts == starts + 1


def test_a_hang_costs_one_object(fragile: BlenderBackend, healthy: bytes) -> None:
    starts = fragile.keeper.starts
    error = failure(fragile, fan(broken_server.HANGS_AT))
    assert error.reason == "blender_hung" and "4 s" in error.message
    assert shoot(fragile, board(), front())[0].tobytes() == healthy
    assert fragile.keeper.starts == starts + 1


def test_an_error_costs_one_object_and_no_blender(fragile: BlenderBackend, healthy: bytes) -> None:
    starts = fragile.keeper.starts
    error = failure(fragile, fan(broken_server.FAILS_AT))
    assert error.reason == "blender_error"
    assert "Blender does not like it" in error.message and "Traceback" in error.stderr
    assert shoot(fragile, board(), front())[0].tobytes() == healthy
    assert fragile.keeper.starts in (starts, starts + 1)  # the first time, it is started


def test_a_kill_from_outside_costs_one_object(fragile: BlenderBackend, healthy: bytes) -> None:
    pid = fragile.keeper.process.pid
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(Failed, match="SIGKILL") as caught:
        shoot(fragile, board(), front())
    assert caught.value.reason == "blender_crashed"
    assert shoot(fragile, board(), front())[0].tobytes() == healthy
    assert fragile.keeper.process.pid != pid


def test_what_blender_would_crash_at_is_refused_before(fragile: BlenderBackend) -> None:
    mesh = board()
    wrong = replace(mesh.nodes[0], material=7)
    with pytest.raises(Failed, match="material 7 of 1"):
        shoot(fragile, replace(mesh, nodes=(wrong,)), front())


def test_a_blender_program_gives_the_same_bytes(tmp_path: Path, healthy: bytes) -> None:
    config = BlenderConfig(
        samples=4, threads=1, device="cpu", executable=like_blender(tmp_path / "blender")
    )
    made = BlenderBackend(config, lighting="suns", layers=8, seed=0)
    assert shoot(made, board(), front())[0].tobytes() == healthy
    made.close()


def test_the_bootstrap_file_finds_the_project() -> None:
    """Without site packages there is no `bpy`, but the server itself is found."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(BOOTSTRAP), "--", "0"],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
    )
    assert done.returncode == 1
    assert "No module named 'bpy'" in done.stderr
