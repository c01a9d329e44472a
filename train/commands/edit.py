"""`python -m train edit --config C --source out/chair --edit wings.json --output edited`.

Parts that the edit does not name stay exactly as they are. The source is a folder that `sample` or
`edit` wrote, or an object of a training set: `--data ROOT --key KEY`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from partworks.errors import UsageError
from shards.reader import ShardIndex
from train.commands.generating import add_arguments, instantiated, run_tasks
from train.quiet import silence
from train.sampling.contexts import latents_of_object
from train.sampling.denoising import Latents
from train.sampling.editing import edit_task, read_edit
from train.sampling.generator import Generator
from train.sampling.layout import Layout
from train.sampling.reading import layout_of_object
from train.sampling.results import read_object


def main(arguments: Sequence[str]) -> int:
    """Edit an object."""
    silence()
    parser = ArgumentParser(prog="python -m train edit", description=__doc__)
    add_arguments(parser)
    parser.add_argument("--source", type=str | None, default=None, help="a folder with an object")
    parser.add_argument("--key", type=str | None, default=None, help="an object of --data")
    parser.add_argument("--edit", type=str, required=True, help="a JSON file, what is to change")
    given = instantiated(parser, arguments)
    edit = read_edit(Path(given.edit))
    layout, latents = _source(given, given.generator)
    check_sizes(latents, given.generator, source=given.source or given.key)
    return run_tasks(given, given.generator, tasks=[edit_task(layout, latents, edit=edit)])


def check_sizes(latents: Latents, generator: Generator, *, source: str) -> None:
    """UsageError unless latents are of the generator's sizes."""
    sizes = generator.sizes
    for name, own, wanted in (
        ("geometry", latents.geometry, sizes.geometry),
        ("image", latents.images, sizes.images),
    ):
        found = None if own is None else tuple(own.shape[1:])
        if found != wanted:
            raise UsageError(
                f"{source} has {name} latents of {found}, but the networks have {wanted}; edit "
                "with those that it was sampled with"
            )


def _source(given: Namespace, generator: Generator) -> tuple[Layout, Latents]:
    if (given.source is None) == (given.key is None) or (given.key is None) != (given.data is None):
        raise UsageError("give either --source FOLDER, or --data ROOT and --key KEY")
    if given.source is not None:
        layout, latents = read_object(Path(given.source))
        return layout, latents.parts
    index = ShardIndex(given.data)
    layout = layout_of_object(index, given.key, captions=given.captions)
    return layout, latents_of_object(generator, index, key=given.key)
