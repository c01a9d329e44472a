"""Which data module a call of the command line has: the one that its model was made for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

import lightning
import yaml

from train.data import PartDataModule

_MODEL = ("--model", "--model.class_path")
_CONFIG = "--config"


def data_module_for(arguments: Sequence[str]) -> type[lightning.LightningDataModule]:
    """The attribute `data_module` of the model's class, the loaders of parts where it has none.

    The parser has to know the data module before it has read the arguments, so they are looked
    through for the model here; whatever is wrong with them is left for the parser to say.
    """
    for class_path in reversed(list(_class_paths(arguments))):
        module_name, _, name = class_path.rpartition(".")
        if not module_name.startswith("train."):
            continue
        try:
            model = getattr(import_module(module_name), name, None)
        except ModuleNotFoundError:
            continue
        chosen = getattr(model, "data_module", PartDataModule)
        assert issubclass(chosen, lightning.LightningDataModule)
        return chosen
    return PartDataModule


def _class_paths(arguments: Sequence[str]) -> Iterator[str]:
    """Class paths of models, in the order that they are given; the last one counts."""
    words = iter(arguments)
    for word in words:
        name, equals, value = word.partition("=")
        if name not in (*_MODEL, _CONFIG):
            continue
        if not equals:
            value = next(words, "")
        if name != _CONFIG:
            yield value
        elif (found := _in_file(Path(value))) is not None:
            yield found


def _in_file(path: Path) -> str | None:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return None
    model = content.get("model") if isinstance(content, dict) else None
    if isinstance(model, dict):
        model = model.get("class_path")
    return model if isinstance(model, str) else None
