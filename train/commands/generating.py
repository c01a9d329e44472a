"""What `sample` and `edit` share: their settings, and the way from tasks to files."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from jsonargparse import ArgumentParser, Namespace
from jsonargparse.typing import PositiveInt
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from partworks.errors import UsageError
from train.rendering.choice import choose_renderer
from train.sampling.assembly import Refinement, assemble
from train.sampling.config import SamplingConfig
from train.sampling.generation import Progress as OnStep
from train.sampling.generation import Task, generate
from train.sampling.generator import Generator
from train.sampling.reading import Captions
from train.sampling.results import write_object

DEFAULTS = SamplingConfig()


def add_arguments(parser: ArgumentParser) -> None:
    """Settings that both commands have."""
    add = parser.add_argument
    add("--config", action="config", help="a YAML file of these settings")
    add("--generator", type=Generator, required=True, help="the trained networks, as a class_path")
    add("--refinement", type=Refinement | None, default=None, help="of parts, as a class_path")
    add("--sampling", type=SamplingConfig, default=DEFAULTS)
    add("--output", type=str, required=True, help="a folder; each object gets one of its own there")
    add("--data", type=str | None, default=None, help="a training set to take objects from")
    add("--captions", type=Captions, default="short", help="which of its captions texts are")
    add("--threads", type=PositiveInt | None, default=None, help="CPU threads of torch")


def run_tasks(given: Namespace, generator: Generator, *, tasks: Sequence[Task]) -> int:
    """Sample, decode and write; prints a line per object. The exit code.

    It is 1 where a part of an object has no surface, which its line names.
    """
    names = [task.layout.name for task in tasks]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(
            f"several layouts are called {twice[0]}, and each has a folder of its name; rename one"
        )
    # Files are made on the CPU, wherever the networks are.
    renderer = choose_renderer("auto", torch.device("cpu"))
    settings = {"sampling": asdict(given.sampling)}
    with progress_bar() as on_step:
        latents = generate(generator, tasks, config=given.sampling, progress=on_step)
    empty = 0
    for task, own in zip(tasks, latents, strict=True):
        made = assemble(
            generator,
            task.layout,
            latents=own,
            renderer=renderer,
            refinement=given.refinement,
        )
        folder = Path(given.output) / task.layout.name
        kept = {"kept_parts": [task.layout.parts[row].name for row in task.kept]}
        write_object(folder, made, renderer=renderer, settings={**settings, **kept})
        without = made.empty if generator.sizes.geometry is not None else ()
        empty += len(without)
        note = f", without a surface: {', '.join(without)}" if without else ""
        sys.stdout.write(f"{folder}: {len(made.parts)} parts{note}\n")
    return 1 if empty else 0


def instantiated(parser: ArgumentParser, arguments: Sequence[str]) -> Namespace:
    """The parsed arguments with their objects; torch's threads are set first."""
    parsed = parser.parse_args(list(arguments))
    if parsed.threads is not None:
        torch.set_num_threads(parsed.threads)
    given: Any = parser.instantiate(parsed)
    assert isinstance(given, Namespace)
    return given


@contextmanager
def progress_bar() -> Iterator[OnStep]:
    """A bar on a terminal's standard error; nothing elsewhere."""
    console = Console(stderr=True)
    columns = (
        TextColumn("sampling"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        row = bar.add_task("sampling", total=None)
        yield lambda done, total: bar.update(row, completed=done, total=total)
