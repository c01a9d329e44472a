"""`python -m train sample --config C --layout chair.json --output out`: boxes and texts to parts.

A layout is JSON or URDF; `--data ROOT --key KEY` takes boxes and captions from a training set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from jsonargparse import ArgumentParser, Namespace
from jsonargparse.typing import PositiveInt

from partworks.errors import UsageError
from shards.reader import ShardIndex
from train.commands.generating import add_arguments, instantiated, run_tasks
from train.quiet import silence
from train.sampling.generation import Task
from train.sampling.layout import Layout
from train.sampling.reading import layout_of_object, read_layouts


def main(arguments: Sequence[str]) -> int:
    """Sample the layouts that are asked for."""
    silence()
    parser = ArgumentParser(prog="python -m train sample", description=__doc__)
    add_arguments(parser)
    parser.add_argument("--layout", type=list[str], default=[], help="files, JSON or URDF")
    parser.add_argument("--key", type=list[str], default=[], help="objects of --data")
    parser.add_argument("--samples", type=PositiveInt, default=1, help="of each layout")
    given = instantiated(parser, arguments)
    tasks = [
        Task(layout=sample) for layout in _layouts(given) for sample in _samples(layout, given)
    ]
    return run_tasks(given, given.generator, tasks=tasks)


def _layouts(given: Namespace) -> list[Layout]:
    if bool(given.key) != (given.data is not None):
        raise UsageError("--data and --key belong together: a training set, and keys of objects")
    layouts = [layout for path in given.layout for layout in read_layouts(Path(path))]
    if given.key:
        index = ShardIndex(given.data)
        layouts += [layout_of_object(index, key, captions=given.captions) for key in given.key]
    if not layouts:
        raise UsageError("nothing to sample: give --layout FILE, or --data ROOT and --key KEY")
    return layouts


def _samples(layout: Layout, given: Namespace) -> list[Layout]:
    """The layout under as many names: noise hangs on the name."""
    if given.samples == 1:
        return [layout]
    return [replace(layout, name=f"{layout.name[:56]}-{number}") for number in range(given.samples)]
