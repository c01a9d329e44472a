"""Keeps a Blender at hand: starts it, and starts it afresh when it ended, aged or grew."""

from __future__ import annotations

import contextlib
import resource
from collections.abc import Iterator

from partworks.errors import Failed
from render.blender.command import BlenderStartError, make_command
from render.blender.process import BlenderProcess
from render.blender.server.messages import OLDEST, TOO_NEW, Hello
from render.config import BlenderConfig

FULL = 0.75
"""The share of its memory above which Blender is not given another object."""


class Keeper:
    """The process for the object at work, and when it is time for another.

    Attributes:
        hello: what Blender said of itself.
        process: the one that runs; a new one after an object at which it ended.
        starts: how often Blender was started.
    """

    def __init__(self, config: BlenderConfig) -> None:
        _check_room(config.memory_mb)
        self._config = config
        self._command = make_command(config.executable)
        self._objects = 0
        self._at_work = False
        self.starts = 0
        self.process, self.hello = self._opened()

    @contextlib.contextmanager
    def object(self) -> Iterator[None]:
        """The time of one object: Blender runs when it begins, and is cleared or ended after."""
        assert not self._at_work, "one object at a time: finish or close the iterator before"
        self._at_work = True
        try:
            self._prepare()
            yield
        finally:
            self._at_work = False
            self._objects += 1
            self._tidy()

    def close(self) -> None:
        """End Blender."""
        if self.process.alive:
            self.process.close()

    def _prepare(self) -> None:
        aged = 0 < self._config.restart_after <= self._objects
        if self.process.alive and not aged:
            return
        self.close()
        try:
            self.process, self.hello = self._opened()
        except BlenderStartError as error:
            # It has started before, so that this is no mistake of the settings.
            raise Failed("blender_crashed", str(error)) from error

    def _tidy(self) -> None:
        """Clear the scene; a Blender that cannot, or is too large, ends: the object is done."""
        if not self.process.alive:
            return
        try:
            self.process.call(
                "clear", deadline_s=self._config.view_deadline_s, what="clearing the scene"
            )
        except Failed:
            self.close()
        if self.process.resident > FULL * (self._config.memory_mb << 20):
            self.close()

    def _opened(self) -> tuple[BlenderProcess, Hello]:
        process = BlenderProcess(self._command, memory_mb=self._config.memory_mb)
        self.starts += 1
        self._objects = 0
        try:
            hello: Hello = process.call(
                "open",
                deadline_s=self._config.start_deadline_s,
                what="starting",
                device=self._config.device,
            )
            _check_version(hello["version"])
        except Failed as error:
            process.close()
            raise BlenderStartError(
                f"Blender cannot be used. {error.message}\n{error.stderr}\nInstall the bpy module "
                "(4.5), or set `blender.executable` to the path of Blender's program."
            ) from error
        except BlenderStartError:
            process.close()
            raise
        return process, hello


def _check_version(version: str) -> None:
    found = tuple(int(number) for number in version.split(".")[:2])
    if not OLDEST <= found < TOO_NEW:
        oldest, new = (".".join(map(str, each)) for each in (OLDEST, TOO_NEW))
        raise BlenderStartError(
            f"Blender {version} cannot be used: it must be {oldest} or later and before {new}. "
            "Set `blender.executable` to such a program, or leave it empty for the bpy module."
        )


def _check_room(memory_mb: int) -> None:
    """Blender inherits this process' limit, and would crash where it should be ended."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_DATA)
    if allowed != resource.RLIM_INFINITY and allowed < memory_mb << 20:
        raise BlenderStartError(
            f"Blender may use {memory_mb} MiB (`blender.memory_mb`), but a worker of this stage "
            f"has only {allowed >> 20} MiB; raise `resources.render.memory_mb`, or lower that."
        )
