"""When Blender is started, and what is said when it cannot be."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from partworks.errors import Failed
from render.blender.command import BlenderStartError
from render.blender.keeper import Keeper
from render.config import BlenderConfig
from tests.render.blender import stand_in
from tests.render.blender.programs import program, running


@pytest.fixture
def executable(tmp_path: Path) -> str:
    return running(tmp_path / "blender", stand_in.__name__)


@pytest.fixture
def keeper(executable: str) -> Iterator[Keeper]:
    made = Keeper(BlenderConfig(executable=executable, restart_after=2, memory_mb=512))
    yield made
    made.close()


def do(keeper: Keeper, command: str, **arguments: object) -> object:
    with keeper.object():
        return keeper.process.call(command, deadline_s=30, what="testing", **arguments)


def test_it_starts_at_once_and_again_after_so_many_objects(keeper: Keeper) -> None:
    assert keeper.hello == {"version": "4.5.0", "device": "auto"}
    starts = []
    for value in range(5):
        assert do(keeper, "echo", value=value) == value
        starts.append(keeper.starts)
    assert starts == [1, 1, 2, 2, 3]


def test_zero_never_starts_again(executable: str) -> None:
    keeper = Keeper(BlenderConfig(executable=executable, restart_after=0))
    for value in range(4):
        do(keeper, "echo", value=value)
    assert keeper.starts == 1
    keeper.close()


def test_a_large_one_is_not_given_another_object(keeper: Keeper) -> None:
    do(keeper, "grow", megabytes=400)
    assert not keeper.process.alive
    do(keeper, "echo", value=1)
    assert keeper.starts == 2


def test_the_next_object_finds_a_fresh_one_after_a_crash(keeper: Keeper) -> None:
    with pytest.raises(Failed, match="blender_crashed"):
        do(keeper, "crash")
    assert do(keeper, "echo", value=1) == 1
    assert keeper.starts == 2


def test_an_error_keeps_the_process(keeper: Keeper) -> None:
    with pytest.raises(Failed, match="blender_error"):
        do(keeper, "fail")
    assert do(keeper, "echo", value=1) == 1
    assert keeper.starts == 1


def test_an_object_is_done_even_if_the_scene_cannot_be_cleared(
    executable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAND_IN_CLEAR", "fail")
    keeper = Keeper(BlenderConfig(executable=executable))
    assert do(keeper, "echo", value=1) == 1
    assert not keeper.process.alive


def test_two_objects_at_once_are_a_mistake(keeper: Keeper) -> None:
    with keeper.object(), pytest.raises(AssertionError), keeper.object():
        pass


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(BlenderStartError, match=r"no program nowhere/.*blender\.executable"):
        Keeper(BlenderConfig(executable="nowhere/blender"))


def test_a_program_that_ends_at_once(tmp_path: Path) -> None:
    executable = program(tmp_path / "blender", "echo 'not a blender' >&2; exit 5")
    with pytest.raises(BlenderStartError, match=r"exit status 5(.|\n)*not a blender(.|\n)*Install"):
        Keeper(BlenderConfig(executable=executable))


def test_a_program_without_bpy(tmp_path: Path) -> None:
    executable = running(tmp_path / "blender", f"{stand_in.__name__} broken")
    with pytest.raises(BlenderStartError, match="No module named 'bpy'"):
        Keeper(BlenderConfig(executable=executable))


def test_a_program_that_never_starts(tmp_path: Path) -> None:
    executable = running(tmp_path / "blender", f"{stand_in.__name__} never")
    with pytest.raises(BlenderStartError, match="not done after 1 s while starting"):
        Keeper(BlenderConfig(executable=executable, start_deadline_s=1))


@pytest.mark.parametrize("version", ["3.6.1", "4.1.0", "5.0.0 Beta"])
def test_a_version_that_the_server_does_not_know(
    executable: str, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAND_IN_VERSION", version)
    with pytest.raises(BlenderStartError, match=f"Blender {version} .*4.2 or later"):
        Keeper(BlenderConfig(executable=executable))


def test_one_that_cannot_start_again_costs_the_object_only(tmp_path: Path) -> None:
    executable = running(tmp_path / "blender", stand_in.__name__)
    keeper = Keeper(BlenderConfig(executable=executable, restart_after=1))
    do(keeper, "echo", value=1)
    kept = (tmp_path / "blender").read_text()
    program(tmp_path / "blender", "exit 6")
    with pytest.raises(Failed, match=r"blender_crashed(.|\n)*exit status 6"):
        do(keeper, "echo", value=2)
    (tmp_path / "blender").write_text(kept)
    assert do(keeper, "echo", value=3) == 3
    keeper.close()


def test_a_worker_with_less_room_than_blender_is_told_so(
    executable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (600 << 20, 600 << 20))
    with pytest.raises(BlenderStartError, match=r"has only 600 MiB; raise `resources\.render"):
        Keeper(BlenderConfig(executable=executable, memory_mb=700))
    Keeper(BlenderConfig(executable=executable, memory_mb=512)).close()
